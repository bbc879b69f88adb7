"""Rows of videos: made once, and gone on with where the work was interrupted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from eruv.clips.spec import ClipSize
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.feature_file import Features
from eruv.evaluation.features import ROWS_FOLDER, Extractor, clip_starts, clips_of
from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock

SIZE = ClipSize(32, 43, 32)


class Brightness:
    """Mean of each colour; stops as a user would after some videos."""

    def __init__(self, videos: int = 1000) -> None:
        self.left = videos
        self.done = 0

    def __call__(self, clips_BTHWC: Tensor) -> Tensor:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.done += 1
        return clips_BTHWC.double().mean((1, 2, 3))


def rows(
    data: LabelledVideos,
    folder: Path,
    extract: Brightness,
    *,
    size: ClipSize = SIZE,
    key: int = 1,
    workers: int = 0,
    number: int = 15,
) -> Features:
    extractor = Extractor(data, size, extract, workers=workers)
    return extractor.rows_by_key(data.train[:number], folder, {"kind": key}, "rows")


def expected(data: LabelledVideos) -> Features:
    reader = data.reader(SIZE)
    return np.stack(
        [reader.read_all(clips_of(video, SIZE)).mean((0, 1, 2, 3)) for video in data.train]
    )


def test_interrupted_work_goes_on_behind_the_last_saved_row(
    labelled: LabelledVideos, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        rows(labelled, tmp_path, Brightness(videos=10))
    second = Brightness()
    found = rows(labelled, tmp_path, second)
    assert second.done == 15 - 10
    np.testing.assert_allclose(found, expected(labelled), rtol=1e-5)
    assert found.dtype == np.float32
    again = Brightness(videos=0)
    np.testing.assert_array_equal(rows(labelled, tmp_path, again), found)
    assert not list(tmp_path.rglob("*.part"))


def test_rows_are_those_of_the_videos_and_the_key(labelled: LabelledVideos, tmp_path: Path) -> None:
    rows(labelled, tmp_path, Brightness())
    for changed in ({"key": 2}, {"size": ClipSize(48, 64, 32)}, {"number": 14}):
        extract = Brightness()
        rows(labelled, tmp_path, extract, **changed)
        assert extract.done == changed.get("number", 15)


def test_rows_have_one_writer_at_a_time(labelled: LabelledVideos, tmp_path: Path) -> None:
    folder = tmp_path / ROWS_FOLDER
    folder.mkdir()
    with folder_lock(folder), pytest.raises(EruvError, match="another eruv process"):
        rows(labelled, tmp_path, Brightness(), number=1)
    assert rows(labelled, tmp_path, Brightness(), number=1).shape == (1, 3)


def test_rows_are_those_of_the_settings_of_the_proxies(
    labelled: LabelledVideos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows(labelled, tmp_path, Brightness(), number=1)
    settings = labelled.library.settings
    other = replace(settings, proxy=replace(settings.proxy, quantizer=5))
    monkeypatch.setattr(labelled.library, "settings", other)
    again = Brightness()
    rows(labelled, tmp_path, again, number=1)
    assert again.done == 1


def test_a_worker_reads_the_same_clips(labelled: LabelledVideos, tmp_path: Path) -> None:
    here = rows(labelled, tmp_path / "here", Brightness())
    there = rows(labelled, tmp_path / "there", Brightness(), workers=1)
    assert torch.equal(torch.tensor(here), torch.tensor(there))


def test_features_of_several_videos_at_once_and_of_one_clip_each(labelled: LabelledVideos) -> None:
    found = Extractor(labelled, SIZE, Brightness()).all_rows(labelled.train, "rows")
    np.testing.assert_allclose(found, expected(labelled), rtol=1e-5)
    (clips,) = list(Extractor(labelled, SIZE, Brightness()).rows(labelled.train[-1:], "clip"))
    np.testing.assert_allclose(clips.mean(axis=0), found[-1], rtol=1e-6)
    assert clips.shape == (10, 3)
    first = Extractor(labelled, SIZE, Brightness(), clips_per_video=1)
    np.testing.assert_array_equal(first.all_rows(labelled.train[-1:], "rows"), clips[:1])


def test_centres_stand_evenly_from_8_frames_after_the_start_to_8_before_the_end() -> None:
    # int(centre - 8) of linspace(8, L - 8, 10): by hand, and for a length that rounds down.
    assert clip_starts(106) == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert clip_starts(100) == [0, 9, 18, 28, 37, 46, 56, 65, 74, 84]
    assert clip_starts(16) == clip_starts(5) == [0] * 10
    assert clip_starts(17) == [0] * 9 + [1]


@given(length=st.integers(17, 5000))
def test_every_clip_lies_inside_its_video(length: int) -> None:
    starts = clip_starts(length)
    assert (starts[0], starts[-1]) == (0, length - 16)
    assert starts == sorted(starts)
    assert len(starts) == 10


def test_clips_are_whole_contiguous_and_cropped_in_the_middle() -> None:
    size = ClipSize()
    clips = clips_of(LabelledVideo(3, 200, 306, "walk"), size)
    assert [clip.frames for clip in clips] == [
        tuple(range(200 + 10 * number, 216 + 10 * number)) for number in range(10)
    ]
    assert {(clip.video, clip.offset, clip.quarter_turns) for clip in clips} == {(3, (8, 29), 0)}


def test_a_video_of_under_16_frames_goes_round() -> None:
    clips = clips_of(LabelledVideo(0, 50, 56, "wave"), ClipSize())
    rounds = [50, 51, 52, 53, 54, 55]
    assert {clip.frames for clip in clips} == {tuple(rounds + rounds + rounds[:4])}


def test_a_stretch_without_frames_is_refused() -> None:
    for start, end in ((5, 5), (-1, 4)):
        with pytest.raises(ValueError, match=r"\[start, end\)"):
            LabelledVideo(0, start, end, "none")
