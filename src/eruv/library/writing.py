"""Tables of a catalogue on a disk that may be full or fail: what is wrong, in words for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

_BY_LANCE = "lance error"
_FULL = "os error 28"


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
    except RuntimeError as error:
        words = str(error)
        if not words.startswith(_BY_LANCE):
            raise
        what = "its disk is full" if _FULL in words else words.split(", /")[0]
        raise EruvError(
            f"the catalogue of {printable(folder)} cannot be written: {what}. Mend that, and run "
            f"the same command again: it goes on where it stopped."
        ) from error


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
    if name in database.list_tables().tables:
        try:
            return database.open_table(name)
        except ValueError as error:
            if any((folder / f"{name}.lance").glob("data/*")):
                raise EruvError(
                    f"the table {name} in {printable(folder)} is damaged: {error}. Put the folder "
                    f"back from a copy, or ingest the videos again into another folder."
                ) from error
    with catalogue_errors(folder.parent):
        return database.create_table(name, schema=schema, exist_ok=True)
