"""What a head, an input or a rate gives: pre-trainings on tuning films, which differ in one lever.

    python benchmarks/learning.py --to DIR [--seeds 0,1,2] [--pairs 11000] [--levers NAME...]

The films are the demo's of another seed, so that nothing is chosen on what the demo reports.
Called again, it takes the runs that are there.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from eruv.demonstration import retrieve_actions
from eruv.evaluation.relations import relations
from eruv.films.films import DemoFilm, render_films
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.training.pretrain import pretrain
from eruv.training.pretrain_config import PretrainConfig, recipe
from eruv.training.run_folder import RunFolder
from pages import DOCS, write_page

TUNING_SEED = 100
RETRIEVAL = "actions.json"
# What each lever changes in the demo's recipe with the paper's head and input.
LEVERS: dict[str, dict[str, Any]] = {
    "linear head, RGB (paper)": {},
    "linear head, residual": {"input": "residual"},
    "comparison, RGB": {"task": {"head": "comparison"}},
    "comparison, RGB, half the rate": {
        "task": {"head": "comparison"},
        "optimizer": {"learning_rate": 5e-4},
    },
    "comparison, residual": {"input": "residual", "task": {"head": "comparison"}},
    "comparison, residual, half the rate": {
        "input": "residual",
        "task": {"head": "comparison"},
        "optimizer": {"learning_rate": 5e-4},
    },
}
PAPER: dict[str, Any] = {"input": "rgb", "task": {"head": "linear"}}


def configuration(changes: Mapping[str, Any], **others: Any) -> PretrainConfig:
    """The demo's recipe with the paper's head and input, changed."""
    values = recipe("demo").to_dict()
    for name, value in {**PAPER, **changes}.items():
        values[name] = values[name] | value if isinstance(value, dict) else value
    return replace(PretrainConfig.from_dict(values), **others)


def measure(
    to: Path, library: Library, films: Sequence[DemoFilm], config: PretrainConfig, name: str
) -> dict[str, Any]:
    """Train one lever with one seed, and what came of it."""
    ids = {paths[0].stem: video_id for video_id, paths in library.paths().items()}
    held_out = tuple(sorted(ids[film.name] for film in films if film.split == "held_out"))
    config = replace(config, validation=replace(config.validation, held_out_ids=held_out))
    run = RunFolder(to / f"{name.replace(' ', '-').replace(',', '')}-{config.seed}")
    done = pretrain(library.folder, run.folder, config)
    found = relations(run.folder)
    if not (run.folder / RETRIEVAL).exists():
        run.write(RETRIEVAL, retrieve_actions(run, library, films, ids))
    actions = run.read(RETRIEVAL)
    return {
        "relation_accuracy": found.relation_accuracy,
        **found.relations,
        "retrieval": actions["retrieval_top1"],
        "untrained": actions["retrieval_top1_untrained"],
        "seconds": done.seconds,
    }


def _cell(values: Sequence[float]) -> str:
    spread = f" ± {stdev(values):.2f}" if len(values) > 1 else ""
    return f"{fmean(values):.2f}{spread}"


def page(results: Mapping[str, Sequence[Mapping[str, Any]]], pairs: int) -> list[str]:
    """The results as Markdown."""
    some = next(iter(results.values()))[0]
    names = [name for name in some if name != "seconds"]
    lines = [
        "# Levers of pre-training",
        "",
        "    python benchmarks/learning.py --to DIR",
        "",
        f"{pairs:,} pairs on tuning films; relation accuracy on held-out films (chance 0.14), then "
        "recall@1 of actions. Mean ± standard deviation where there are several seeds.",
        "",
        f"| lever | seeds | {' | '.join(names)} | seconds |",
        "|---" * (len(names) + 3) + "|",
    ]
    for lever, runs in results.items():
        cells = [_cell([run[name] for run in runs]) for name in names]
        seconds = fmean(run["seconds"] for run in runs)
        lines.append(f"| {lever} | {len(runs)} | {' | '.join(cells)} | {seconds:.0f} |")
    return lines


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure levers and write the table."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--to", type=Path, required=True, help="folder for films and runs")
    parser.add_argument("--seeds", default="0", help="of the training, as 0,1,2")
    parser.add_argument("--pairs", type=int, default=11_000)
    parser.add_argument("--threads", type=int, help="of torch; default: all cores")
    parser.add_argument("--levers", nargs="+", choices=LEVERS, default=list(LEVERS))
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args(arguments)
    films = render_films(options.to / "films", seed=TUNING_SEED)
    ingest(options.to / "films", options.to / "library")
    library = Library(options.to / "library")
    results: dict[str, list[dict[str, Any]]] = {}
    for seed in map(int, options.seeds.split(",")):
        for lever in options.levers:
            config = configuration(
                LEVERS[lever], seed=seed, pairs=options.pairs, threads=options.threads
            )
            found = measure(options.to, library, films, config, lever)
            results.setdefault(lever, []).append(found)
            write_page(options.docs, "learning", page(results, options.pairs), results)


if __name__ == "__main__":
    main()
