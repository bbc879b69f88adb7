"""Rules of the layout: few modules at the root, small files, tests found by name."""

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

# A test module that says so tests other modules as well: of its package, or PACKAGE/MODULE.
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
def test_a_module_has_tests_that_its_name_leads_to(module: Path) -> None:
    own = own_tests(module)
    if has_functions(module) and not own.is_file():
        assert own in covered(), (
            f"write {own.relative_to(TESTS.parent)}, or name the module after 'Covers also:' in "
            "the docstring of the test module that tests it"
        )


def test_what_tests_cover_exists_and_has_no_test_module_of_its_own() -> None:
    assert covered() <= {own_tests(module) for module in MODULES}
    assert not [path for path in covered() if path.is_file()]


def own_tests(module: Path) -> Path:
    """tests/media/test_video.py for media/video.py; a package is tested under its own name."""
    relative = module.relative_to(SOURCES)
    stem = relative.parent.name if relative.name == "__init__.py" else relative.stem
    folder = relative.parent.parent if relative.name == "__init__.py" else relative.parent
    return TESTS / folder / f"test_{stem}.py"


@cache
def covered() -> frozenset[Path]:
    """Test modules that need not exist, because others say that they cover the same."""
    found = set()
    for tests in TESTS.rglob("test_*.py"):
        docstring = ast.get_docstring(ast.parse(tests.read_text())) or ""
        for names in COVERS.findall(" ".join(docstring.split())):
            for one in names.split(", "):
                folder, _, stem = one.rpartition("/")
                found.add((TESTS / folder if folder else tests.parent) / f"test_{stem}.py")
    return frozenset(found)


def has_functions(module: Path) -> bool:
    """Whether there is code to test, and not names, constants and types alone."""
    tree = ast.parse(module.read_text())
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))
