"""The validation set of THUMOS14: which of its 1010 videos are there."""

from pathlib import Path

import pytest

from eruv.datasets.thumos14 import thumos14_validation
from eruv.utils.errors import EruvError

from .conftest import Plant

NAMES = [f"video_validation_{number:07d}.mp4" for number in range(1, 1011)]


def test_all_videos_are_found_in_the_order_of_their_numbers(tmp_path: Path, plant: Plant) -> None:
    folder = plant(tmp_path, [f"validation/{name}" for name in NAMES])
    paths, problems = thumos14_validation(folder)
    assert [path.name for path in paths] == NAMES
    assert all(path.is_absolute() for path in paths)
    assert not problems


def test_missing_and_other_videos_are_said(tmp_path: Path, plant: Plant) -> None:
    others = ["video_test_0000001.mp4", "video_validation_0001011.mp4", f"copy/{NAMES[0]}"]
    paths, problems = thumos14_validation(plant(tmp_path, [*NAMES[:3], *NAMES[7:], *others]))
    assert len(paths) == 1006
    missing, left_out = problems
    assert f"4 of 1,010 videos ({', '.join(NAMES[3:6])} and 1 more)" in missing
    assert "3 videos" in left_out
    assert "video_validation_0001011.mp4" in left_out


def test_a_folder_with_none_of_them_is_an_error(tmp_path: Path, plant: Plant) -> None:
    with pytest.raises(EruvError, match=r"holds 1 video, and none of THUMOS14"):
        thumos14_validation(plant(tmp_path, ["film.mp4"]))
