"""A catalogue of a million videos and thirty million segments: time and memory of what opens it.

    python benchmarks/catalogue_scale.py --to DIR [--videos 1000000] [--segments 30000000]

The rows are made up; each operation runs in a process of its own, whose peak memory is told. The
catalogue in DIR is made once.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from eruv.detection.segments import Segment
from eruv.library.catalogue import Library
from eruv.library.rows import SCHEMAS, FileStamp, Source, source_row, video_row
from eruv.library.video_pass import EditedVideo, EditingSettings
from pages import DOCS, peak_bytes, write_page

VIDEOS, SEGMENTS = 1_000_000, 30_000_000
ROWS = 500_000
SEGMENT_FRAMES, RATE = 48, 25


def open_only(folder: Path) -> None:
    """What every command does first."""
    Library(folder)


def sweep(folder: Path) -> None:
    """The start of an ingest: are there remains of an interrupted one?"""
    assert Library(folder).sweep() == 0


def segment_arrays(folder: Path) -> None:
    """The start of a training: all segments as arrays."""
    from eruv.pretext.segment_arrays import SegmentTable

    SegmentTable.of_library(Library(folder))


def names_of_files(folder: Path) -> None:
    """What an ingest, a search and a report ask: which files are known, and of which videos."""
    Library(folder).paths()


def contents(folder: Path) -> None:
    """The end of an ingest and the start of a report: names and totals."""
    from eruv.library.contents import Contents

    Contents(Library(folder))


def plan_of_embed(folder: Path) -> None:
    """The start of `eruv embed`: windows counted, and those of the first videos listed."""
    from eruv.moments.embed import WINDOWS_IN_MEMORY
    from eruv.moments.windows import COLUMNS, groups_of_videos, windows_of, windows_of_videos

    library = Library(folder)
    counts = windows_of_videos(library.segment_batches(COLUMNS), 1.0)
    first = next(groups_of_videos(counts, WINDOWS_IN_MEMORY))
    windows_of(library.segments(first).to_pylist(), 1.0)


def account_of_check(folder: Path) -> None:
    """`eruv check` but for the proxies: digests and counts of segments."""
    from eruv.library.check import digests_of, segment_counts

    library = Library(folder)
    assert len(digests_of(library)) == len(segment_counts(library))


def shelf_of_page(folder: Path) -> None:
    """The start of `eruv serve`, and a page of videos."""
    from eruv.web.shelf import Shelf

    shelf = Shelf(Library(folder))
    shelf.rows(shelf.found("")[:50])


OPERATIONS: dict[str, Callable[[Path], None]] = {
    "open": open_only,
    "sweep": sweep,
    "names of files": names_of_files,
    "totals (end of an ingest, report)": contents,
    "plan of embed": plan_of_embed,
    "check, without reading proxies": account_of_check,
    "page of videos": shelf_of_page,
    "segment arrays (start of a training)": segment_arrays,
}


def name_of(number: int) -> str:
    """An id like that of a file's bytes."""
    return hashlib.sha256(str(number).encode()).hexdigest()


def made_video(number: int, num_segments: int) -> EditedVideo:
    """A video as a worker describes it: one shot for each segment."""
    ranges = [(SEGMENT_FRAMES * n, SEGMENT_FRAMES * (n + 1)) for n in range(num_segments)]
    seconds = [(start / RATE, end / RATE) for start, end in ranges]
    return EditedVideo(
        video_id=name_of(number),
        width=640,
        height=360,
        frames_per_second=float(RATE),
        num_frames=num_segments * SEGMENT_FRAMES,
        start_s=0.0,
        end_s=num_segments * SEGMENT_FRAMES / RATE,
        shots=ranges,
        shots_s=seconds,
        segments=[Segment(shot, *frames) for shot, frames in enumerate(ranges)],
        segments_s=seconds,
        packets=num_segments * SEGMENT_FRAMES,
        failed_packets=0,
        lost_s=0.0,
        first_failure="",
        proxy_bytes=10_000,
        proxy_sha256=name_of(number),
    )


def made_source(number: int) -> Source:
    """The file of a video."""
    path = Path(f"/films/{number // 1000}/{number}.mp4")
    return Source(path, FileStamp(number, number, number), name_of(number))


def video_parts(videos: int, segments: int) -> Iterator[pa.Table]:
    """Rows of the table `videos`: one shot for each segment."""
    same = video_row(made_video(0, segments // videos))
    schema, rows = SCHEMAS["videos"], ROWS // 10
    for start in range(0, videos, rows):
        count = min(rows, videos - start)
        columns = {
            name: pa.repeat(pa.scalar(one, schema.field(name).type), count)
            for name, one in same.items()
            if name != "video_id"
        }
        columns["video_id"] = pa.array([name_of(start + n) for n in range(count)])
        yield pa.table([columns[name] for name in schema.names], schema=schema)


def segment_parts(videos: int, segments: int) -> Iterator[pa.Table]:
    """Rows of the table `segments`, video after video."""
    each = segments // videos
    shot = np.tile(np.arange(each), ROWS // each)
    start = shot * SEGMENT_FRAMES
    for first in range(0, videos, ROWS // each):
        count = min(ROWS // each, videos - first)
        rows = count * each
        names = pa.array([name_of(first + n) for n in range(count)])
        columns = [
            names.take(pa.array(np.repeat(np.arange(count), each))),
            pa.array(shot[:rows].astype(np.int32)),
            pa.array(start[:rows]),
            pa.array(start[:rows] + SEGMENT_FRAMES),
            pa.array(start[:rows] / RATE),
            pa.array((start[:rows] + SEGMENT_FRAMES) / RATE),
        ]
        yield pa.table(columns, schema=SCHEMAS["segments"])


def digest_parts(videos: int, segments: int) -> Iterator[pa.Table]:
    """Rows of the table `proxies`."""
    schema = SCHEMAS["proxies"]
    for start in range(0, videos, ROWS):
        names = [name_of(number) for number in range(start, min(start + ROWS, videos))]
        yield pa.table([names, pa.array([10_000] * len(names)), names], schema=schema)


def source_parts(videos: int, segments: int) -> Iterator[pa.Table]:
    """Rows of the table `sources`: one file for each video."""
    for start in range(0, videos, ROWS):
        numbers = range(start, min(start + ROWS, videos))
        sources = [source_row(made_source(number)) for number in numbers]
        yield pa.Table.from_pylist(sources, SCHEMAS["sources"])


PARTS = {
    "segments": segment_parts,
    "proxies": digest_parts,
    "videos": video_parts,
    "sources": source_parts,
}


def make(folder: Path, videos: int, segments: int) -> float:
    """Write the catalogue, if it is not there; returns the seconds that it took."""
    done = folder / "made.json"
    if done.exists():
        return float(json.loads(done.read_text())["seconds"])
    started = time.monotonic()
    library = Library.open_or_create(folder, EditingSettings())
    library.add("proxies", [])  # a table that is made with its first rows
    for name, parts in PARTS.items():
        for part in parts(videos, segments):
            library.tables[name].add(part)
    library.compact()
    seconds = time.monotonic() - started
    done.write_text(json.dumps({"seconds": seconds}))
    return seconds


def measured(name: str, folder: Path) -> dict[str, float]:
    """Seconds and peak memory of an operation in a process of its own."""
    command = [sys.executable, __file__, "--to", str(folder), "--run", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the catalogue, measure and write the page; or run one operation."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--videos", type=int, default=VIDEOS)
    parser.add_argument("--segments", type=int, default=SEGMENTS)
    parser.add_argument("--run", choices=OPERATIONS, help=argparse.SUPPRESS)
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args(arguments)
    if options.run:
        started = time.monotonic()
        OPERATIONS[options.run](options.to)
        seconds = time.monotonic() - started
        print(json.dumps({"seconds": seconds, "peak_bytes": peak_bytes()}))
        return
    made = make(options.to, options.videos, options.segments)
    size = sum(path.stat().st_size for path in options.to.rglob("*") if path.is_file())
    results = {name: measured(name, options.to) for name in OPERATIONS}
    lines = [
        "# A large catalogue",
        "",
        "    python benchmarks/catalogue_scale.py --to DIR",
        "",
        f"{options.videos:,} videos, {options.segments:,} segments, rows made up: "
        f"{size / 1e9:.1f} GB, written in {made / 60:.1f} minutes. Each operation in a process of "
        "its own; peak memory with the interpreter and its libraries.",
        "",
        "| operation | seconds | peak memory |",
        "|---|---|---|",
    ]
    for name, one in results.items():
        lines.append(f"| {name} | {one['seconds']:.1f} | {one['peak_bytes'] / 1e6:,.0f} MB |")
    write_page(options.docs, "catalogue_scale", lines, results | {"bytes": size})


if __name__ == "__main__":
    main()
