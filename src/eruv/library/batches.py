"""A table of the catalogue in pieces: a library may have millions of rows."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

ROWS = 1_000_000


def batches(table: Any, columns: Sequence[str], rows: int = ROWS) -> Iterator[pa.Table]:
    """Some columns of a LanceDB table, in the order of its rows, so many at once at most."""
    query = table.search().select(list(columns)).limit(table.count_rows())
    for batch in query.to_batches(rows):
        for start in range(0, batch.num_rows, rows):
            yield pa.Table.from_batches([batch.slice(start, rows)])
