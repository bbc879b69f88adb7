"""The index of a large table of vectors: built by itself, and extended when windows come."""

import json
from typing import Any

from eruv.library.rows import ENCODERS
from eruv.moments.memory import MOST_IN_MEMORY
from eruv.moments.table import VectorTable
from eruv.utils.atomic import read_record, replace_text
from eruv.utils.console import say

# The index partitions the vectors by their nearest centre, visits some partitions (`PROBES`),
# and stores a byte a number. docs/benchmarks/search_index.md has what other choices cost and find.
ROWS_OF_PARTITION = 1000
SAMPLE_RATE, ITERATIONS = 64, 15
# The centres are found anew once the table has grown by this factor.
OUTGROWN = 3
INDEXED = ("vector", "look")


def refresh_index(table: VectorTable) -> bool:
    """Build or extend the index of a large table; returns whether there is one.

    Columns are done one after another: what was built before an interruption stays. Windows that
    are not in the index yet are searched, too, one by one.
    """
    rows = len(table)
    if rows <= MOST_IN_MEMORY:
        return False
    from lancedb.index import BTree, IvfSq

    path = table.library.folder / ENCODERS / f"{table.made_by.key}.index"
    built: dict[str, Any] = read_record(path) or {}
    for column in INDEXED:
        present = table.table.index_stats(f"{column}_idx") is not None
        if present and rows <= OUTGROWN * built.get(column, 0):
            continue
        say(f"building the index of {rows:,} windows ({column})")
        config = IvfSq(
            distance_type="cosine",
            num_partitions=max(1, rows // ROWS_OF_PARTITION),
            sample_rate=SAMPLE_RATE,
            max_iterations=ITERATIONS,
        )
        table.table.create_index(column, config=config)
        built[column] = rows
        path.parent.mkdir(exist_ok=True)
        replace_text(path, json.dumps(built))
    if table.table.index_stats("video_id_idx") is None:
        table.table.create_index("video_id", config=BTree())
    if any(table.table.index_stats(f"{one}_idx").num_unindexed_rows for one in INDEXED):
        table.compact()
    return True
