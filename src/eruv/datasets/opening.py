"""Open a labelled data set by its path: recognise its format and read its split."""

from pathlib import Path

from eruv.datasets.class_folders import class_folders
from eruv.datasets.class_tree import subfolders
from eruv.datasets.csv_table import csv_table
from eruv.datasets.labelled_files import LabelledFiles
from eruv.datasets.official_splits import CLASSES_FILE, hmdb51, split_ending, ucf101
from eruv.utils.console import say
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

# Official split files by which a data set is recognised.
SPLIT_FILES = {"ucf101": CLASSES_FILE, "hmdb51": f"*{split_ending(1)}"}
FORMATS = (*SPLIT_FILES, "folders", "csv")
NUMBERS = (1, 2, 3)


def open_dataset(
    data: Path | str,
    format: str | None = None,
    splits: Path | str | None = None,
    split: int = 1,
) -> LabelledFiles:
    """Find the files of a data set, their classes and their split.

    Args:
        data: a folder, or a CSV file.
        format: one of `FORMATS`; None recognises it, and prints it on stderr.
        splits: folder of the official split files; None looks for it in `data` and the folders
            in it.
        split: number of the official split.

    Raises:
        ValueError: for an unknown format or split.
        EruvError: if the path or the split files do not exist or are not of this format, if
            the format takes no splits, or if there is no video.
    """
    if format is not None and format not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}; got {format!r}")
    if split not in NUMBERS:
        raise ValueError(f"split must be one of 1, 2, 3; got {split}")
    path, lists = Path(data), None if splits is None else Path(splits)
    if format is None:
        format, reason = _recognised(path, lists)
        say(f"dataset: {printable(path)} is read as {format}: {reason} (override with `format`)")
    if format in SPLIT_FILES:
        folder = _split_folder(lists or path, format)
        if folder is None:
            raise EruvError(
                f"{printable(lists or path)} has no official split files of {format} "
                f"({SPLIT_FILES[format]} and others), nor has any folder in it. Pass their "
                f"folder as `splits`."
            )
        return (ucf101 if format == "ucf101" else hmdb51)(path, folder, split)
    if lists is not None or split != 1:
        raise EruvError(
            f"`splits` and `split` are for {' and '.join(SPLIT_FILES)}; {printable(path)} is read "
            f"as {format}, which has its own split. Leave them out, or pass another `format`."
        )
    return class_folders(path) if format == "folders" else csv_table(path)


def _recognised(path: Path, splits: Path | None) -> tuple[str, str]:
    """A format, and why it is that one.

    Raises:
        EruvError: if it cannot be recognised.
    """
    if not path.exists():
        raise EruvError(f"{printable(path)} does not exist. Pass a folder or a CSV file.")
    if not path.is_dir():
        if path.suffix.lower() != ".csv":
            raise EruvError(
                f"{printable(path)} is not a data set. Pass a folder or a CSV file (a table with "
                f"another suffix needs `format` csv)."
            )
        return "csv", "a table"
    found = {
        name: folder for name in SPLIT_FILES if (folder := _split_folder(splits or path, name))
    }
    if len(found) > 1:
        raise EruvError(
            f"{printable(path)} has split files of {' and '.join(found)}. Pass one of them as "
            "`format`."
        )
    for name, folder in found.items():
        return name, f"its split files are in {printable(folder)}"
    if splits is not None:
        raise EruvError(
            f"{printable(splits)} has no official split files ({' or '.join(SPLIT_FILES.values())})"
            f". Pass the folder that has, or leave `splits` out."
        )
    return "folders", "one folder per class, no official split files"


def _split_folder(start: Path, name: str) -> Path | None:
    """The folder with the official split files: this one or a subfolder."""
    for folder in (start, *(start / below for below in subfolders(start))):
        if next(folder.glob(SPLIT_FILES[name]), None) is not None:
            return folder
    return None
