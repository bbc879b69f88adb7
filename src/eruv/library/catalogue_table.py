"""The tables of a catalogue, whose errors say what is wrong and what to do."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa

from eruv.library.lance_wrapper import Act, LanceWrapper
from eruv.library.retrying import RetryingLance
from eruv.library.table_errors import read_errors, write_errors
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable
from eruv.utils.storage.connection import lance_options
from eruv.utils.storage.remote_path import is_remote

BATCH_ROWS = 1_000_000
# Readers may still hold a version this old, so younger ones are not removed.
KEPT_VERSIONS = timedelta(minutes=10)


class CatalogueTable(LanceWrapper):
    """A LanceDB table whose calls, and those of its queries, raise an `EruvError` if they fail.

    Args:
        inner: the table.
        folder: of the catalogue.
        name: of the table.
    """

    def __init__(self, inner: Any, folder: Path, name: str) -> None:
        super().__init__(inner, self._explained)
        self._folder, self._name = folder, name

    def _explained(self, act: Act) -> Any:
        with read_errors(self._folder, self._name):
            return act()

    def batches(self, columns: Sequence[str], rows: int = BATCH_ROWS) -> Iterator[pa.Table]:
        """Some columns, in the order of the rows, in batches of at most `rows`."""
        query = self.search().select(list(columns)).limit(self.count_rows())
        with read_errors(self._folder, self._name):
            for batch in query.to_batches(rows):
                for start in range(0, batch.num_rows, rows):
                    yield pa.Table.from_batches([batch.slice(start, rows)])

    def add(self, rows: pa.Table) -> None:
        """Append rows."""
        with write_errors(self._folder.parent):
            self._inner.add(rows)

    def compact(self) -> None:
        """Merge the small files that commits leave, and drop versions that nobody reads."""
        with write_errors(self._folder.parent):
            self._inner.optimize(cleanup_older_than=KEPT_VERSIONS)


def connect(folder: Path) -> Any:
    """The database in a folder, or on object storage with the usual environment's credentials.

    Raises:
        EruvError: if LanceDB cannot take the folder's name.
    """
    try:
        if is_remote(folder):
            return RetryingLance(
                lancedb.connect(str(folder), storage_options=lance_options(folder))
            )
        return lancedb.connect(folder)
    except ValueError as error:
        raise EruvError(
            f"the name of the folder {printable(folder.parent)} has characters that LanceDB "
            f"cannot take. Choose a plainer name."
        ) from error


def open_or_create(database: Any, folder: Path, name: str, schema: pa.Schema) -> CatalogueTable:
    """Open a table of a catalogue, or create it where it is missing or was never finished.

    A disk that fills up while a table is created leaves a folder of its name without rows.

    Args:
        database: connected.
        folder: of the catalogue.
        name, schema: of the table.

    Raises:
        EruvError: if the table has rows that cannot be opened, or cannot be created.
    """
    with read_errors(folder, name):
        try:
            return CatalogueTable(database.open_table(name), folder, name)
        except ValueError:  # missing, or never finished
            if any((folder / f"{name}.lance").glob("data/*")):
                raise
    with write_errors(folder.parent):
        created = database.create_table(name, schema=schema, exist_ok=True)
    return CatalogueTable(created, folder, name)
