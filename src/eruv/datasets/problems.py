"""Problems of a labelled data set, as sentences."""

import unicodedata
from collections.abc import Collection, Iterator, Sequence

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


def problems_of(classes: Sequence[str], files: Collection[LabelledFile]) -> Iterator[str]:
    """Classes that look the same or lack videos, empty splits, and files in both splits."""
    if len(classes) == 1:
        yield f"There is only one class, {classes[0]}: there is nothing to classify."
    alike: dict[str, list[str]] = {}
    for label in classes:
        plain = unicodedata.normalize("NFKC", label).casefold()
        alike.setdefault(" ".join(plain.split()), []).append(label)
    if same := [" and ".join(map(repr, names)) for names in alike.values() if len(names) > 1]:
        yield f"Classes that differ only by case, blanks or encoding of accents: {first_few(same)}."
    labels = {file.label for file in files}
    if empty := [label for label in classes if label not in labels]:
        yield f"{_classes_have(len(empty))} no video: {first_few(empty)}."
    for split, title in (("train", "training"), ("test", "test")):
        present = {file.label for file in files if file.split == split}
        lacking = [label for label in classes if label in labels and label not in present]
        if not present:
            yield f"There is no {title} video."
        elif lacking:
            yield f"{_classes_have(len(lacking))} no {title} video: {first_few(lacking)}."
    trained_on = {file.path for file in files if file.split == "train"}
    if both := sorted({file.path for file in files if file.split == "test"} & trained_on):
        yield (
            f"{counted(len(both), 'file is', 'files are')} in both splits, so that tests are too "
            f"easy: {first_few([printable(path) for path in both])}."
        )


def _classes_have(number: int) -> str:
    return counted(number, "class has", "classes have")
