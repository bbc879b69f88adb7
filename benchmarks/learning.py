"""What a head, an input, a rate or a method gives, by the code of the project.

    python benchmarks/learning.py --to DIR --page NAME
        [--films SEED | --real NAME=DIR ... --raw DIR ...]
        [--seeds 0,1,2] [--levers NAME ...] [--backbone c3d] [--pairs 11000] [--threads 1]

Choices are made on films of seed 100 (the default), which no report shows. Called again, or by
several processes at once, it takes the runs that are there or on the page; a run that another
process trains is left to it. To measure a page anew, remove its JSON.
"""

import argparse
import json
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import torch

from eruv.datasets.labelled_videos import LabelledVideos
from eruv.evaluation.relations import relations
from eruv.models.encoder import load
from eruv.training.pretrain import pretrain
from eruv.training.run_folder import RunFolder
from eruv.training.untrained import untrained_encoder
from eruv.utils.atomic import read_record, replace_text
from eruv.utils.errors import EruvError, Interrupted
from learning_data import LearningData, film_data, real_data
from learning_levers import LEVERS, configuration
from learning_measure import measure
from learning_page import page
from pages import DOCS, write_page

TUNING_SEED = 100
PAIRS = 11_000
RECORD = "learning.json"
# One of each input and size: the untrained baseline is the same for all levers.
BESIDE_UNTRAINED = ("paper", "comparison", "default", "laptop")


def train_and_measure(run: RunFolder, data: LearningData, lever: str, options: Any) -> None:
    """One lever with one seed, and what came of it, in learning.json."""
    config = configuration(
        lever,
        options.pairs,
        seed=int(run.folder.name.rsplit("-", 1)[1]),
        threads=options.threads,
        loader_workers=0,
        backbone=options.backbone,
    )
    validation = replace(config.validation, held_out_ids=data.held_out)
    config = replace(config, validation=validation)
    done = pretrain(data.library.folder, run.folder, config, device="cpu")
    found = relations(run.folder, device="cpu")
    encoders = {"trained": load(run.folder)}
    if lever in BESIDE_UNTRAINED:
        encoders["untrained"] = untrained_encoder(run, data.library)
    still = ("trained",) if config.input == "rgb" else ()  # residual frames of it are empty
    record = {
        "lever": row_of(lever, options.pairs),
        "seed": config.seed,
        "backbone": options.backbone,
        "pairs": done.pairs_seen,
        "input": config.input,
        "seconds": done.seconds,
        "accuracy": found.relation_accuracy,
        "relations": found.relations,
        "worth": {name: measure(encoders, one, still) for name, one in data.tests.items()},
    }
    replace_text(run.folder / RECORD, json.dumps(record, indent=1) + "\n")


def records(to: Path, docs: Path, page_name: str) -> dict[str, list[dict[str, Any]]]:
    """What has been measured so far, by lever: what the page shows, and the folder's own runs."""
    stored = read_record(docs / f"{page_name}.json") or {"results": {}}
    measured = [one for several in stored["results"].values() for one in several]
    paths = sorted(to.glob(f"runs/*/{RECORD}"))
    measured += [record for path in paths if (record := read_record(path))]
    latest = {(title_of(one["lever"], one["backbone"]), one["seed"]): one for one in measured}
    found: dict[str, list[dict[str, Any]]] = {}
    for title, seed in sorted(latest):
        found.setdefault(title, []).append(latest[title, seed])
    return found


def ensure_measured(seed: int, lever: str, data: LearningData, options: Any) -> None:
    """Train and measure, unless that has been done, or another process is at it."""
    row = row_of(lever, options.pairs)
    measured = records(options.to, options.docs, options.page)
    if seed in [one["seed"] for one in measured.get(title_of(row, options.backbone), [])]:
        return
    name = f"{row.replace(', ', '-').replace(' ', '_')}-{options.backbone}-{seed}"
    try:
        train_and_measure(RunFolder(options.to / "runs" / name), data, lever, options)
    except Interrupted:
        raise
    except EruvError as error:  # another process trains it
        print(f"{name}: {error}")


def row_of(lever: str, pairs: int) -> str:
    """A lever, and its number of pairs where it is not the usual one."""
    return lever if pairs == PAIRS else f"{lever}, {pairs:,} pairs"


def title_of(lever: str, backbone: str) -> str:
    """How a page names a row."""
    return lever if backbone == "c3d" else f"{lever}, {backbone}"


def data_arguments(options: Any) -> str:
    """What names a page and its data on the command line."""
    labelled = [f"{one.split('=', 1)[0]}=DIR" for one in options.real]
    data = f"--real {' '.join(labelled)}" if labelled else f"--films {options.films}"
    data += " --raw DIR" * bool(options.raw)
    return f"--page {options.page} {data} --title {shlex.quote(options.title)}"


def largest_class(data: LabelledVideos) -> float:
    """Its share of the test videos: what a guess gets right."""
    counts = Counter(video.label for video in data.test)
    return max(counts.values()) / counts.total()


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and measure, and write the page after each run."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--to", type=Path, required=True, help="folder for data and runs")
    parser.add_argument("--page", required=True, help="name of the page")
    parser.add_argument("--title", default="Levers of pre-training, on tuning films")
    parser.add_argument("--films", type=int, default=TUNING_SEED, help="seed of the films")
    parser.add_argument("--real", nargs="+", default=[], help="labelled folders, as NAME=DIR")
    parser.add_argument("--raw", nargs="+", type=Path, default=[], help="folders without labels")
    parser.add_argument("--seeds", default="0", help="of the training, as 0,1,2")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--backbone", default="c3d")
    parser.add_argument("--levers", nargs="+", choices=LEVERS, default=list(LEVERS))
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    labelled = {name: Path(path) for name, path in (one.split("=", 1) for one in options.real)}
    data = (
        real_data(options.to, labelled, options.raw)
        if labelled
        else film_data(options.to, options.films)
    )
    largest = {name: largest_class(one) for name, one in data.tests.items()}
    for seed, lever in product(map(int, options.seeds.split(",")), options.levers):
        ensure_measured(seed, lever, data, options)
        found = records(options.to, options.docs, options.page)
        lines = page(options.title, data_arguments(options), found, PAIRS, largest)
        write_page(options.docs, options.page, lines, found)


if __name__ == "__main__":
    main()
