"""Tables of a catalogue on a disk that may be full or fail: what is wrong, in words for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa

from eruv.library.rows import VECTORS
from eruv.library.steady import STORES, Steady
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable
from eruv.utils.storage.connection import lance_options
from eruv.utils.storage.remote_path import is_remote

_BY_LANCE = "lance error"
_BY_SYSTEM = "os error"
_FULL = f"{_BY_SYSTEM} 28"


def connect(folder: Path) -> Any:
    """The database in a folder, or on object storage with the usual environment's credentials.

    Raises:
        EruvError: if LanceDB cannot take the folder's name.
    """
    try:
        if is_remote(folder):
            return Steady(lancedb.connect(str(folder), storage_options=lance_options(folder)))
        return lancedb.connect(folder)
    except ValueError as error:
        raise EruvError(
            f"the name of the folder {printable(folder.parent)} has characters that LanceDB "
            f"cannot take. Choose a plainer name."
        ) from error


@contextmanager
def catalogue_errors(folder: Path) -> Iterator[None]:
    """Within its block errors of LanceDB's files are those of a user's disk.

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
            f"the catalogue of {printable(folder)} cannot be written: {what}. Mend that, and run "
            f"the same command again: it goes on where it stopped."
        ) from error


@contextmanager
def damage_told(folder: Path, name: str) -> Iterator[None]:
    """Within its block errors of LanceDB are those of a table that cannot be read.

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
                f"{table} cannot be read: {what}. Mend that, and run the same command again."
            ) from error
        raise EruvError(f"{table} is damaged: {what}. {_way_out(folder, name)}") from error


def _is_of_lance(error: Exception) -> bool:
    # A damaged manifest can make its Rust code panic, as a class of the binding that has no module.
    panicked = type(error).__name__ == "RustPanic"
    return panicked or (isinstance(error, RuntimeError) and str(error).startswith(_BY_LANCE))


def _way_out(folder: Path, name: str) -> str:
    if name.startswith(VECTORS):
        return f"Remove {printable(folder / name)}.lance, and make the vectors again: eruv embed."
    return "Put the folder back from a copy, or ingest the videos again into another folder."


def open_or_make(database: Any, folder: Path, name: str, schema: pa.Schema) -> Any:
    """Open a table of a catalogue, or make one where there is none or only the shell of one.

    A disk that was full while a table was made leaves an empty folder of its name.

    Args:
        database: connected.
        folder: of the catalogue.
        name, schema: of the table.

    Raises:
        EruvError: if the table has rows that cannot be opened, or cannot be made.
    """
    with damage_told(folder, name):
        try:
            return database.open_table(name)
        except ValueError:  # there is none, or only its shell
            if any((folder / f"{name}.lance").glob("data/*")):
                raise
    with catalogue_errors(folder.parent):
        return database.create_table(name, schema=schema, exist_ok=True)
