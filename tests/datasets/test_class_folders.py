"""One folder per class: where the split comes from, and that it is the same every time.

Covers also: class_tree.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.datasets.class_folders import class_folders
from eruv.datasets.class_tree import natural_order
from eruv.datasets.labelled_files import LabelledFiles
from eruv.utils.errors import EruvError

from .conftest import Plant


def names_of(found: LabelledFiles, split: str) -> list[str]:
    return [file.path.name for file in found.files if file.split == split]


def test_the_last_three_of_ten_files_in_natural_order_are_for_tests(
    tmp_path: Path, plant: Plant
) -> None:
    names = [f"{label}/clip{number}.mp4" for label in ("run", "walk") for number in range(1, 11)]
    found = class_folders(plant(tmp_path / "films", names))
    assert found.classes == ("run", "walk")
    assert names_of(found, "test") == ["clip8.mp4", "clip9.mp4", "clip10.mp4"] * 2
    assert found.name == "films, the last 30 % of each class by name for tests"
    assert found.problems == ()


@given(st.dictionaries(st.sampled_from("abc"), st.integers(1, 25), min_size=1))
def test_the_split_of_folders_is_disjoint_and_covers_all_files(counts: dict[str, int]) -> None:
    with TemporaryDirectory() as folder:
        names = {
            Path(folder, label, f"{number}.avi")
            for label, count in counts.items()
            for number in range(count)
        }
        for path in names:
            path.parent.mkdir(exist_ok=True)
            path.touch()
        found = class_folders(Path(folder))
    train, test = ({f.path for f in found.files if f.split == s} for s in ("train", "test"))
    assert train | test == names
    assert not train & test
    assert len(found.files) == len(names)
    for label, count in counts.items():
        tested = sorted(
            int(f.path.stem) for f in found.files if (f.label, f.split) == (label, "test")
        )
        assert tested == list(range(count - len(tested), count))
        assert abs(len(tested) - 0.3 * count) <= 0.5
        assert len(tested) < count
        assert count == 1 or tested


@given(st.lists(st.integers(0, 10**20), unique=True), st.text("ab ._-é", max_size=3))
def test_natural_order_is_that_of_the_numbers(numbers: list[int], before: str) -> None:
    paths = [Path("x", f"{before}{number}z.avi") for number in numbers]
    assert natural_order(paths) == [
        path for _, path in sorted(zip(numbers, paths, strict=True), key=lambda pair: pair[0])
    ]


@given(st.lists(st.text("ab10A/", min_size=1, max_size=6)))
def test_natural_order_does_not_depend_on_the_order_of_finding(names: list[str]) -> None:
    paths = list({Path(name) for name in names})
    assert natural_order(paths) == natural_order(reversed(paths))


def test_folders_train_and_test_are_the_split(tmp_path: Path, plant: Plant) -> None:
    names = ["Train/run/1.mp4", "Train/walk/1.mp4", "test/run/2.mp4", "test/walk/deep/3.mp4"]
    others = ["validation/run/9.mp4", "test/loose.mp4"]
    found = class_folders(plant(tmp_path / "films", [*names, *others]))
    assert found.classes == ("run", "walk")
    assert names_of(found, "train") == ["1.mp4", "1.mp4"]
    assert names_of(found, "test") == ["2.mp4", "3.mp4"]
    assert found.name == "films, split by its folders Train and test"
    (problem,) = found.problems
    assert problem.startswith("Not used: 2 videos outside the class folders")
    assert "9.mp4" in problem
    assert "loose.mp4" in problem


def test_a_class_that_is_only_in_train_or_in_test_is_said(tmp_path: Path, plant: Plant) -> None:
    names = ["train/run/1.mp4", "train/walk/1.mp4", "test/run/2.mp4", "test/hop/3.mp4"]
    said = " ".join(class_folders(plant(tmp_path, names)).problems)
    assert "1 class has no training video: hop." in said
    assert "1 class has no test video: walk." in said


@pytest.mark.parametrize("names", [["train"], ["Training", "Testing"], ["train", "val"]])
def test_folders_that_look_like_a_split_and_are_none_are_an_error(
    tmp_path: Path, plant: Plant, names: list[str]
) -> None:
    with pytest.raises(EruvError, match="look like a split"):
        class_folders(plant(tmp_path, [f"{name}/run/1.mp4" for name in names]))


def test_empty_folders_loose_videos_and_libraries_are_no_classes(
    tmp_path: Path, plant: Plant
) -> None:
    names = ["run/1.mp4", "run/2.mp4", "walk/1.mp4", "walk/2.mp4", "walk/notes.txt", "loose.mp4"]
    library = ["lib/library.json", "lib/catalogue/x", "lib/proxies/p.mp4", ".hidden/1.mp4"]
    found = class_folders(plant(tmp_path, [*names, "empty/notes.txt", *library]))
    assert found.classes == ("run", "walk")
    empty, loose = found.problems
    assert empty == "1 folder holds no video: empty."
    assert "1 video outside" in loose


def test_a_single_file_of_a_class_is_for_training_and_said(tmp_path: Path, plant: Plant) -> None:
    found = class_folders(plant(tmp_path, ["run/1.mp4", "walk/1.mp4", "walk/2.mp4"]))
    assert [file.split for file in found.files] == ["train", "train", "test"]
    assert found.problems == ("1 class has no test video: run.",)


def test_one_class_is_said(tmp_path: Path, plant: Plant) -> None:
    (problem,) = class_folders(plant(tmp_path, ["run/1.mp4", "run/2.mp4"])).problems
    assert problem.startswith("There is only one class, run")


@pytest.mark.parametrize("names", [[], ["loose.mp4"], ["run/notes.txt"]])
def test_no_video_in_a_folder_is_an_error(tmp_path: Path, plant: Plant, names: list[str]) -> None:
    with pytest.raises(EruvError, match=r"no folder in .* holds a video"):
        class_folders(plant(tmp_path / "films", names))


def test_a_folder_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EruvError, match=r"cannot read the folder .*films"):
        class_folders(tmp_path / "films")


def test_a_folder_whose_name_is_no_text_is_an_error(tmp_path: Path, plant: Plant) -> None:
    try:
        plant(tmp_path, [os.fsdecode(b"caf\xe9/1.mp4")])
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    with pytest.raises(EruvError, match="cannot name a class"):
        class_folders(tmp_path)


def test_digits_of_other_scripts_are_text() -> None:
    paths = [Path("/d/１/x.mp4"), Path("/d/a/x.mp4"), Path("/d/2/x.mp4")]
    assert natural_order(paths) == natural_order(reversed(paths))
