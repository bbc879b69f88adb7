"""What the tests of data sets share: trees of empty files, and official split files if present."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

# Public data that the project does not ship: beside the checkout, or where the variable says.
SHARED = Path(os.environ.get("ERUV_SHARED", Path(__file__).parents[3] / "shared"))

Plant = Callable[[Path, Iterable[str]], Path]
WriteLists = Callable[[Path, dict[str, str]], Path]


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """The function that finds a folder of public data, or skips the test."""

    def find(name: str) -> Path:
        if not (SHARED / name).is_dir():
            pytest.skip(f"needs {name} in ../shared, or in the folder that ERUV_SHARED names")
        return SHARED / name

    return find


@pytest.fixture(scope="session")
def plant() -> Plant:
    """The function that makes empty files of these names below a folder."""

    def make(folder: Path, names: Iterable[str]) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return folder

    return make


@pytest.fixture(scope="session")
def write_lists() -> WriteLists:
    """The function that writes text files as they are, line ends included."""

    def make(folder: Path, texts: dict[str, str]) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_bytes(text.encode())
        return folder

    return make
