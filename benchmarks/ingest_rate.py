"""How fast one core ingests films of two sizes, and what they weigh.

    python benchmarks/ingest_rate.py --videos DIR --to DIR [--rounds 3]

The films are those of `benchmarks/shot_speed.py`, joined from pictures of the videos in DIR.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from pages import DOCS, write_page
from shot_speed import speed_films

HEIGHTS = (240, 720)


def measured(films: Sequence[Path], folder: Path) -> dict[str, float]:
    """One ingest into a new library: frames a second, and bytes of sources and proxies."""
    shutil.rmtree(folder, ignore_errors=True)
    result = ingest(films, folder, workers=1)
    library = Library(folder)
    rows = library.videos()
    proxies = sum(library.proxy_path(row["video_id"]).stat().st_size for row in rows)
    return {
        "frames_per_s": sum(row["num_frames"] for row in rows) / result.seconds,
        "hours": sum(row["end_s"] - row["start_s"] for row in rows) / 3600,
        "source_bytes": sum(path.stat().st_size for path in films),
        "proxy_bytes": proxies,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure in turns and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--videos", type=Path, required=True, help="whose pictures films show")
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args(arguments)
    films = {
        height: speed_films(options.to / "films", options.videos, height, "h264")
        for height in HEIGHTS
    }
    rounds: dict[int, list[dict[str, float]]] = {height: [] for height in HEIGHTS}
    for _ in range(options.rounds):
        for height, paths in films.items():
            rounds[height].append(measured(paths, options.to / "library"))
    results: dict[str, Any] = {}
    for height, found in rounds.items():
        rate = median(one["frames_per_s"] for one in found)
        results[f"{height}p"] = found[0] | {"frames_per_s": rate}
    lines = [
        "# What one core ingests",
        "",
        "    python benchmarks/ingest_rate.py --videos DIR --to DIR",
        "",
        "The whole command with one worker, from its start to its last line: digest, decoding, "
        f"shots, proxies and catalogue; medians of {options.rounds} rounds in turns.",
        "",
        "| films | frames/s | an hour of film takes | sources, MB an hour | proxies, MB an hour |",
        "|---|---|---|---|---|",
    ]
    for name, one in results.items():
        minutes = 25 * 60 / one["frames_per_s"]
        lines.append(
            f"| {name} | {one['frames_per_s']:,.0f} | {minutes:.1f} minutes at 25 frames/s "
            f"| {one['source_bytes'] / one['hours'] / 1e6:,.0f} "
            f"| {one['proxy_bytes'] / one['hours'] / 1e6:,.0f} |"
        )
    write_page(options.docs, "ingest_rate", lines, results)


if __name__ == "__main__":
    main()
