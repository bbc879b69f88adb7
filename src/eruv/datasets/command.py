"""`eruv.dataset`: what is in a labelled data set, and its library."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eruv.datasets.opening import open_dataset
from eruv.utils.results import Result


@dataclass(frozen=True)
class DatasetSummary(Result):
    """What a labelled data set holds; with a library, what of it could be read.

    Attributes:
        name: of the data set and split.
        data: its path.
        library: folder of the library, if its videos were ingested.
        classes: for each its name (`class`) and its numbers of `train` and `test` videos.
        train, test: numbers of videos.
        problems: sentences about what is missing, left out or doubtful.
    """

    name: str
    data: Path
    library: Path | None
    classes: tuple[dict[str, Any], ...]
    train: int
    test: int
    problems: tuple[str, ...]


def dataset(
    data: Path | str,
    *,
    format: str | None = None,
    splits: Path | str | None = None,
    split: int = 1,
    to: Path | str | None = None,
    workers: int | None = None,
) -> DatasetSummary:
    """Summarise a labelled data set, and ingest it if a library is named.

    Args:
        data: a folder, or a CSV file.
        format: ucf101, hmdb51, folders or csv; None recognises it.
        splits: folder of the official split files, where they are not in `data`.
        split: number of the official split.
        to: folder of a library for its videos; None ingests nothing.
        workers: processes that ingest; one per core by default.

    Raises:
        EruvError: if there is no such data set, or no video of it; and as ingest does.
    """
    files = open_dataset(data, format, splits, split)
    train = Counter(file.label for file in files.files if file.split == "train")
    test = Counter(file.label for file in files.files if file.split == "test")
    problems = files.problems
    if to is not None:
        # Imported late: it loads the database.
        from eruv.datasets.labelled_library import label_library

        videos = label_library(files, Path(to), workers)
        train = Counter(video.label for video in videos.train)
        test = Counter(video.label for video in videos.test)
        problems = videos.problems
    return DatasetSummary(
        name=files.name,
        data=Path(data),
        library=None if to is None else Path(to),
        classes=tuple(
            {"class": name, "train": train[name], "test": test[name]} for name in files.classes
        ),
        train=train.total(),
        test=test.total(),
        problems=problems,
    )
