"""How fast a library is embedded, beside a loop that only decodes and runs the network.

    python benchmarks/embed_rate.py LIBRARY [--every-s 1.0] [--rounds 3] [--recipe demo]

The encoder is that of a recipe, untrained; the demo's is small, so that reading weighs most. The
plain loop reads batches of 16 windows with a clip reader and runs the network on them, in one
process, and keeps the vectors. `eruv.embed` also chooses the windows, describes looks and motion,
and writes the table, whole videos at a time; a thread reads its clips while the network computes.
Both use the same cores; rounds take turns. Seconds of the processor include those of all processes.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import torch

import eruv
from eruv.clips.reader import ClipReader
from eruv.library.catalogue import Library
from eruv.models.encoder import Encoder
from eruv.models.saving import size_arguments
from eruv.moments.vector_maker import CLIPS_AT_ONCE
from eruv.moments.windows import windows_of
from eruv.training.device import available_cores, keep_pages
from pages import DOCS, ratio_of_rounds, write_page


@dataclass(frozen=True)
class Round:
    """Windows a second, and seconds of the processor, of both."""

    plain_rate: float
    embed_rate: float
    plain_cpu_s: float
    embed_cpu_s: float


def plain_loop(library: Library, encoder: Encoder, every_s: float) -> int:
    """Read and run, and nothing else."""
    segments = library.segments().sort_by([("video_id", "ascending"), ("start", "ascending")])
    windows = windows_of(segments.to_pylist(), every_s)
    ids = sorted({window.video_id for window in windows})
    numbers = {name: number for number, name in enumerate(ids)}
    paths = [library.proxy_path(name) for name in ids]
    reader = ClipReader(paths, library.settings.proxy, encoder.size)
    at_once, kept = CLIPS_AT_ONCE["cpu"], []
    network = encoder.ready("cpu")
    for at in range(0, len(windows), at_once):
        batch = windows[at : at + at_once]
        specs = [one.spec(numbers[one.video_id], encoder.size) for one in batch]
        kept.append(network.vectors(torch.from_numpy(reader.read_all(specs))))
    reader.close()
    return sum(map(len, kept))


def timed(work: Callable[[], int]) -> tuple[float, float]:
    """Windows a second, and seconds of the processor of this process and those that it ended."""
    before, started = os.times(), time.monotonic()
    windows = work()
    seconds, after = time.monotonic() - started, os.times()
    return windows / seconds, sum(after[:4]) - sum(before[:4])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("--every-s", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--recipe", default="demo", help="whose encoder, untrained")
    parser.add_argument("--docs", type=Path, default=DOCS)
    arguments = parser.parse_args()
    keep_pages()
    config = eruv.recipe(arguments.recipe)
    encoder = Encoder(
        config.backbone, config.width, **size_arguments(config.size), input=config.input
    ).eval()
    library, rounds = Library(arguments.library), []
    with tempfile.TemporaryDirectory() as folder:
        encoder.save_pretrained(Path(folder) / "run")
        for number in range(arguments.rounds):
            plain = timed(lambda: plain_loop(library, encoder, arguments.every_s))
            copy = Path(folder) / f"library-{number}"
            shutil.copytree(arguments.library, copy)

            def embed(copy: Path = copy) -> int:
                run = Path(folder) / "run"
                every_s = arguments.every_s
                return eruv.embed(copy, run=run, every_s=every_s, device="cpu").new_windows

            whole = timed(embed)
            shutil.rmtree(copy)
            rounds.append(Round(plain[0], whole[0], plain[1], whole[1]))
            print(rounds[-1], flush=True)
    by_time = ratio_of_rounds(
        [one.embed_rate for one in rounds], [one.plain_rate for one in rounds]
    )
    by_cpu = ratio_of_rounds(
        [one.plain_cpu_s for one in rounds], [one.embed_cpu_s for one in rounds]
    )
    windows = len(windows_of(library.segments().to_pylist(), arguments.every_s))
    lines = [
        "# Embedding beside a loop that only decodes and runs the network",
        "",
        f"    python benchmarks/embed_rate.py LIBRARY --every-s {arguments.every_s:g}",
        "",
        f"{windows:,} windows, the encoder of the recipe {arguments.recipe} ({config.backbone}, "
        f"width {config.width}, crop {config.size.crop}), {arguments.rounds} rounds in turns; the "
        "whole call of `eruv.embed`, with loading the encoder and writing the table.",
        "",
        "| | windows a second, median | CPU seconds, median |",
        "|---|---|---|",
        f"| plain loop | {median(one.plain_rate for one in rounds):.1f} "
        f"| {median(one.plain_cpu_s for one in rounds):.1f} |",
        f"| `eruv.embed` | {median(one.embed_rate for one in rounds):.1f} "
        f"| {median(one.embed_cpu_s for one in rounds):.1f} |",
        "",
        f"`eruv.embed` has **{by_time:.2f}** of the loop's rate (median of the rounds' ratios), "
        f"and {by_cpu:.2f} of it for each second of the processor: it reads while the network "
        "computes.",
        "",
        f"Load average {os.getloadavg()[0]:.0f} on {available_cores()} cores. The more other work "
        "there is, the longer torch's threads spin for one another, in the loop above all: on a "
        "busy machine the ratio flatters.",
    ]
    write_page(arguments.docs, "embed_rate", lines, [asdict(one) for one in rounds])


if __name__ == "__main__":
    main()
