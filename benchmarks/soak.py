"""Ingest, embed, search and remove in a loop; memory, open files and disk must stay flat.

    python benchmarks/soak.py --work DIR --minutes 60

Each round brings two new films and takes the two oldest away, so that the library keeps its size.
Writes docs/benchmarks/soak.json and soak.svg, and the sentence in docs/reliability.md.
"""

import argparse
import json
import logging
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil
from matplotlib.figure import Figure

import eruv
from eruv.clips.spec import ClipSize
from eruv.training.pretrain_config import PretrainConfig, ValidationSettings
from fault_films import make_film
from pages import DOCS, measured_on
from reliability_page import PAGE, replace_part

KEPT_FILMS, NEW_FILMS = 6, 2
MEGABYTE = 1 << 20
WARM_UP = 0.25  # share of the rounds before the slope is taken
TINY = PretrainConfig(
    backbone="r3d",
    width=0.05,
    size=ClipSize(32, 43, 32),
    batch_size=2,
    pairs=4,
    validation=ValidationSettings(pairs_per_relation=1, every_pairs=4, batch_norm_batches=1),
    threads=1,
    loader_workers=0,
)
# What is drawn: title and unit by name.
CURVES = {
    "memory_mb": "resident memory, MB",
    "open_files": "open files and pipes",
    "disk_mb": "library on disk, MB",
    "disk_files": "files of the library",
}
Sample = dict[str, float]


class Soak:
    """A library that is filled and emptied.

    Args:
        work: a folder for all of it.
    """

    def __init__(self, work: Path) -> None:
        self.films, self.library, self.run = work / "films", work / "library", work / "run"
        shutil.rmtree(work, ignore_errors=True)
        self.next = 0
        self.bring(KEPT_FILMS)
        eruv.ingest(self.films, self.library, workers=1)
        eruv.pretrain(self.library, self.run, TINY, device="cpu")
        self.process = psutil.Process()

    def bring(self, number: int) -> None:
        for _ in range(number):
            make_film(self.films / f"{self.next:06d}.mp4", self.next)
            self.next += 1

    def round(self) -> None:
        """Two films come, all are searched, and two films go."""
        self.bring(NEW_FILMS)
        eruv.ingest(self.films, self.library, workers=1)
        eruv.embed(self.library, run=self.run, workers=0, device="cpu")
        newest = sorted(self.films.iterdir())[-1]
        found = eruv.search(self.library, f"{newest}@0.5-2.0", device="cpu").to_dict()
        assert str(newest) in json.dumps(found, default=str), "a film does not find itself"
        oldest = sorted(self.films.iterdir())[:NEW_FILMS]
        eruv.remove(self.library, oldest)
        for path in oldest:
            path.unlink()

    def sample(self) -> Sample:
        """What this process and its library take."""
        files = [path for path in self.library.rglob("*") if path.is_file()]
        return {
            "memory_mb": self.process.memory_info().rss / MEGABYTE,
            "open_files": self.process.num_fds(),
            "disk_mb": sum(path.stat().st_size for path in files) / MEGABYTE,
            "disk_files": len(files),
        }


def slope(minutes: Sequence[float], values: Sequence[float]) -> float:
    """Growth an hour, after the warm-up."""
    first = int(WARM_UP * len(minutes))
    return float(np.polyfit(minutes[first:], values[first:], 1)[0] * 60)


def draw(samples: Sequence[Sample], path: Path) -> None:
    """A curve for each of what is measured, from zero."""
    figure = Figure(figsize=(9, 5), layout="constrained")
    minutes = [one["minute"] for one in samples]
    for (name, title), axes in zip(CURVES.items(), figure.subplots(2, 2).flat, strict=True):
        values = [one[name] for one in samples]
        axes.plot(minutes, values, linewidth=1)
        axes.set(title=title, xlabel="minutes", ylim=(0, 1.15 * max(values)))
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


def write(samples: Sequence[Sample], docs: Path) -> None:
    """Write data, figure, and the sentence of the page."""
    minutes = [one["minute"] for one in samples]
    slopes = {name: slope(minutes, [one[name] for one in samples]) for name in CURVES}
    results = {"rounds": len(samples), "growth_an_hour": slopes, "samples": samples}
    stored = {"measured_on": measured_on(), "results": results}
    (docs / "soak.json").write_text(json.dumps(stored) + "\n")
    draw(samples, docs / "soak.svg")
    first = samples[int(WARM_UP * len(samples))]
    parts = [
        f"{title}: {first[name]:,.0f} after a quarter of the time, {samples[-1][name]:,.0f} at the "
        f"end ({slopes[name]:+.1f} an hour)"
        for name, title in CURVES.items()
    ]
    lines = [
        f"{len(samples):,} rounds in {minutes[-1]:.0f} minutes: {'; '.join(parts)}.",
        "",
        "![Memory, open files and disk over time](benchmarks/soak.svg)",
    ]
    replace_part(PAGE, "soak", lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for films and library")
    parser.add_argument("--minutes", type=float, default=60.0)
    words = parser.parse_args()
    logging.getLogger("eruv").setLevel(logging.WARNING)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    soak, started, samples = Soak(words.work), time.monotonic(), []
    while (minute := (time.monotonic() - started) / 60) < words.minutes:
        soak.round()
        samples.append({"minute": round(minute, 3), **soak.sample()})
        if len(samples) % 10 == 0:
            print(f"{minute:.1f} min, {len(samples)} rounds: {samples[-1]}", flush=True)
            write(samples, DOCS)
    write(samples, DOCS)


if __name__ == "__main__":
    main()
