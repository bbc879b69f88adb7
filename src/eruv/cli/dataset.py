"""The command `eruv dataset`, and the options of every command that reads a labelled data set."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonargparse import ArgumentParser, Namespace

import eruv

if TYPE_CHECKING:
    from eruv.datasets.opening import DatasetChoice


def add_dataset(parser: ArgumentParser) -> None:
    """Options that say which labelled data set, in which split."""
    from eruv.datasets.opening import FORMATS, NUMBERS

    parser.add_argument("data", help="a folder, or a CSV file with path, label and split")
    parser.add_argument("--format", choices=FORMATS, help="default: what lies there says it")
    parser.add_argument("--splits", metavar="DIR", help="official split files, if not in the data")
    parser.add_argument(
        "--split", type=int, choices=NUMBERS, default=1, help="number of the official split"
    )


def dataset_choice(options: Namespace) -> "DatasetChoice":
    """What the options of `add_dataset` say."""
    from eruv.datasets.opening import DatasetChoice

    splits = None if options.splits is None else Path(options.splits)
    return DatasetChoice(Path(options.data), options.format, splits, options.split)


def dataset_arguments(parser: ArgumentParser) -> None:
    """Options of `eruv dataset`."""
    add_dataset(parser)
    parser.add_argument("--to", metavar="LIBRARY", help="ingest the videos into this library")
    parser.add_argument("--workers", type=int, help="parallel processes; default: one a core")
    parser.add_argument("--strict", action="store_true", help="exit with 3 if there are problems")


def dataset(options: Namespace) -> dict[str, Any]:
    """`eruv dataset`."""
    return eruv.dataset(
        options.data,
        format=options.format,
        splits=options.splits,
        split=options.split,
        to=options.to,
        workers=options.workers,
    )
