"""Labelled files on disk: what every format of data set is read into."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True)
class LabelledFile:
    """A video file with its class, in one split.

    Attributes:
        path: absolute path of a file that is there.
        label: name of its class.
        split: "train" or "test".
    """

    path: Path
    label: str
    split: Split

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ValueError(f"a split is one of {', '.join(SPLITS)}; got {self.split!r}")


@dataclass(frozen=True)
class LabelledFiles:
    """A data set as it lies on disk, in one of its splits.

    Attributes:
        name: of the data set and split, for people.
        classes: names, in the order of the class numbers.
        files: those that are there.
        problems: sentences about what is missing, superfluous or doubtful.
    """

    name: str
    classes: tuple[str, ...]
    files: tuple[LabelledFile, ...]
    problems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.classes)) < len(self.classes):
            raise ValueError(f"each class of {self.name} has a name of its own")
        unknown = {file.label for file in self.files} - set(self.classes)
        if unknown:
            raise ValueError(f"labels are classes of {self.name}; got {', '.join(sorted(unknown))}")
