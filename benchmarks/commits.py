"""What a commit of an ingest and a compaction cost as the catalogue grows.

    python benchmarks/commits.py --to DIR [--videos 1000 10000 100000 1000000]

Thirty segments a video, rows made up. Commits are those of `eruv ingest`, 64 videos each, with a
compaction after each sixteenth.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from catalogue_scale import made_source, made_video, make
from eruv.library.catalogue import Library
from eruv.library.compaction import COMMITS
from eruv.library.ingest import COMMIT_VIDEOS
from pages import DOCS, write_page

SEGMENTS = 30
COMPACTIONS = 3


def measured(folder: Path, videos: int) -> dict[str, float]:
    """Median seconds of a commit and of a compaction, in a catalogue of so many videos."""
    make(folder, videos, videos * SEGMENTS)
    library = Library(folder)
    number = len(library.video_ids())
    commits, compactions = [], []
    for _ in range(COMPACTIONS):
        for _ in range(COMMITS):
            rows = [
                (made_video(one, SEGMENTS), made_source(one))
                for one in range(number, number + COMMIT_VIDEOS)
            ]
            number += COMMIT_VIDEOS
            started = time.monotonic()
            library.commit(rows, [])
            commits.append(time.monotonic() - started)
        started = time.monotonic()
        library.compact()
        compactions.append(time.monotonic() - started)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {
        "videos": videos,
        "commit_s": median(commits),
        "slowest_commit_s": max(commits),
        "compaction_s": median(compactions),
        "bytes": size,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each size and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--to", type=Path, required=True, help="folder for the catalogues")
    parser.add_argument("--videos", type=int, nargs="+", default=[1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args(arguments)
    results: list[dict[str, Any]] = []
    for videos in options.videos:
        results.append(measured(options.to / str(videos), videos))
        print(results[-1], flush=True)
    lines = [
        "# Commits as the catalogue grows",
        "",
        "    python benchmarks/commits.py --to DIR",
        "",
        f"{SEGMENTS} segments a video, rows made up. A commit adds {COMMIT_VIDEOS} videos with "
        f"their segments, proxies and files; each {COMMITS}th is followed by a compaction. "
        f"Medians of {COMPACTIONS * COMMITS} commits and {COMPACTIONS} compactions.",
        "",
        "| videos there | commit | slowest | compaction | catalogue |",
        "|---|---|---|---|---|",
    ]
    for one in results:
        lines.append(
            f"| {one['videos']:,} | {1000 * one['commit_s']:.0f} ms "
            f"| {1000 * one['slowest_commit_s']:.0f} ms | {one['compaction_s']:.1f} s "
            f"| {one['bytes'] / 1e6:,.0f} MB |"
        )
    write_page(options.docs, "commits", lines, results)


if __name__ == "__main__":
    main()
