"""The videos, shots, segments and moments of a library as Parquet files, a data set by themselves.

The folder has a card that the Hugging Face `datasets` library reads: each file is a configuration.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from eruv.exports.folder import ExportFolder
from eruv.library.catalogue import Library
from eruv.library.rows import SCHEMAS
from eruv.moments.embedded_by import EmbeddedBy
from eruv.moments.table import VectorTable
from eruv.utils.atomic import replace_text, whole_file

ROWS = 10_000  # in memory at once
VIDEO_COLUMNS = (
    "width", "height", "frames_per_second", "num_frames", "start_s", "end_s", "num_segments"
)  # fmt: skip
SEGMENT = SCHEMAS["segments"]
VIDEOS = pa.schema(
    [
        ("video_id", pa.string()),
        ("name", pa.string()),
        *(SCHEMAS["videos"].field(name) for name in VIDEO_COLUMNS),
    ]
)
CARD = """---
configs:
{configs}---
# A library of videos, cut into shots

Made by `eruv export`. Frames count from 0, intervals are half-open: [start, end). Times are seconds
of the source file. A segment is what a training clip may be drawn from; a moment is a window of 16
frames with the feature of an encoder, of unit length.

```python
import datasets

segments = datasets.load_dataset("this folder", "segments", split="train")
```
"""

Batches = Iterator[pa.Table]


def export_tables(library: Library, folder: ExportFolder, names: dict[str, str]) -> dict[Path, int]:
    """Write videos.parquet, shots.parquet, segments.parquet, and moments*.parquet if there are.

    Args:
        library: whose committed videos are written.
        folder: for the files.
        names: of the videos by id, without folders.

    Returns:
        Rows by file.
    """
    tables: dict[str, tuple[pa.Schema, Callable[[], Batches]]] = {
        "videos": (VIDEOS, lambda: _videos(library, names)),
        "shots": (SEGMENT, lambda: _shots(library, names)),
        "segments": (SEGMENT, lambda: library.segment_batches(SEGMENT.names)),
    }
    for name, vectors in moment_tables(library).items():
        schema, made_by = pa.schema([*SEGMENT, vectors.schema.field("vector")]), vectors.made_by
        tables[name] = (
            schema.with_metadata({"encoder": made_by.weights, "every_s": str(made_by.every_s)}),
            partial(committed, vectors, names, schema.names),
        )
    written = {}
    for name, (schema, rows) in tables.items():
        path = folder.path(f"{name}.parquet")
        written[path] = _write(path, schema, rows())
    configs = "".join(f"- config_name: {name}\n  data_files: {name}.parquet\n" for name in tables)
    replace_text(folder.path("README.md"), CARD.format(configs=configs))
    folder.remove_stale("moments*.parquet")
    return written


def _write(path: Path, schema: pa.Schema, parts: Batches) -> int:
    rows = 0
    with whole_file(path) as unfinished, pq.ParquetWriter(unfinished, schema) as writer:
        for batch in parts:
            writer.write_table(batch.cast(schema))
            rows += batch.num_rows
    return rows


def _videos(library: Library, names: dict[str, str]) -> Batches:
    for batch in library.batches("videos", ["video_id", *VIDEO_COLUMNS], ROWS):
        titles = pa.array([names.get(one, "") for one in batch["video_id"].to_pylist()])
        yield batch.add_column(1, "name", titles)


def _shots(library: Library, names: dict[str, str]) -> Batches:
    for batch in library.batches("videos", ["video_id", "shots", "shots_s"], ROWS):
        rows = [row for video in batch.to_pylist() for row in _shots_of(video)]
        yield pa.Table.from_pylist(rows, SEGMENT)


def _shots_of(video: dict[str, Any]) -> Iterator[dict[str, Any]]:
    frames_and_times = zip(video["shots"], video["shots_s"], strict=True)
    for number, ((start, end), (start_s, end_s)) in enumerate(frames_and_times):
        yield {
            "video_id": video["video_id"],
            "shot": number,
            "start": start,
            "end": end,
            "start_s": start_s,
            "end_s": end_s,
        }


def moment_tables(library: Library) -> dict[str, VectorTable]:
    """Tables of vectors by their names in an export, where the latest is the plain one."""
    made_by = reversed(EmbeddedBy.all_in(library))
    return {
        "moments" if number == 0 else f"moments-{one.key}": VectorTable(library, one)
        for number, one in enumerate(made_by)
    }


def committed(vectors: VectorTable, ids: Container[str], columns: Sequence[str]) -> Batches:
    """Rows of committed videos: those of an interrupted ingest do not count."""
    for batch in vectors.batches(columns, ROWS):
        yield batch.filter(pa.array([one in ids for one in batch["video_id"].to_pylist()]))
