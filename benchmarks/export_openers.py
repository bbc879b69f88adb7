"""Exports opened by the tools that they are for; each runs in an environment without eruv.

    python benchmarks/export_openers.py TOOL EXPORT WORK ANSWER

ANSWER becomes JSON: versions, seconds, and rows by kind. Frames are turned to those of `eruv`,
which count from 0, the end outside; FiftyOne and Label Studio tell a video by the SHA-256 of the
bytes that they find.
"""

import hashlib
import json
import mimetypes
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from export_label_studio import label_studio_rows

Rows = dict[str, list[list[Any]]]  # by kind: video_id, start, end, and what else is compared
TABLES = ("shots", "segments", "moments")
COLUMNS: dict[str, list[str]] = {"shots": [], "segments": [], "moments": ["vector"]}


def pandas_rows(export: Path, work: Path) -> Rows:
    """Parquet files by pandas, which reads them with pyarrow."""
    import pandas

    found: Rows = {}
    for name in TABLES:
        rows = pandas.read_parquet(export / f"{name}.parquet").to_dict("records")
        found[name] = [_row(row, name) for row in rows]
    return found


def polars_rows(export: Path, work: Path) -> Rows:
    """Parquet files by polars."""
    import polars

    return {
        name: [
            _row(row, name) for row in polars.read_parquet(export / f"{name}.parquet").to_dicts()
        ]
        for name in TABLES
    }


def duckdb_rows(export: Path, work: Path) -> Rows:
    """Parquet files by DuckDB."""
    import duckdb

    found: Rows = {}
    for name in TABLES:
        columns = ["video_id", "start", '"end"', *COLUMNS[name]]
        query = f"select {', '.join(columns)} from read_parquet(?)"
        rows = duckdb.execute(query, [str(export / f"{name}.parquet")]).fetchall()
        found[name] = [[*row[:3], *map(list, row[3:])] for row in rows]
    return found


def datasets_rows(export: Path, work: Path) -> Rows:
    """The folder as a data set of Hugging Face, by its card."""
    import datasets

    def rows(name: str) -> list[dict[str, Any]]:
        return list(
            datasets.load_dataset(str(export), name, split="train", cache_dir=str(work / "cache"))
        )

    return {name: [_row(row, name) for row in rows(name)] for name in TABLES}


def webdataset_rows(export: Path, work: Path) -> Rows:
    """Shards; a sample without a film does not count."""
    import webdataset

    shards = [str(path) for path in sorted(export.glob("segments-*.tar"))]
    samples = webdataset.WebDataset(shards, shardshuffle=False)
    films = [one for one in samples if b"ftyp" in one["mp4"][:16]]
    return {"segments": [_row(json.loads(one["json"]), "segments") for one in films]}


def fiftyone_rows(export: Path, work: Path) -> Rows:
    """Temporal detections, and vectors as FiftyOne's index of similarity gives them back."""
    _let_mongod_start(work)
    shutil.rmtree(work / "db", ignore_errors=True)
    os.environ |= {"FIFTYONE_DATABASE_DIR": str(work / "db"), "FIFTYONE_DO_NOT_TRACK": "true"}
    mimetypes.add_type("video/mp2t", ".ts")
    import fiftyone as fo
    import fiftyone.brain as fob
    import numpy as np
    import pandas as pd

    how = {"dataset_type": fo.types.FiftyOneTemporalDetectionDataset, "data_path": "data.json"}
    videos = fo.Dataset.from_dir(str(export), label_field="shots", **how)
    for name in TABLES[1:]:
        videos.merge_dir(str(export), labels_path=f"{name}.json", label_field=name, **how)
    moments = videos.to_clips("moments")
    vectors = np.stack(pd.read_parquet(export / "moments.parquet")["vector"])
    index = fob.compute_similarity(
        moments, embeddings=vectors[moments.values("moments.row")], brain_key="eruv"
    )
    found: Rows = {name: [] for name in TABLES}
    for video in videos:
        video_id = hashlib.sha256(Path(video.filepath).read_bytes()).hexdigest()
        for name in TABLES[:2]:
            for one in video[name].detections if video[name] else ():
                if one.label != name.removesuffix("s"):
                    raise ValueError(f"a detection of {name} has the label {one.label}")
                found[name].append([video_id, one.support[0] - 1, one.support[1]])
    stored, clip_ids, _ = index.get_embeddings()
    by_clip = dict(zip(clip_ids, stored.tolist(), strict=True))
    for clip in moments:
        video_id = hashlib.sha256(Path(clip.filepath).read_bytes()).hexdigest()
        found["moments"].append([video_id, clip.support[0] - 1, clip.support[1], by_clip[clip.id]])
    return found


def _row(row: dict[str, Any], name: str) -> list[Any]:
    more = [[float(number) for number in row[column]] for column in COLUMNS[name]]
    return [row["video_id"], int(row["start"]), int(row["end"]), *more]


def _let_mongod_start(work: Path) -> None:
    """Lend mongod the OpenSSL 1.1 of another package, where the system has only a later one."""
    packages = Path(sysconfig.get_path("purelib"))
    mongod = packages / "fiftyone" / "db" / "bin" / "mongod"
    if subprocess.run([mongod, "--version"], capture_output=True).returncode == 0:
        return
    for name in ("ssl", "crypto"):
        (library,) = packages.glob(f"psycopg2_binary.libs/lib{name}-*.so.1.1")
        link = work / f"lib{name}.so.1.1"
        link.unlink(missing_ok=True)
        link.symlink_to(library)
    os.environ["LD_LIBRARY_PATH"] = str(work)


OPENERS: dict[str, tuple[Callable[[Path, Path], Rows], tuple[str, ...]]] = {
    "pandas": (pandas_rows, ("pandas", "pyarrow")),
    "polars": (polars_rows, ("polars",)),
    "duckdb": (duckdb_rows, ("duckdb",)),
    "datasets": (datasets_rows, ("datasets",)),
    "webdataset": (webdataset_rows, ("webdataset",)),
    "fiftyone": (fiftyone_rows, ("fiftyone", "fiftyone-brain", "fiftyone-db")),
    "label_studio": (label_studio_rows, ("label-studio", "label-studio-sdk")),
}

if __name__ == "__main__":
    opener, packages = OPENERS[sys.argv[1]]
    export_folder, work_folder, answer_file = map(Path, sys.argv[2:])
    work_folder.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    answer = {
        "rows": opener(export_folder.resolve(), work_folder.resolve()),
        "seconds": time.perf_counter() - started,
        "versions": {name: version(name) for name in packages},
    }
    answer_file.write_text(json.dumps(answer))
