"""Arguments and calls of the commands that put an encoder to use on labelled videos."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonargparse import ArgumentParser, Namespace

import eruv
from eruv.cli.dataset import add_dataset, dataset_choice

if TYPE_CHECKING:
    from eruv.datasets.labelled_videos import LabelledVideos
    from eruv.training.finetune_config import FinetuneConfig

Result = dict[str, Any]


def add_labelled(parser: ArgumentParser) -> None:
    """Options that name labelled videos and the library that they are read from."""
    add_dataset(parser)
    parser.add_argument(
        "--library", metavar="DIR", help="of the small copies of the videos; default: in --to"
    )


def labelled(options: Namespace, to: Path) -> "LabelledVideos":
    """The data set that the options name; its videos are ingested where they are not yet.

    Args:
        options: of `add_labelled`.
        to: folder of the library, unless another one is named.

    Raises:
        EruvError: if it cannot be read.
    """
    from eruv.datasets.labelled_library import label_library
    from eruv.datasets.opening import open_dataset

    return label_library(open_dataset(dataset_choice(options)), Path(options.library or to))


def finetune_arguments(parser: ArgumentParser) -> None:
    from eruv.training.finetune_config import FinetuneConfig

    add_labelled(parser)
    parser.add_argument("--to", required=True, help="folder of the classifier")
    parser.add_argument("--run", help="folder of the encoder to fine-tune; default: from scratch")
    parser.add_argument("--config", action="config", help="a YAML file; default: the paper's")
    parser.add_class_arguments(FinetuneConfig, None)
    parser.add_argument("--device", type=str, default="auto", help="auto, cpu or cuda")


def finetune_config(
    parser: ArgumentParser, options: Namespace, words: list[str]
) -> "FinetuneConfig":
    """The configuration among the options."""
    from dataclasses import fields

    from eruv.training.finetune_config import FinetuneConfig

    made = parser.instantiate(options)
    return FinetuneConfig(**{field.name: made[field.name] for field in fields(FinetuneConfig)})


def finetune(options: Namespace) -> Result:
    """Train, then test on the test videos."""
    from eruv.evaluation.recognition import recognition

    to = Path(options.to)
    if options.run is not None:
        eruv.load(options.run)  # what is no encoder is told before videos are read for long
    data = _labelled_in_all(options, to / "library")
    done = eruv.finetune(data, to, options.training, init=options.run, device=options.device)
    result = {"model": options.to, "data": data.name, **done}
    # Of several processes that torchrun started, one tests.
    if os.environ.get("RANK", "0") != "0" or not data.test:
        return result
    tested = recognition(
        to, data, device=options.device, loader_workers=options.training.loader_workers
    )
    return {**result, "test": tested}


def _labelled_in_all(options: Namespace, to: Path) -> "LabelledVideos":
    """The data set, ingested by the first of several processes and opened by all of them."""
    from dataclasses import fields

    from eruv.datasets.labelled_videos import LabelledVideos
    from eruv.library.catalogue import Library
    from eruv.training.device import choose_device, make_accelerator
    from eruv.training.processes import by_the_first

    def parts() -> Result:
        data = labelled(options, to)
        found = {field.name: getattr(data, field.name) for field in fields(data)}
        return found | {"library": data.library.folder}  # a database stays in its process

    told = by_the_first(make_accelerator(choose_device(options.device)), parts)
    return LabelledVideos(**told | {"library": Library(told["library"])})


def predict_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help="folder made by eruv finetune")
    parser.add_argument("videos", nargs="+", help="video files, and folders with videos")
    parser.add_argument("--shots", action="store_true", help="a prediction for every shot")
    parser.add_argument("--threads", type=int, default=0, help="decoding; default: one a core")
    parser.add_argument("--device", type=str, default="auto", help="auto, cpu or cuda")
    parser.add_argument(
        "--strict", action="store_true", help="exit with 3 if files are unreadable or damaged"
    )


def predict(options: Namespace) -> Result:
    """Classify videos."""
    return eruv.predict(
        options.model,
        options.videos,
        shots=options.shots,
        device=options.device,
        threads=options.threads,
    )
