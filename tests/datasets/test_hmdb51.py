"""HMDB51: the published counts, and the traps of its split files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from eruv.datasets.official_splits import hmdb51
from eruv.utils.errors import EruvError

from .conftest import Plant, WriteLists

LISTS = {
    "climb_test_split1.txt": "a#1.avi 1 \nb(!).avi 2 \nunused.avi 0 \n",
    "climb_stairs_test_split1.txt": "a.avi 1 \r\nb;c.avi 2 \r\n",
}
FILES = [
    "climb/a#1.avi",
    "climb/b(!).avi",
    "climb/unused.avi",
    "climb_stairs/a.avi",
    "climb_stairs/b;c.avi",
]


@pytest.fixture(scope="session")
def whole_tree(
    shared: Callable[[str], Path], plant: Plant, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """All 6,766 files, empty."""
    names = {
        f"{path.name.partition('_test_split')[0]}/{line.split()[0]}"
        for path in shared("splits/hmdb51").glob("*_test_split1.txt")
        for line in path.read_text().splitlines()
    }
    assert len(names) == 6766
    return plant(tmp_path_factory.mktemp("hmdb51"), names)


@pytest.mark.parametrize("split", [1, 2, 3])
def test_official_splits_have_the_published_counts_and_no_problem(
    shared: Callable[[str], Path], whole_tree: Path, split: int
) -> None:
    found = hmdb51(whole_tree, shared("splits/hmdb51"), split)
    sides = [file.split for file in found.files]
    assert (sides.count("train"), sides.count("test")) == (3570, 1530)
    assert found.problems == ()
    assert len(found.classes) == 51
    for label in found.classes:
        own = [file.split for file in found.files if file.label == label]
        assert (own.count("train"), own.count("test")) == (70, 30)


def test_numbers_say_train_test_and_unused(
    tmp_path: Path, plant: Plant, write_lists: WriteLists
) -> None:
    found = hmdb51(plant(tmp_path / "videos", FILES), write_lists(tmp_path / "lists", LISTS))
    assert found.classes == ("climb", "climb_stairs")
    assert {
        (file.path.relative_to(tmp_path / "videos").as_posix(), file.label, file.split)
        for file in found.files
    } == {
        ("climb/a#1.avi", "climb", "train"),
        ("climb/b(!).avi", "climb", "test"),
        ("climb_stairs/a.avi", "climb_stairs", "train"),
        ("climb_stairs/b;c.avi", "climb_stairs", "test"),
    }
    # Unused in this split is not unknown.
    assert not any("no split file names" in problem for problem in found.problems)


def test_a_number_beyond_two_is_an_error_with_file_and_line(
    tmp_path: Path, plant: Plant, write_lists: WriteLists
) -> None:
    lists = LISTS | {"climb_test_split1.txt": "a#1.avi 1\nb(!).avi 3\n"}
    with pytest.raises(EruvError, match=r"climb_test_split1\.txt, line 2: .*0, 1 or 2"):
        hmdb51(plant(tmp_path / "videos", FILES), write_lists(tmp_path / "lists", lists))


def test_a_folder_without_files_of_this_split_is_an_error(
    tmp_path: Path, plant: Plant, write_lists: WriteLists
) -> None:
    with pytest.raises(EruvError, match=r"brush_hair_test_split2\.txt"):
        hmdb51(plant(tmp_path / "videos", FILES), write_lists(tmp_path / "lists", LISTS), 2)


def test_packed_classes_are_an_error_that_says_how_to_unpack(
    tmp_path: Path, plant: Plant, write_lists: WriteLists
) -> None:
    videos = plant(tmp_path / "videos", ["climb.rar", "climb_stairs.rar"])
    with pytest.raises(EruvError, match=r"unrar x climb\.rar"):
        hmdb51(videos, write_lists(tmp_path / "videos" / "lists", LISTS))
