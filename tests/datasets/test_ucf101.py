"""UCF101: the published counts, and the traps of its split files.

Covers also: official_splits.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from eruv.datasets.labelled_files import LabelledFiles
from eruv.datasets.official_splits import ucf101
from eruv.utils.errors import EruvError

from .conftest import Plant, WriteLists

PUBLISHED = {1: (9537, 3783), 2: (9586, 3734), 3: (9624, 3696)}
SMALL = [
    "Archery/v_Archery_g01_c01.avi",
    "Archery/v_Archery_g08_c01.avi",
    "HandstandPushups/v_HandStandPushups_g01_c01.avi",
    "HandstandPushups/v_HandStandPushups_g08_c01.avi",
]
LISTS = {
    "classInd.txt": "1 Archery\r\n2 HandstandPushups\r\n",
    "trainlist01.txt": f"{SMALL[1]} 1\r\n{SMALL[3]} 2\r\n",
    "testlist01.txt": f"{SMALL[0]}\r\n{SMALL[2]}\r\n",
}


@pytest.fixture
def small(tmp_path: Path, plant: Plant, write_lists: WriteLists) -> Callable[..., LabelledFiles]:
    """Four clips with lists like the official ones; lists can be changed, and files removed."""

    def read(lists: dict[str, str] | None = None, names: list[str] = SMALL) -> LabelledFiles:
        splits = write_lists(tmp_path / "lists", LISTS | (lists or {}))
        return ucf101(plant(tmp_path / "videos", names), splits)

    return read


@pytest.fixture(scope="session")
def whole_tree(
    shared: Callable[[str], Path], plant: Plant, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """All 13,320 files, empty, named by the first split."""
    splits = shared("splits/ucf101")
    lines = (splits / "trainlist01.txt").read_text() + (splits / "testlist01.txt").read_text()
    names = {line.split()[0] for line in lines.splitlines()}
    assert len(names) == 13_320
    return plant(tmp_path_factory.mktemp("ucf101") / "UCF-101", names)


@pytest.mark.parametrize("split", PUBLISHED)
def test_official_splits_have_the_published_counts_and_no_problem(
    shared: Callable[[str], Path], whole_tree: Path, split: int
) -> None:
    found = ucf101(whole_tree, shared("splits/ucf101"), split)
    sides = {side: [f for f in found.files if f.split == side] for side in ("train", "test")}
    assert (len(sides["train"]), len(sides["test"])) == PUBLISHED[split]
    assert found.problems == ()
    assert found.name == f"UCF101, split {split}"
    assert {file.path for file in found.files} == set(whole_tree.glob("*/*.avi"))
    assert all(file.label == file.path.parent.name for file in found.files)


def test_class_numbers_of_the_official_file_are_places_in_the_list_of_classes(
    shared: Callable[[str], Path], whole_tree: Path
) -> None:
    splits = shared("splits/ucf101")
    found = ucf101(whole_tree, splits)
    assert (len(found.classes), found.classes[0], found.classes[100]) == (
        101,
        "ApplyEyeMakeup",
        "YoYo",
    )
    labels = {str(f.path.relative_to(whole_tree)): f.label for f in found.files}
    for line in (splits / "trainlist01.txt").read_text().splitlines():
        name, number = line.split()
        assert found.classes[int(number) - 1] == labels[name]


def test_fifteen_real_clips_are_found_and_the_missing_ones_are_said(
    shared: Callable[[str], Path],
) -> None:
    found = ucf101(shared("videos/ucf101-mini"), shared("splits/ucf101"))
    assert [file.split for file in found.files] == ["test"] * 15
    missing_train, missing_test, empty, no_training = found.problems
    assert "9,537 of 9,537 training files" in missing_train
    assert "3,768 of 3,783 test files" in missing_test
    assert empty.startswith("98 classes have no video: ApplyLipstick, Archery, BabyCrawling and 95")
    assert no_training == "There is no training video."


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_ends_of_either_system_are_no_part_of_a_name(
    small: Callable[..., LabelledFiles], line_end: str
) -> None:
    found = small({name: text.replace("\r\n", line_end) for name, text in LISTS.items()})
    assert found.classes == ("Archery", "HandstandPushups")
    assert len(found.files) == 4
    assert "\r" not in "".join(f"{file.label}{file.path}" for file in found.files)


def test_the_class_is_the_folder_and_not_what_the_file_name_spells(
    small: Callable[..., LabelledFiles],
) -> None:
    labels = {file.path.name: file.label for file in small().files}
    assert labels["v_HandStandPushups_g08_c01.avi"] == "HandstandPushups"


def test_small_lists_are_said_to_differ_from_the_published_counts(
    small: Callable[..., LabelledFiles],
) -> None:
    said = " ".join(small().problems)
    assert "name 2 classes; published are 101" in said
    assert "name 2 training videos; published are 9,537" in said
    assert "name 2 test videos; published are 3,783" in said


def test_missing_and_superfluous_files_are_counted_and_named(
    small: Callable[..., LabelledFiles],
) -> None:
    names = [*SMALL[:3], "Archery/other.avi", "Fencing/v_Fencing_g01_c01.avi", "loose.avi"]
    found = small(names=names)
    assert len(found.files) == 3
    said = " ".join(found.problems)
    assert f"1 of 2 training files ({SMALL[3]})" in said
    assert "3 videos" in said
    assert "Archery/other.avi, Fencing/v_Fencing_g01_c01.avi, loose.avi" in said
    assert "1 class has no training video: HandstandPushups." in said


def test_a_file_in_both_lists_or_twice_in_one_is_said(
    small: Callable[..., LabelledFiles],
) -> None:
    lists = {"testlist01.txt": f"{SMALL[0]}\n{SMALL[0]}\n{SMALL[1]}\n{SMALL[2]}\n"}
    found = small(lists)
    assert sum(file.path.name == "v_Archery_g01_c01.avi" for file in found.files) == 1
    said = " ".join(found.problems)
    assert f"1 file more than once: {SMALL[0]}." in said
    assert "1 file is in both splits" in said
    assert "v_Archery_g08_c01.avi" in said


def test_nothing_there_is_an_error_that_says_what_was_sought_and_what_is_there(
    small: Callable[..., LabelledFiles],
) -> None:
    with pytest.raises(EruvError, match=r"none of the 4 files of UCF101") as error:
        small(names=["Archery/film.mp4"])
    assert SMALL[1] in str(error.value)
    assert "1 other video, for example Archery/film.mp4" in str(error.value)


@pytest.mark.parametrize(
    ("name", "text", "parts"),
    [
        ("classInd.txt", "0 Archery\n1 HandstandPushups\n", ["line 1", "the number 1"]),
        ("classInd.txt", "1 Archery\n2 Archery\n", ["line 2", "2 Archery"]),
        ("trainlist01.txt", f"{SMALL[1]} 1\n{SMALL[3]} 1\n", ["line 2", "number 2"]),
        ("trainlist01.txt", "\nFencing/v_Fencing_g01_c01.avi 1\n", ["line 2", "Fencing"]),
        ("testlist01.txt", "v_Archery_g01_c01.avi\n", ["line 1", "v_Archery_g01_c01.avi"]),
    ],
)
def test_a_wrong_split_file_is_an_error_with_file_and_line(
    small: Callable[..., LabelledFiles], name: str, text: str, parts: list[str]
) -> None:
    with pytest.raises(EruvError) as error:
        small({name: text})
    for part in [name, *parts]:
        assert part in str(error.value)


def test_a_missing_or_binary_split_file_is_an_error_that_names_it(
    small: Callable[..., LabelledFiles], tmp_path: Path, plant: Plant, write_lists: WriteLists
) -> None:
    videos = plant(tmp_path / "videos", SMALL)
    splits = write_lists(tmp_path / "lists", LISTS)
    with pytest.raises(EruvError, match=r"trainlist02\.txt.*`splits`"):
        ucf101(videos, splits, 2)
    (splits / "trainlist01.txt").write_bytes(b"\xff\xfeA\0")
    with pytest.raises(EruvError, match=r"trainlist01\.txt is not a split file: byte 0"):
        ucf101(videos, splits)


def test_class_folders_may_lie_one_folder_deeper_and_be_links(
    tmp_path: Path, plant: Plant, write_lists: WriteLists
) -> None:
    real = plant(tmp_path / "elsewhere", SMALL)
    below = plant(tmp_path / "data" / "UCF-101", [])
    for label in ("Archery", "HandstandPushups"):
        (below / label).symlink_to(real / label)
    splits = write_lists(tmp_path / "data" / "lists", LISTS)
    assert len(ucf101(tmp_path / "data", splits).files) == 4
