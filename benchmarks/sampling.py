"""Sampling at size: first batch, memory and speed for millions of segments.

python benchmarks/sampling.py --to DIR [--windows FILE] [--docs docs/benchmarks]
"""

import argparse
import csv
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pages import DOCS, write_page
from shot_worker import pss_of_tree

VIDEOS, SEGMENTS = 1_000_000, 30_000_000
SHOTS_PER_VIDEO = 10
BATCH, SAMPLES = 32, 20_000
WORKERS = 2
LONGEST_WINDOW = 300


def generate(folder: Path) -> None:
    """Write a table of a million videos; lengths are drawn, the rest is counted."""
    from eruv.pretext.segment_arrays import Segments, SegmentTable

    rng = np.random.default_rng(0)
    video = np.sort(rng.integers(VIDEOS, size=SEGMENTS))
    video[:VIDEOS] = np.arange(VIDEOS)
    video.sort()
    shot = np.sort(rng.integers(SHOTS_PER_VIDEO, size=SEGMENTS))[np.argsort(rng.random(SEGMENTS))]
    start = rng.integers(100_000, size=SEGMENTS)
    end = start + rng.integers(48, 97, size=SEGMENTS)
    names = [f"{number:064x}" for number in range(VIDEOS)]
    SegmentTable(Segments.group(video, shot, start, end), names).save(folder)


def from_windows(path: Path, folder: Path) -> None:
    """Write the table of UntrimmedNets' windows: `video`, and where its windows start.

    A window ends where the next one starts; the end of a video's last one is not recorded, and it
    counts as the shortest that is a segment. One of the greatest length is followed by a window
    of the same shot.
    """
    from eruv.detection.segments import SegmentSettings
    from eruv.pretext.segment_arrays import Segments, SegmentTable

    shortest = SegmentSettings().minimum
    names, rows = [], []
    with path.open() as file:
        for number, line in enumerate(csv.DictReader(file, delimiter="\t")):
            names.append(line["video"])
            starts = np.array(line["window_starts_1_based"].split(","), np.int64) - 1
            ends = np.append(starts[1:], starts[-1] + shortest)
            continued = np.append(False, np.diff(starts) == LONGEST_WINDOW)
            rows.append((np.full(len(starts), number), np.cumsum(~continued), starts, ends))
    video, shot, start, end = (np.concatenate(column) for column in zip(*rows, strict=True))
    print(f"{len(start):,} windows of {len(names)} videos")
    kept = end - start >= shortest
    segments = Segments.group(video[kept], shot[kept], start[kept], end[kept])
    SegmentTable(segments, names).save(folder)


def worker(folder: Path) -> None:
    """Open a table, draw a batch and then many samples, and wait to be looked at."""
    from eruv.clips.spec import ClipSize
    from eruv.pretext.eruv import RelationTask
    from eruv.pretext.relation_settings import RelationSettings
    from eruv.pretext.segment_arrays import SegmentTable
    from eruv.pretext.task import TRAINING, generator_for

    begun = time.perf_counter()
    table = SegmentTable.load(folder)
    task = RelationTask(table.segments, ClipSize(), RelationSettings())
    for number in range(BATCH):
        task.sample(generator_for(0, TRAINING, 0, number))
    first_batch_s = time.perf_counter() - begun
    begun = time.perf_counter()
    for number in range(SAMPLES):
        task.sample(generator_for(0, TRAINING, 1, number))
    answer = {
        "first_batch_s": first_batch_s,
        "samples_per_s": SAMPLES / (time.perf_counter() - begun),
        "segments": len(table.segments),
        "videos": len(table.video_ids),
        "listed_bytes": sum(
            one.listed.nbytes for one in task.subsets.values() if one.listed is not None
        ),
    }
    print(json.dumps(answer), flush=True)
    sys.stdin.read()


def measure(folder: Path) -> dict[str, Any]:
    """Several workers on one table: the slowest of them, and the memory of all together."""
    command = [sys.executable, __file__, "--worker", str(folder)]
    bare = subprocess.Popen(
        [sys.executable, "-c", "import eruv.pretext.eruv, sys; print(1); sys.stdin.read()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent,
    )
    assert bare.stdout is not None
    bare.stdout.readline()
    bare_bytes = pss_of_tree(bare.pid)
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(WORKERS)
    ]
    answers = [json.loads(one.stdout.readline()) for one in workers if one.stdout is not None]
    together = sum(pss_of_tree(one.pid) for one in workers)
    for one in (bare, *workers):
        one.communicate()
    on_disk = sum(path.stat().st_size for path in folder.iterdir())
    count = answers[0]["segments"]
    return {
        "segments": count,
        "videos": answers[0]["videos"],
        "first_batch_s": max(one["first_batch_s"] for one in answers),
        "samples_per_s": min(one["samples_per_s"] for one in answers),
        "mapped_bytes_per_segment": on_disk / count,
        "listed_bytes_per_segment": answers[0]["listed_bytes"] / count,
        "memory_mb_beyond_imports": (together - WORKERS * bare_bytes) / 1e6,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the catalogues, measure, and write the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--to", type=Path, help="folder for the catalogues")
    parser.add_argument("--windows", type=Path, help="table of real windows")
    parser.add_argument("--docs", type=Path, default=DOCS)
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        worker(given.worker)
        return
    given.to.mkdir(parents=True, exist_ok=True)
    results = []
    for name in ("real", "generated"):
        folder, begun = given.to / name, time.perf_counter()
        if name == "real" and given.windows is None:
            continue
        if not folder.exists():
            generate(folder) if name == "generated" else from_windows(given.windows, folder)
        results.append({"name": name, "build_s": time.perf_counter() - begun, **measure(folder)})
        print(json.dumps(results[-1]), flush=True)
    lines = [
        "# Sampling at size",
        "",
        "    make bench-sampling",
        "",
        f"{WORKERS} processes at once; the slower one's times, the memory of both together. "
        "Building the arrays happens once, at the start of a run.",
        "",
        f"| {' | '.join(results[0])} |",
        "|---" * len(results[0]) + "|",
    ]
    for one in results:
        values = [f"{v:,.3g}" if isinstance(v, float) else f"{v:,}" for v in list(one.values())[1:]]
        lines.append(f"| {one['name']} | {' | '.join(values)} |")
    write_page(given.docs, "sampling", lines, results)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
