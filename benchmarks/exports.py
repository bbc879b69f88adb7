"""Exported encoders beside the encoder itself: clips a second, and how far their features differ.

    python benchmarks/exports.py [--width 0.25] [--crop 112] [--rounds 5]

The encoder, its torch.export program and its ONNX file take the same batch in turn, with the same
number of threads. Weights are random: neither speed nor rounding depends on training.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from eruv.exports.encoder_files import FORMATS, export_encoder
from eruv.models.backbones import BACKBONES
from eruv.models.encoder import Encoder
from pages import DOCS, ratio_of_rounds, write_page

BATCH = 8
Runner = Callable[[NDArray[np.uint8]], Any]


def runners(encoder: Encoder, folder: Path) -> tuple[dict[str, Runner], dict[str, float]]:
    """What gives features, by name; and the differences of the files."""
    found: dict[str, Runner] = {"eruv": encoder.features}
    differences = {}
    for suffix, title in ((".pt2", "torch.export"), (".onnx", "ONNX Runtime")):
        written = export_encoder(encoder, folder / f"encoder{suffix}", {})
        with torch.no_grad():
            found[title] = FORMATS[suffix][1](written.path)
        differences[title] = written.difference
    return found, differences


def measured(backbone: str, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Seconds of each round, by what gave the features."""
    torch.manual_seed(0)
    encoder = Encoder(backbone, options.width, crop=options.crop).ready("cpu")
    found, differences = runners(encoder, folder)
    side = options.crop
    clips = np.random.default_rng(0).integers(0, 256, (BATCH, 16, side, side, 3), np.uint8)
    seconds: dict[str, list[float]] = {name: [] for name in found}
    for number in range(options.rounds + 1):
        for name, run in found.items():
            started = time.perf_counter()
            with torch.no_grad():
                run(clips)
            if number:  # the first round warms up
                seconds[name].append(time.perf_counter() - started)
    return {"seconds": seconds, "differences": differences}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--width", type=float, default=0.25)
    parser.add_argument("--crop", type=int, default=112)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        results = {name: measured(name, options, Path(folder)) for name in BACKBONES}
    lines = [
        "# Exported encoders",
        "",
        "    python benchmarks/exports.py",
        "",
        f"Clips a second, width {options.width}, crop {options.crop}, batches of {BATCH}, "
        f"{torch.get_num_threads()} threads; medians of {options.rounds} rounds in turns, and of "
        "the ratios to the encoder in the same round.",
        "",
        "| backbone | run by | clips/s | times eruv | largest difference of a feature |",
        "|---|---|---|---|---|",
    ]
    for backbone, result in results.items():
        own = result["seconds"]["eruv"]
        for name, seconds in result["seconds"].items():
            rate = BATCH / statistics.median(seconds)
            difference = result["differences"].get(name)
            said = "" if difference is None else f"{difference:.0e}"
            ratio = ratio_of_rounds(own, seconds)
            lines.append(f"| {backbone} | {name} | {rate:.1f} | {ratio:.2f} | {said} |")
    write_page(options.docs, "exports", lines, results)


if __name__ == "__main__":
    main()
