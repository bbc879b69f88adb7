"""Labelled files on disk, as every format of data set is read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

Split = Literal["train", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True)
class LabelledFile:
    """A video file with its class, in one split.

    Attributes:
        path: absolute path of a file that exists.
        label: name of its class.
        split: "train" or "test".
    """

    path: Path
    label: str
    split: Split

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ValueError(f"a split must be one of {', '.join(SPLITS)}; got {self.split!r}")


@dataclass(frozen=True)
class LabelledFiles:
    """A data set on disk, in one of its splits.

    Attributes:
        name: of the data set and split, for people.
        classes: names, in the order of the class numbers.
        files: those that exist.
        problems: sentences about missing, superfluous or doubtful files.
    """

    name: str
    classes: tuple[str, ...]
    files: tuple[LabelledFile, ...]
    problems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.classes)) < len(self.classes):
            raise ValueError(
                f"the classes of {self.name} must have different names; got {self.classes}"
            )
        unknown = {file.label for file in self.files} - set(self.classes)
        if unknown:
            raise ValueError(
                f"labels must be classes of {self.name}; got {', '.join(sorted(unknown))}"
            )
