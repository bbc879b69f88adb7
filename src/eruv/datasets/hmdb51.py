"""HMDB51: 6,766 clips of 51 actions, in three official splits (fact 8)."""

from collections.abc import Sequence
from pathlib import Path

from eruv.datasets.class_tree import ClassTree, folder_of_classes
from eruv.datasets.labelled_files import LabelledFiles, Split
from eruv.datasets.split_lists import NamedFile, find_named, numbered_lines
from eruv.published.sizes import SIZES
from eruv.utils.errors import EruvError

# Meaning of the number at the end of a line; 0 is in neither set.
MEANINGS: dict[str, Split | None] = {"0": None, "1": "train", "2": "test"}


def hmdb51(videos: Path, splits: Path, split: int = 1) -> LabelledFiles:
    """HMDB51 in one of its official splits.

    Args:
        videos: holds one unpacked folder per class, or has a subfolder that does.
        splits: holds brush_hair_test_split1.txt and so on, one a class and split.
        split: 1, 2 or 3.

    Raises:
        EruvError: if a split file is missing or broken, or if there is no video.
    """
    ending = split_ending(split)
    paths = {path.name.removesuffix(ending): path for path in splits.glob(f"*{ending}")}
    if not paths:
        raise EruvError(
            f"{splits} has no split files of HMDB51 (brush_hair{ending} and so on). "
            f"Name their folder in `splits`."
        )
    classes = sorted(paths)
    named = [file for label in classes for file in _listed(paths[label], label)]
    folder = folder_of_classes(videos, classes)
    _refuse_packed(folder, classes)
    size = SIZES["hmdb51"][split]
    return find_named(f"HMDB51, split {split}", classes, named, ClassTree.of(folder), size)


def split_ending(split: int) -> str:
    """How the names of a split's files end, after the class."""
    return f"_test_split{split}.txt"


def _listed(path: Path, label: str) -> list[NamedFile]:
    named = []
    for line, text in numbered_lines(path):
        name, *number = text.rsplit(maxsplit=1)
        if len(number) != 1 or number[0] not in MEANINGS:
            raise EruvError(
                f"{path}, line {line}: expected the name of a file and 0, 1 or 2; got {text!r}. "
                f"Download the split files again."
            )
        named.append(NamedFile(label, name, MEANINGS[number[0]]))
    return named


def _refuse_packed(folder: Path, classes: Sequence[str]) -> None:
    packed = sorted(folder.glob("*.rar"))
    if packed and not any((folder / label).is_dir() for label in classes):
        raise EruvError(
            f"{folder} holds packed files ({packed[0].name} and so on). "
            f"Unpack each of them there first: unrar x {packed[0].name}"
        )
