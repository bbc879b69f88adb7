"""UCF101 and HMDB51 in their official splits, with the files that these name (fact 8)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.datasets.class_tree import ClassTree, folder_of_classes
from eruv.datasets.labelled_files import SPLITS, LabelledFile, LabelledFiles, Split
from eruv.datasets.problems import counted, first_few, problems_of
from eruv.published.sizes import SIZES, Published
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

CLASSES_FILE = "classInd.txt"
# Meaning of the number at the end of a line of HMDB51; 0 is in neither set.
MEANINGS: dict[str, Split | None] = {"0": None, "1": "train", "2": "test"}


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
        *_listed_ucf101(splits / f"trainlist{split:02d}.txt", "train", numbers),
        *_listed_ucf101(splits / f"testlist{split:02d}.txt", "test", numbers),
    ]
    tree = ClassTree.of(folder_of_classes(videos, numbers))
    return _find_named("ucf101", split, list(numbers), named, tree)


def _class_numbers(path: Path) -> dict[str, int]:
    """Class numbers from 1, as the file has them, in their order."""
    numbers: dict[str, int] = {}
    for line, text in _numbered_lines(path):
        number, _, label = text.partition(" ")
        if number != str(len(numbers) + 1) or not label or label in numbers:
            raise EruvError(
                f"{path}, line {line}: expected the number {len(numbers) + 1} and the name of a "
                f"class, for example '1 ApplyEyeMakeup'; got {text!r}. Download it again."
            )
        numbers[label] = int(number)
    return numbers


def _listed_ucf101(path: Path, split: Split, numbers: dict[str, int]) -> list[NamedFile]:
    """Files of a list; the class is the folder, since file names spell it in other ways."""
    named = []
    for line, text in _numbered_lines(path):
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


def hmdb51(videos: Path, splits: Path, split: int = 1) -> LabelledFiles:
    """HMDB51 in one of its official splits.

    Args:
        videos: holds one unpacked folder per class, or has a subfolder that does.
        splits: holds brush_hair_test_split1.txt and so on, one per class and split.
        split: 1, 2 or 3.

    Raises:
        EruvError: if a split file is missing or broken, or if there is no video.
    """
    ending = split_ending(split)
    paths = {path.name.removesuffix(ending): path for path in splits.glob(f"*{ending}")}
    if not paths:
        raise EruvError(
            f"{splits} has no split files of HMDB51 (brush_hair{ending} and so on). "
            f"Pass their folder as `splits`."
        )
    classes = sorted(paths)
    named = [file for label in classes for file in _listed_hmdb51(paths[label], label)]
    folder = folder_of_classes(videos, classes)
    _refuse_packed(folder, classes)
    return _find_named("hmdb51", split, classes, named, ClassTree.of(folder))


def split_ending(split: int) -> str:
    """How the names of a split's files end, after the class."""
    return f"_test_split{split}.txt"


def _listed_hmdb51(path: Path, label: str) -> list[NamedFile]:
    named = []
    for line, text in _numbered_lines(path):
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


def _numbered_lines(path: Path) -> list[tuple[int, str]]:
    """Lines that are not empty, stripped, with their numbers from 1.

    Raises:
        EruvError: if the file is missing or no UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise EruvError(
            f"cannot read {path}: {error.strerror}. Pass the folder of the official split files "
            f"as `splits`, and their number as `split`."
        ) from error
    except UnicodeDecodeError as error:
        raise EruvError(
            f"{path} is not a split file: byte {error.start} is not UTF-8. Download it again."
        ) from error
    # Not splitlines, which also ends lines at characters that a file name may hold.
    lines = enumerate((line.strip() for line in text.split("\n")), start=1)
    return [(number, line) for number, line in lines if line]


def _find_named(
    data_set: str, split: int, classes: Sequence[str], named: Sequence[NamedFile], tree: ClassTree
) -> LabelledFiles:
    """The files that a split names and that exist, and all problems.

    Raises:
        EruvError: if none of the files exists.
    """
    name = f"{data_set.upper()}, split {split}"
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
        raise EruvError(_no_video_message(name, used, tree, list(present)))
    problems = [
        *_wrong_counts(classes, used, SIZES[data_set][split]),
        *_differences(named, present, tree),
        *problems_of(classes, files),
    ]
    return LabelledFiles(name, tuple(classes), files, tuple(problems))


def _no_video_message(
    name: str, used: Sequence[NamedFile], tree: ClassTree, present: Sequence[str]
) -> str:
    content = "no folder in it holds a video"
    if present:
        other = printable(Path(present[0]))
        content = f"it holds {counted(len(present), 'other video')}, for example {other}"
    example = f", for example {used[0]}" if used else ""
    return (
        f"none of the {counted(len(used), 'file')} of {name} is in {printable(tree.folder)}"
        f"{example}; {content}. Pass the folder that holds one folder per class."
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
