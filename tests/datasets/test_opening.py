"""A data set as it is named on the command line: what it is recognised as, and said."""

from pathlib import Path

import pytest

from eruv.datasets.opening import open_dataset
from eruv.utils.errors import EruvError

from .conftest import Plant, WriteLists

UCF101_LISTS = {
    "classInd.txt": "1 hop\n2 run\n",
    "trainlist01.txt": "hop/v_1.avi 1\nrun/v_1.avi 2\n",
    "testlist01.txt": "hop/v_2.avi\nrun/v_2.avi\n",
    "trainlist02.txt": "hop/v_2.avi 1\nrun/v_2.avi 2\n",
    "testlist02.txt": "hop/v_1.avi\nrun/v_1.avi\n",
}
HMDB51_LISTS = {
    "hop_test_split1.txt": "v_1.avi 1\nv_2.avi 2\n",
    "run_test_split1.txt": "v_1.avi 1\nv_2.avi 2\n",
}
VIDEOS = ["hop/v_1.avi", "hop/v_2.avi", "run/v_1.avi", "run/v_2.avi"]
TABLE = "path,label,split\nhop/v_1.avi,hop,train\nrun/v_2.avi,run,test\n"


@pytest.fixture
def videos(tmp_path: Path, plant: Plant) -> Path:
    return plant(tmp_path / "videos", VIDEOS)


@pytest.mark.parametrize("place", ["videos", "videos/lists", "lists", "lists/deeper"])
@pytest.mark.parametrize(
    ("lists", "name"), [(UCF101_LISTS, "UCF101, split 1"), (HMDB51_LISTS, "HMDB51, split 1")]
)
def test_official_split_files_tell_the_data_set_wherever_they_lie(
    tmp_path: Path,
    videos: Path,
    write_lists: WriteLists,
    capsys: pytest.CaptureFixture[str],
    place: str,
    lists: dict[str, str],
    name: str,
) -> None:
    write_lists(tmp_path / place, lists)
    splits = tmp_path / "lists" if place.startswith("lists") else None
    found = open_dataset(videos, splits=splits)
    assert found.name == name
    assert len(found.files) == 4
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert f"is read as {name[:6].lower()}: its split files are in {tmp_path / place}" in (
        captured.err
    )
    assert captured.out == ""


def test_the_number_of_the_split_chooses_the_lists(
    tmp_path: Path, videos: Path, write_lists: WriteLists
) -> None:
    write_lists(tmp_path / "lists", UCF101_LISTS)
    found = open_dataset(videos, "ucf101", tmp_path / "lists", 2)
    assert found.name == "UCF101, split 2"
    assert {file.path.name for file in found.files if file.split == "train"} == {"v_2.avi"}


def test_folders_without_split_files_are_classes(
    videos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "30 %" in open_dataset(videos).name
    assert "is read as folders" in capsys.readouterr().err


def test_a_csv_file_is_a_table(
    videos: Path, write_lists: WriteLists, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lists(videos, {"table.CSV": TABLE, "table.txt": TABLE})
    found = open_dataset(videos / "table.CSV")
    assert [file.label for file in found.files] == ["hop", "run"]
    assert "is read as csv" in capsys.readouterr().err
    assert open_dataset(videos / "table.txt", "csv").files == found.files
    with pytest.raises(EruvError, match=r"table\.txt is not a data set.*`format` csv"):
        open_dataset(videos / "table.txt")


def test_a_chosen_format_is_taken_and_nothing_is_said(
    videos: Path, write_lists: WriteLists, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lists(videos, UCF101_LISTS)
    assert "30 %" in open_dataset(videos, "folders").name
    assert capsys.readouterr().err == ""


def test_split_files_of_two_data_sets_are_an_error(videos: Path, write_lists: WriteLists) -> None:
    write_lists(videos, UCF101_LISTS | HMDB51_LISTS)
    with pytest.raises(EruvError, match=r"ucf101 and hmdb51.*`format`"):
        open_dataset(videos)
    assert open_dataset(videos, "hmdb51").name == "HMDB51, split 1"


def test_a_folder_for_splits_without_any_is_an_error(tmp_path: Path, videos: Path) -> None:
    (tmp_path / "lists").mkdir()
    for format in (None, "ucf101"):
        with pytest.raises(EruvError, match=r"lists has no official split files"):
            open_dataset(videos, format, tmp_path / "lists")
    with pytest.raises(EruvError, match=r"cannot read the folder .*nowhere"):
        open_dataset(videos, splits=tmp_path / "nowhere")


@pytest.mark.parametrize("format", ["ucf101", "hmdb51"])
def test_an_official_format_without_split_files_is_an_error(videos: Path, format: str) -> None:
    with pytest.raises(EruvError, match=rf"no official split files of {format}.*`splits`"):
        open_dataset(videos, format)


def test_options_of_official_splits_are_refused_where_there_are_none(
    tmp_path: Path, videos: Path
) -> None:
    message = r"`splits` and `split` are for ucf101 and hmdb51"
    with pytest.raises(EruvError, match=message):
        open_dataset(videos, split=2)
    with pytest.raises(EruvError, match=message):
        open_dataset(videos, "folders", splits=tmp_path)


@pytest.mark.parametrize("format", [None, "ucf101", "hmdb51", "folders", "csv"])
def test_a_path_that_does_not_exist_is_an_error_that_names_it(
    tmp_path: Path, format: str | None
) -> None:
    with pytest.raises(EruvError, match="nowhere"):
        open_dataset(tmp_path / "nowhere", format)


def test_unknown_formats_and_splits_are_refused() -> None:
    with pytest.raises(ValueError, match="ucf101, hmdb51, folders, csv; got 'kinetics'"):
        open_dataset(Path("x"), "kinetics")
    with pytest.raises(ValueError, match="one of 1, 2, 3; got 4"):
        open_dataset(Path("x"), split=4)
