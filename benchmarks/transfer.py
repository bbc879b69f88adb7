"""What encoders of the built-in films are worth on real labelled clips, which they never saw.

    python benchmarks/transfer.py --to DIR --runs DIR --real NAME=DIR ... [--page learning_transfer]

RUNS is where `benchmarks/learning.py --films 0` keeps its runs. Each set is split by the order of
its files; the features are frozen. Untrained baselines have batch-norm statistics of the set's
training clips, unlabelled; the others are measured with their own and with such.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from eruv.models.encoder import Encoder, load
from eruv.training.untrained import untrained_like, with_statistics_of
from learning_data import open_split
from learning_measure import measure
from learning_page import cell
from pages import DOCS, write_page

NAMES = {"default": "`demo` recipe", "vcp-residual": "VCP", "vcop-residual": "VCOP"}
UNTRAINED_SEEDS = 5
Figures = Mapping[str, float]


def encoders_of(runs: Path) -> dict[tuple[str, int], Encoder]:
    """The finished runs of C3D, by lever and seed."""
    found = {}
    for record in sorted(runs.glob("*-c3d-*/learning.json")):
        lever, seed = record.parent.name.split("-c3d-")
        if lever in NAMES:
            found[lever, int(seed)] = load(record.parent)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each set and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--to", type=Path, required=True, help="folder for the sets' libraries")
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--real", nargs="+", required=True, help="labelled folders, as NAME=DIR")
    parser.add_argument("--page", default="learning_transfer")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    trained = encoders_of(options.runs)
    results = {}
    for name, folder in (one.split("=", 1) for one in options.real):
        videos = open_split(options.to, name, Path(folder))
        like = next(iter(trained.values()))
        encoders = {
            f"untrained, {seed}": untrained_like(like, videos, seed)
            for seed in range(UNTRAINED_SEEDS)
        }
        for (lever, seed), one in trained.items():
            encoders[f"{NAMES[lever]}, {seed}"] = one
            adapted = with_statistics_of(videos, one, seed)
            encoders[f"{NAMES[lever]} with statistics of the set, {seed}"] = adapted
        results[name] = measure(encoders, videos)
    write_page(options.docs, options.page, page(results), results)


def page(results: Mapping[str, Mapping[str, Figures]]) -> list[str]:
    """A table for each set: mean ± standard deviation over seeds."""
    lines = [
        "# Encoders of the built-in films on real clips",
        "",
        "    python benchmarks/transfer.py --to DIR --runs DIR --real "
        + " ".join(f"{name}=DIR" for name in results),
        "",
        "Frozen C3D encoders of [the demo's films](learning.md), seen as residual frames, and "
        "untrained ones; mean ± standard deviation over seeds. The last clips of each class, by "
        "name, are the test list; 5 labels a class are the mean of ten draws.",
    ]
    for name, figures in results.items():
        rows: dict[str, list[Figures]] = {}
        for title, one in figures.items():
            rows.setdefault(title.split(", ")[0], []).append(one)
        lines += ["", *table(name, rows)]
    return lines


def table(name: str, rows: Mapping[str, Sequence[Figures]]) -> list[str]:
    """The rows of one set."""
    columns = list(next(iter(rows.values()))[0])
    lines = [f"| {name} | seeds | {' | '.join(columns)} |", "|---" * (len(columns) + 2) + "|"]
    for title, found in rows.items():
        cells = [cell([one[column] for one in found]) for column in columns]
        lines.append(f"| {title} | {len(found)} | {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    main()
