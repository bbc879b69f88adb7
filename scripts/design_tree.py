"""Writes the tree of docs/design.md: each package's first sentence, in the order of imports."""

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "src" / "eruv"
PAGE = ROOT / "docs" / "design.md"
BEGIN, END = "<!-- tree: made by `make tree` -->\n", "<!-- end of tree -->\n"


def tree() -> str:
    """The package as an indented list, the highest layer first."""
    lines = [_line(SOURCES / "__init__.py", "__init__.py", 0)]
    for layer in _layers():
        for name in layer:
            lines += _package(name)
    return "\n".join(["    src/eruv/", *lines]) + "\n"


def written() -> str:
    """The tree that the page has now."""
    return _parts(PAGE.read_text())[1].strip("\n") + "\n"


def main() -> None:
    """Put the tree into the page."""
    before, _, after = _parts(PAGE.read_text())
    PAGE.write_text(f"{before}{BEGIN}\n{tree()}\n{END}{after}")


def _parts(text: str) -> tuple[str, str, str]:
    before, _, rest = text.partition(BEGIN)
    inside, _, after = rest.partition(END)
    return before, inside, after


def _layers() -> list[list[str]]:
    """Names of each layer, as the contract of import-linter has them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (layers,) = (one["layers"] for one in settings["contracts"] if one["type"] == "layers")
    return [[name.strip() for name in layer.replace(":", "|").split("|")] for layer in layers]


def _package(name: str) -> list[str]:
    folder = SOURCES / name
    if not folder.is_dir():
        return [_line(folder.with_suffix(".py"), f"{name}.py", 0)]
    inner = sorted(path.parent for path in folder.glob("*/__init__.py"))
    return [
        _line(folder / "__init__.py", f"{name}/", 0),
        *(_line(path / "__init__.py", f"{path.name}/", 1) for path in inner),
    ]


def _line(module: Path, name: str, depth: int) -> str:
    words = ast.get_docstring(ast.parse(module.read_text())) or ""
    sentence = " ".join(words.split("\n\n")[0].split()).removesuffix(".")
    return f"{'  ' * (depth + 3)}{name:<{20 - 2 * depth}}{sentence}"


if __name__ == "__main__":
    main()
