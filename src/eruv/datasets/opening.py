"""Open a labelled data set by its path: recognise its format and read its split."""

from dataclasses import dataclass, replace
from pathlib import Path

from eruv.datasets.class_folders import class_folders
from eruv.datasets.class_tree import subfolders
from eruv.datasets.csv_table import csv_table
from eruv.datasets.hmdb51 import hmdb51, split_ending
from eruv.datasets.labelled_files import LabelledFiles
from eruv.datasets.ucf101 import CLASSES_FILE, ucf101
from eruv.utils.console import say
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

# Official split files by which a data set is recognised.
SPLIT_FILES = {"ucf101": CLASSES_FILE, "hmdb51": f"*{split_ending(1)}"}
FORMATS = (*SPLIT_FILES, "folders", "csv")
NUMBERS = (1, 2, 3)


@dataclass(frozen=True)
class DatasetChoice:
    """Which labelled data set, in which split.

    Attributes:
        path: a folder, or a CSV file.
        format: one of `FORMATS`; None recognises it.
        splits: folder of the official split files; None looks for it in `path` and the folders
            in it.
        split: number of the official split.
    """

    path: Path
    format: str | None = None
    splits: Path | None = None
    split: int = 1

    def __post_init__(self) -> None:
        if self.format is not None and self.format not in FORMATS:
            raise ValueError(f"format is one of {', '.join(FORMATS)}; got {self.format!r}")
        if self.split not in NUMBERS:
            raise ValueError(f"split is one of 1, 2, 3; got {self.split}")


def open_dataset(choice: DatasetChoice) -> LabelledFiles:
    """Find the files of a data set, their classes and their split.

    A recognised format is printed on stderr.

    Raises:
        EruvError: if the path or the split files do not exist or are not of this format, if
            the format takes no splits, or if there is no video.
    """
    if choice.format is None:
        choice = recognised(choice)
    if choice.format in SPLIT_FILES:
        splits = _split_folder(choice, choice.format)
        if splits is None:
            raise EruvError(
                f"{printable(choice.splits or choice.path)} has no official split files of "
                f"{choice.format} ({SPLIT_FILES[choice.format]} and others), and nor has a folder "
                f"in it. Name their folder in `splits`."
            )
        read = ucf101 if choice.format == "ucf101" else hmdb51
        return read(choice.path, splits, choice.split)
    if choice.splits is not None or choice.split != 1:
        raise EruvError(
            f"`splits` and `split` are for {' and '.join(SPLIT_FILES)}; {printable(choice.path)} "
            f"is read as {choice.format}, which has its own split. Leave them out, or name "
            f"another `format`."
        )
    return class_folders(choice.path) if choice.format == "folders" else csv_table(choice.path)


def recognised(choice: DatasetChoice) -> DatasetChoice:
    """The choice with the recognised format, which is printed.

    Raises:
        EruvError: if it cannot be recognised.
    """
    path = choice.path
    if not path.exists():
        raise EruvError(f"{printable(path)} does not exist. Name a folder or a CSV file.")
    if not path.is_dir():
        if path.suffix.lower() != ".csv":
            raise EruvError(
                f"{printable(path)} is no data set. Name a folder or a CSV file (a table with "
                f"another suffix needs `format` csv)."
            )
        return _said(choice, "csv", "a table")
    found = {name: folder for name in SPLIT_FILES if (folder := _split_folder(choice, name))}
    if len(found) > 1:
        raise EruvError(
            f"{printable(path)} has split files of {' and '.join(found)}. Say which in `format`."
        )
    for name, folder in found.items():
        return _said(choice, name, f"its split files are in {printable(folder)}")
    if choice.splits is not None:
        raise EruvError(
            f"{printable(choice.splits)} has no official split files "
            f"({' or '.join(SPLIT_FILES.values())}). Name the folder that has, or leave `splits` "
            f"out."
        )
    return _said(choice, "folders", "one folder per class, no official split files")


def _said(choice: DatasetChoice, name: str, reason: str) -> DatasetChoice:
    say(f"dataset: {printable(choice.path)} is read as {name}: {reason} (`format` chooses)")
    return replace(choice, format=name)


def _split_folder(choice: DatasetChoice, name: str) -> Path | None:
    """The folder with the official split files: the named one or a subfolder."""
    start = choice.splits or choice.path
    for folder in (start, *(start / below for below in subfolders(start))):
        if next(folder.glob(SPLIT_FILES[name]), None) is not None:
            return folder
    return None
