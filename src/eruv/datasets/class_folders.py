"""A user's own data set with one folder per class."""

from collections.abc import Sequence
from pathlib import Path

from eruv.datasets.class_tree import ClassTree
from eruv.datasets.labelled_files import LabelledFile, LabelledFiles, Split
from eruv.datasets.problems import counted, first_few, problems_of
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

# Names of folders that are splits and hardly ever classes.
SPLIT_WORDS = frozenset({"train", "training", "test", "testing", "val", "valid", "validation"})


def class_folders(folder: Path) -> LabelledFiles:
    """The videos of a folder whose subfolders are classes.

    Subfolders `train` and `test` are the split and hold the classes. Without them, the last 30 % of
    each class's files, in natural order of their names, are the test set.

    Raises:
        EruvError: if there is no folder with videos, folders look like a split but are none, or
            the name of a class is no plain text.
    """
    tree = ClassTree.of(folder)
    own_name = printable(Path(tree.folder.name))
    parts = {name.casefold(): name for name in tree.videos}
    if parts.keys() >= {"train", "test"}:
        train = ClassTree.of(tree.folder / parts["train"])
        test = ClassTree.of(tree.folder / parts["test"])
        files = [*_files(train, "train"), *_files(test, "test")]
        name = f"{own_name}, split by its folders {train.folder.name} and {test.folder.name}"
        return _checked(name, tree, files, [*train.videos, *test.videos])
    if parts and parts.keys() <= SPLIT_WORDS:
        raise EruvError(
            f"the folders in {printable(tree.folder)} ({', '.join(sorted(parts.values()))}) look "
            f"like a split. Name two of them train and test, with the class folders in both."
        )
    name = f"{own_name}, the last 30 % of each class by name for tests"
    return _checked(name, tree, _files(tree), list(tree.videos))


def test_count(number: int) -> int:
    """Number of a class's files in the test set: 30 %, rounded half up."""
    return (3 * number + 5) // 10


def _files(tree: ClassTree, split: Split | None = None) -> list[LabelledFile]:
    """All files of class folders; without a split, the last of each class are the test set."""
    files = []
    for label, paths in tree.videos.items():
        if paths and printable(Path(label)) != label:
            raise EruvError(
                f"the folder {printable(tree.folder / label)} cannot name a class: its name is "
                f"not plain text in UTF-8. Rename it."
            )
        first_test = len(paths) - test_count(len(paths))
        for number, path in enumerate(paths):
            by_order: Split = "train" if number < first_test else "test"
            files.append(LabelledFile(path, label, split or by_order))
    return files


def _checked(
    name: str, tree: ClassTree, files: Sequence[LabelledFile], folders: Sequence[str]
) -> LabelledFiles:
    """The data set with its problems; `folders` could be classes."""
    if not files:
        raise EruvError(
            f"no folder in {printable(tree.folder)} holds a video. A data set is a folder with "
            f"one folder per class, or a CSV file with the columns path, label and split."
        )
    classes = sorted({file.label for file in files})
    problems = [*problems_of(classes, files)]
    empty = sorted(set(folders) - set(classes))
    if empty:
        shown = first_few([printable(Path(folder)) for folder in empty])
        problems.append(f"{counted(len(empty), 'folder holds', 'folders hold')} no video: {shown}.")
    used = {file.path for file in files}
    found = [*tree.loose, *(path for paths in tree.videos.values() for path in paths)]
    others = [printable(path) for path in found if path not in used]
    if others:
        problems.append(
            f"Not used: {counted(len(others), 'video')} outside the class folders "
            f"({first_few(others)})."
        )
    return LabelledFiles(name, tuple(classes), tuple(files), tuple(problems))
