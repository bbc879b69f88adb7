"""Rules that keep the house in order: few modules at the root, small files, tests by name."""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SOURCES = TESTS.parent / "src" / "eruv"
MODULES = sorted(SOURCES.rglob("*.py"))

MOST_MODULES_AT_THE_ROOT = 8
MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 60

# A test module whose docstring ends so tests other modules of its room as well, by their names.
COVERS = re.compile(r"Covers also: ([^.]*)\.")


def name(module: Path) -> str:
    return module.relative_to(SOURCES).as_posix()


def test_the_root_has_few_modules() -> None:
    modules = [path.name for path in SOURCES.glob("*.py")]
    assert len(modules) <= MOST_MODULES_AT_THE_ROOT, modules


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_files_and_functions_are_short(module: Path) -> None:
    text = module.read_text()
    assert text.count("\n") <= MOST_LINES_OF_A_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= MOST_LINES_OF_A_FUNCTION, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_files_say_what_they_are_for(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text()))


def test_no_two_classes_have_one_name() -> None:
    homes = defaultdict(list)
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(name(module))
    assert not {one: where for one, where in homes.items() if len(where) > 1}


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_has_its_tests_under_its_name(module: Path) -> None:
    own = own_tests(module)
    covered = own.stem.removeprefix("test_") in covered_in(own.parent)
    assert own.is_file() != covered or not has_functions(module), (
        f"write {own.relative_to(TESTS.parent)}, or name the module after 'Covers also:' in the "
        "docstring of the test module beside it that tests it; not both"
    )


def test_tests_cover_modules_that_exist() -> None:
    for folder in {path.parent for path in TESTS.rglob("test_*.py")}:
        stems = {own_tests(module).stem for module in MODULES if own_tests(module).parent == folder}
        assert {f"test_{name}" for name in covered_in(folder)} <= stems, folder


def own_tests(module: Path) -> Path:
    """tests/media/test_video.py for media/video.py; a package is tested under its own name."""
    relative = module.relative_to(SOURCES)
    stem = relative.parent.name if relative.name == "__init__.py" else relative.stem
    folder = relative.parent.parent if relative.name == "__init__.py" else relative.parent
    return TESTS / folder / f"test_{stem}.py"


@cache
def covered_in(folder: Path) -> frozenset[str]:
    """Modules that the test modules of a folder cover beside those they are called after."""
    docstrings = [ast.get_docstring(ast.parse(path.read_text())) for path in folder.glob("test_*.py")]
    lists = COVERS.findall(" ".join(" ".join(docstring or "" for docstring in docstrings).split()))
    return frozenset(name.strip() for names in lists for name in names.split(","))


def has_functions(module: Path) -> bool:
    """Whether there is code to test, and not names, constants and types alone."""
    tree = ast.parse(module.read_text())
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))
