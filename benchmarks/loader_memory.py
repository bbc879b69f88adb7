"""Memory of the loader's workers over tens of thousands of clips.

python benchmarks/loader_memory.py RUN [--clips 50000] [--docs docs/benchmarks]
"""

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil

from eruv.library.catalogue import Library
from eruv.pretext.task import TRAINING
from eruv.training.feasibility import sample_source
from eruv.training.loader import Loader, TrainingBatches
from eruv.training.run_folder import RunFolder
from eruv.training.samples import SampleDataset
from pages import DOCS, write_page

CLIPS = 50_000
BATCH = 8
POINTS = 100
WARM_UP = 0.1  # share of the clips before the slope is taken
MEGABYTE = 1 << 20


def workers_mb() -> float:
    """Memory that the loader's workers have for themselves (USS).

    Not their share of common pages (PSS), which changes when any process with the same libraries
    starts or ends.
    """
    children = psutil.Process().children(recursive=True)
    loaders = [one for one in children if "spawn_main" in " ".join(one.cmdline())]
    return float(sum(one.memory_full_info().uss for one in loaders) / MEGABYTE)


def curve(run: RunFolder, clips: int, workers: int) -> tuple[list[tuple[int, float]], float]:
    """Memory in MB after so many clips, and clips a second."""
    library, config = Library(run.library_folder), run.config
    source = sample_source(run.training_data, library, config, config.seed)
    batches = clips // (BATCH * source.open().task.num_clips)
    loader = Loader(SampleDataset({TRAINING: source}), TrainingBatches(BATCH, 0, batches), workers)
    points, every, started = [], max(1, batches // POINTS), time.perf_counter()
    for number, (read, _) in enumerate(loader, start=1):
        if number % every == 0:
            points.append((number * read.shape[0] * read.shape[1], workers_mb()))
    return points, points[-1][0] / (time.perf_counter() - started)


def slope(points: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Growth in MB per 10,000 clips after the warm-up, and its standard error."""
    kept = np.array(points[int(WARM_UP * len(points)) :])
    clips, memory = kept[:, 0] / 10_000, kept[:, 1]
    (rate, _), covariance = np.polyfit(clips, memory, 1, cov=True)
    return float(rate), float(np.sqrt(covariance[0, 0]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("run", type=Path, help="folder made by eruv pretrain")
    parser.add_argument("--clips", type=int, default=CLIPS)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--docs", type=Path, default=DOCS)
    given = parser.parse_args(arguments)
    run = RunFolder(given.run)
    run = replace(run, folder=run.folder.resolve())
    points, rate = curve(run, given.clips, given.workers)
    growth, error = slope(points)
    lines = [
        "# Memory of loader workers",
        "",
        "    make bench-loader-memory RUN=DIR",
        "",
        f"{points[-1][0]:,} clips read by {given.workers} workers ({rate:,.0f} clips/s together); "
        f"memory of the workers alone (USS): {points[0][1]:.1f} MB at first, "
        f"{points[-1][1]:.1f} MB at the end, at most {max(memory for _, memory in points):.1f} MB. "
        f"After the first tenth it grows by {growth:+.2f} ± {error:.2f} MB in 10,000 clips.",
        "",
        "![Memory over clips](loader_memory.svg)",
    ]
    data = {"points": points, "clips_per_s": rate, "slope": growth, "slope_error": error}
    write_page(given.docs, "loader_memory", lines, data | {"workers": given.workers})
    print("\n".join(lines))


if __name__ == "__main__":
    main()
