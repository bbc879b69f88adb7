"""Errors of LanceDB, in words for the people whose disk is full, fails, or holds damaged tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eruv.library.retrying import STORES
from eruv.library.rows import VECTORS
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

_BY_LANCE = "lance error"
_BY_SYSTEM = "os error"
_FULL = f"{_BY_SYSTEM} 28"


@contextmanager
def write_errors(folder: Path) -> Iterator[None]:
    """Raises errors of LanceDB within its block as those of a catalogue that cannot be written.

    Args:
        folder: of the library.

    Raises:
        EruvError: where the disk is full or fails.
    """
    try:
        yield
    except Exception as error:
        words = str(error)
        if not _is_of_lance(error):
            raise
        what = "its disk is full" if _FULL in words else words.split(", /")[0]
        raise EruvError(
            f"the catalogue of {printable(folder)} cannot be written: {what}. Fix that, and run "
            f"the same command again to continue where it stopped."
        ) from error


@contextmanager
def read_errors(folder: Path, name: str) -> Iterator[None]:
    """Raises errors of LanceDB within its block as those of a table that cannot be read.

    Args:
        folder: of the catalogue.
        name: of the table.

    Raises:
        EruvError: where the table is damaged, or its disk fails.
    """
    try:
        yield
    except Exception as error:
        words = str(error)
        if not (isinstance(error, ValueError) or _is_of_lance(error)):
            raise
        what, table = words.split(", /")[0], f"the table {name} in {printable(folder)}"
        if _BY_SYSTEM in words or any(name in words for name in STORES):
            raise EruvError(
                f"{table} cannot be read: {what}. Fix that, and run the same command again."
            ) from error
        raise EruvError(f"{table} is damaged: {what}. {_remedy(folder, name)}") from error


def _is_of_lance(error: Exception) -> bool:
    # A damaged manifest can make its Rust code panic, as a class of the binding that has no module.
    panicked = type(error).__name__ == "RustPanic"
    return panicked or (isinstance(error, RuntimeError) and str(error).startswith(_BY_LANCE))


def _remedy(folder: Path, name: str) -> str:
    if name.startswith(VECTORS):
        return f"Remove {printable(folder / name)}.lance, and make the vectors again: eruv embed."
    return "Put the folder back from a copy, or ingest the videos again into another folder."
