"""`eruv finetune`."""

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

from jsonargparse import Namespace
from rich.console import Console

import eruv
from eruv.cli.options import (
    Parser,
    add_dataset,
    add_device,
    add_library,
    add_training,
    add_workers,
    dataset_options,
)
from eruv.cli.output import line
from eruv.cli.recognition import show as show_recognition
from eruv.datasets.labelled_library import open_labelled
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.library.catalogue import Library
from eruv.utils.console import clock

MOST_PEOPLE_NEED = (
    "backbone", "width", "batch_size", "epochs", "steps", "held_out", "labels_per_class", "seed",
)  # fmt: skip


def arguments(parser: Parser) -> None:
    from eruv.training.finetune_config import FinetuneConfig

    add_dataset(parser)
    parser.add_argument("--to", metavar="MODEL", required=True, help="folder of the classifier")
    parser.add_argument(
        "--init",
        "--run",
        metavar="RUN",
        help="folder of the encoder to fine-tune; default: from scratch",
    )
    add_library(parser, "default: in MODEL")
    add_workers(parser)
    add_device(parser)
    add_training(parser, FinetuneConfig, MOST_PEOPLE_NEED)


def call(options: Namespace) -> Any:
    to = Path(options.to)
    if options.init is not None:
        eruv.load(options.init)  # what is no encoder is told before videos are read for long
    data = _labelled_in_all(options, to / "library")
    done = eruv.finetune(data, to, options.training, init=options.init, device=options.device)
    result = {"model": options.to, "data": data.name, **done}
    # Of several processes that torchrun started, one tests.
    if os.environ.get("RANK", "0") != "0" or not data.test:
        return result
    tested = eruv.recognition(
        to, data, device=options.device, loader_workers=options.training.loader_workers
    )
    return {**result, "test": tested.to_dict()}


def _labelled_in_all(options: Namespace, to: Path) -> LabelledVideos:
    """The data set, ingested by the first of several processes and opened by all of them."""
    from eruv.training.device import choose_device, make_accelerator
    from eruv.training.processes import by_the_first

    def parts() -> dict[str, Any]:
        data = open_labelled(options.data, options.library or to, **dataset_options(options))
        found = {field.name: getattr(data, field.name) for field in fields(data)}
        return found | {"library": data.library.folder}  # a database stays in its process

    told = by_the_first(make_accelerator(choose_device(options.device)), parts)
    return LabelledVideos(**told | {"library": Library(told["library"])})


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(
        f"{line(result['model'])}: {result['clips_seen']:,} clips of {result['data']} seen in "
        f"{clock(result['seconds'])}; kept are the weights of step {result['best_step']}, with a "
        f"validation loss of {result['best_loss']:.3f} and accuracy of "
        f"{result['best_accuracy']:.3f}",
        markup=False,
    )
    if result.get("test"):
        show_recognition(console, result["test"])
