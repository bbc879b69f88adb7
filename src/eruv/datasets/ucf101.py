"""UCF101: 13,320 clips of 101 actions, in three official splits (fact 8)."""

from pathlib import Path

from eruv.datasets.class_tree import ClassTree, folder_of_classes
from eruv.datasets.labelled_files import LabelledFiles, Split
from eruv.datasets.split_lists import NamedFile, find_named, numbered_lines
from eruv.published.sizes import SIZES
from eruv.utils.errors import EruvError

CLASSES_FILE = "classInd.txt"


def ucf101(videos: Path, splits: Path, split: int = 1) -> LabelledFiles:
    """UCF101 in one of its official splits.

    Args:
        videos: holds one folder per class, or has a subfolder that does.
        splits: holds classInd.txt, trainlist01.txt, testlist01.txt and so on.
        split: 1, 2 or 3.

    Raises:
        EruvError: if a split file is missing or broken, or if there is no video.
    """
    numbers = _class_numbers(splits / CLASSES_FILE)
    named = [
        *_listed(splits / f"trainlist{split:02d}.txt", "train", numbers),
        *_listed(splits / f"testlist{split:02d}.txt", "test", numbers),
    ]
    tree = ClassTree.of(folder_of_classes(videos, numbers))
    return find_named(f"UCF101, split {split}", list(numbers), named, tree, SIZES["ucf101"][split])


def _class_numbers(path: Path) -> dict[str, int]:
    """Class numbers from 1, as the file has them, in their order."""
    numbers: dict[str, int] = {}
    for line, text in numbered_lines(path):
        number, _, label = text.partition(" ")
        if number != str(len(numbers) + 1) or not label or label in numbers:
            raise EruvError(
                f"{path}, line {line}: expected the number {len(numbers) + 1} and the name of a "
                f"class, for example '1 ApplyEyeMakeup'; got {text!r}. Download it again."
            )
        numbers[label] = int(number)
    return numbers


def _listed(path: Path, split: Split, numbers: dict[str, int]) -> list[NamedFile]:
    """Files of a list; the class is the folder, since file names spell it in other ways."""
    named = []
    for line, text in numbered_lines(path):
        name, _, number = text.partition(" ")
        label, _, file_name = name.partition("/")
        if not file_name or label not in numbers:
            raise EruvError(
                f"{path}, line {line}: expected a file in the folder of a class of "
                f"{CLASSES_FILE}; got {text!r}. Download the split files again."
            )
        if number and number != str(numbers[label]):
            raise EruvError(
                f"{path}, line {line}: {label} has the number {numbers[label]} in {CLASSES_FILE} "
                f"and {number} here. These files do not belong together; download them again."
            )
        named.append(NamedFile(label, file_name, split))
    return named
