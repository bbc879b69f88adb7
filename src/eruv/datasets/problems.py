"""Problems of a labelled data set, as sentences."""

from collections.abc import Collection, Sequence

from eruv.datasets.labelled_files import LabelledFile
from eruv.utils.paths import printable

NAMED = 3


def first_few(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    named = ", ".join(names[:NAMED])
    return named + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun and perhaps a verb: "1 file", "3 files", "2 files are"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def problems_of(classes: Sequence[str], files: Collection[LabelledFile]) -> list[str]:
    """Classes without videos, empty splits, and files in both splits."""
    found = []
    if len(classes) == 1:
        found.append(f"There is only one class, {classes[0]}: there is nothing to classify.")
    labels = {file.label for file in files}
    empty = [label for label in classes if label not in labels]
    if empty:
        found.append(f"{_classes_have(len(empty))} no video: {first_few(empty)}.")
    splits = {
        "training": {file.label for file in files if file.split == "train"},
        "test": {file.label for file in files if file.split == "test"},
    }
    for split, present in splits.items():
        lacking = [label for label in classes if label in labels and label not in present]
        if not present:
            found.append(f"There is no {split} video.")
        elif lacking:
            found.append(f"{_classes_have(len(lacking))} no {split} video: {first_few(lacking)}.")
    return found + _in_both(files)


def _classes_have(number: int) -> str:
    return counted(number, "class has", "classes have")


def _in_both(files: Collection[LabelledFile]) -> list[str]:
    trained_on = {file.path for file in files if file.split == "train"}
    both = sorted({file.path for file in files if file.split == "test"} & trained_on)
    if not both:
        return []
    return [
        f"{counted(len(both), 'file is', 'files are')} in both splits, so that tests are too easy: "
        f"{first_few([printable(path) for path in both])}."
    ]
