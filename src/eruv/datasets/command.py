"""`eruv dataset`: a labelled data set comes in; what is in it, and its library, go out.

Without a library nothing here needs the database.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eruv.datasets.labelled_files import LabelledFiles
from eruv.datasets.opening import DatasetChoice, open_dataset

Result = dict[str, Any]


def dataset(
    data: Path | str,
    *,
    format: str | None = None,
    splits: Path | str | None = None,
    split: int = 1,
    to: Path | str | None = None,
    workers: int | None = None,
) -> Result:
    """Look at a labelled data set, and ingest it if a library is named.

    Args:
        data: a folder, or a CSV file.
        format: ucf101, hmdb51, folders or csv; None recognises it.
        splits: folder of the official split files, where they are not in `data`.
        split: number of the official split.
        to: folder of a library for its videos; None ingests nothing.
        workers: parallel processes of the ingest; one a core by default.

    Returns:
        `name`, `data`, `library`, `classes` with the numbers of their `train` and `test` videos,
        `train` and `test` in all, and `problems`. With a library, those of what could be read.

    Raises:
        EruvError: if there is no such data set, or no video of it; and as ingest does.
    """
    choice = DatasetChoice(Path(data), format, None if splits is None else Path(splits), split)
    files = open_dataset(choice)
    result = {"name": files.name, "data": str(data), "library": None if to is None else str(to)}
    if to is None:
        return result | _of_files(files)
    # It brings the database.
    from eruv.datasets.labelled_library import label_library

    labelled = label_library(files, Path(to), workers)
    train = [video.label for video in labelled.train]
    test = [video.label for video in labelled.test]
    return result | _account(labelled.classes, train, test, labelled.problems)


def _of_files(files: LabelledFiles) -> Result:
    train = [file.label for file in files.files if file.split == "train"]
    test = [file.label for file in files.files if file.split == "test"]
    return _account(files.classes, train, test, files.problems)


def _account(
    classes: Sequence[str], train: Sequence[str], test: Sequence[str], problems: Sequence[str]
) -> Result:
    in_train, in_test = Counter(train), Counter(test)
    return {
        "classes": [
            {"class": name, "train": in_train[name], "test": in_test[name]} for name in classes
        ],
        "train": len(train),
        "test": len(test),
        "problems": list(problems),
    }
