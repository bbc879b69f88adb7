"""Official split files: read their lines, and find the files that they name."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.datasets.class_tree import ClassTree
from eruv.datasets.labelled_files import SPLITS, LabelledFile, LabelledFiles, Split
from eruv.datasets.problems import counted, first_few, problems_of
from eruv.published.sizes import Published
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable


@dataclass(frozen=True)
class NamedFile:
    """A line of a split file.

    Attributes:
        label: name of the class and of its folder.
        name: of the file in that folder.
        split: None if the file is in neither set.
    """

    label: str
    name: str
    split: Split | None

    def __str__(self) -> str:
        return f"{self.label}/{self.name}"


def numbered_lines(path: Path) -> list[tuple[int, str]]:
    """Lines that are not empty, stripped, with their numbers from 1.

    Raises:
        EruvError: if the file is missing or no UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise EruvError(
            f"cannot read {path}: {error.strerror}. Name the folder of the official split files "
            f"in `splits`, and their number in `split`."
        ) from error
    except UnicodeDecodeError as error:
        raise EruvError(
            f"{path} is no split file: byte {error.start} is not UTF-8. Download it again."
        ) from error
    # Not splitlines, which also ends lines at characters that a file name may hold.
    lines = enumerate((line.strip() for line in text.split("\n")), start=1)
    return [(number, line) for number, line in lines if line]


def find_named(
    name: str,
    classes: Sequence[str],
    named: Sequence[NamedFile],
    tree: ClassTree,
    published: Published,
) -> LabelledFiles:
    """The files that a split names and that exist, and all problems.

    Args:
        name: of the data set and split.
        classes: in the order of their numbers.
        named: all lines of the split files.
        tree: class folders.
        published: sizes to compare with.

    Raises:
        EruvError: if none of the files exists.
    """
    present = {
        f"{label}/{path.relative_to(tree.folder / label).as_posix()}": path
        for label, paths in tree.videos.items()
        for path in paths
    }
    used = list(dict.fromkeys(one for one in named if one.split))
    files = tuple(
        LabelledFile(present[str(one)], one.label, one.split)
        for one in used
        if one.split and str(one) in present
    )
    if not files:
        raise EruvError(_nothing_there(name, used, tree, list(present)))
    problems = [
        *_wrong_counts(classes, used, published),
        *_differences(named, present, tree),
        *problems_of(classes, files),
    ]
    return LabelledFiles(name, tuple(classes), files, tuple(problems))


def _nothing_there(
    name: str, used: Sequence[NamedFile], tree: ClassTree, present: Sequence[str]
) -> str:
    there = "no folder in it holds a video"
    if present:
        other = printable(Path(present[0]))
        there = f"it holds {counted(len(present), 'other video')}, for example {other}"
    example = f", for example {used[0]}" if used else ""
    return (
        f"none of the {counted(len(used), 'file')} of {name} is in {printable(tree.folder)}"
        f"{example}; {there}. Name the folder that holds one folder per class."
    )


def _wrong_counts(
    classes: Sequence[str], used: Sequence[NamedFile], published: Published
) -> Iterator[str]:
    found = Counter(one.split for one in used)
    counts = (len(classes), found["train"], found["test"])
    what = ("classes", "training videos", "test videos")
    for name, number, expected in zip(what, counts, published, strict=True):
        if number != expected:
            yield (
                f"The split files name {number:,} {name}; published are {expected:,}. "
                f"Results cannot be compared with published ones."
            )


def _differences(
    named: Sequence[NamedFile], present: Mapping[str, Path], tree: ClassTree
) -> Iterator[str]:
    """Between the lines of the split files and the files that exist."""
    lines = Counter(named)
    folder = printable(tree.folder)
    if again := [str(one) for one, times in lines.items() if times > 1]:
        count = counted(len(again), "file")
        yield f"The split files name {count} more than once: {first_few(again)}."
    for split in SPLITS:
        expected = [str(one) for one in lines if one.split == split]
        if missing := [name for name in expected if name not in present]:
            what = "training" if split == "train" else "test"
            yield (
                f"Missing in {folder}: {len(missing):,} of {len(expected):,} {what} files "
                f"({first_few(missing)}). The others are used."
            )
    known = set(map(str, lines))
    extra = [name for name in present if name not in known] + [path.name for path in tree.loose]
    if extra:
        shown = first_few([printable(Path(name)) for name in extra])
        yield (
            f"Not used: {counted(len(extra), 'video')} in {folder} that no split file names "
            f"({shown})."
        )
