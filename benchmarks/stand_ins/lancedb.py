"""What the catalogue needs of LanceDB, on Parquet files: for machines that cannot install it.

`gpu_library.py` writes the files beside the real tables, and `gpu.py` puts this folder on the
path where LanceDB is missing. For one process at a time, and for small libraries.
"""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


class Table:
    """One table, in memory and in its file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = pq.read_table(path)

    @property
    def schema(self) -> pa.Schema:
        return self.rows.schema

    def to_arrow(self) -> pa.Table:
        return self.rows

    def count_rows(self) -> int:
        return self.rows.num_rows

    def add(self, rows: pa.Table | Sequence[dict[str, Any]]) -> None:
        if not isinstance(rows, pa.Table):
            rows = pa.Table.from_pylist(list(rows), self.schema)
        self.rows = pa.concat_tables([self.rows, rows.cast(self.schema)])
        pq.write_table(self.rows, self.path)

    def optimize(self, **ignored: Any) -> None:
        """Nothing: there is one file."""


class Database:
    """A folder of tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list_tables(self) -> SimpleNamespace:
        return SimpleNamespace(tables=[path.stem for path in self.folder.glob("*.parquet")])

    def open_table(self, name: str) -> Table:
        return Table(self.folder / f"{name}.parquet")

    def create_table(self, name: str, *, schema: pa.Schema, exist_ok: bool = False) -> Table:
        path = self.folder / f"{name}.parquet"
        if not (exist_ok and path.exists()):
            self.folder.mkdir(parents=True, exist_ok=True)
            pq.write_table(schema.empty_table(), path)
        return Table(path)


def connect(folder: Path | str) -> Database:
    """The tables of a folder."""
    return Database(Path(folder))
