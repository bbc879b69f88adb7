"""Rows of videos: made once, and gone on with where the work was interrupted."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from eruv.clips.spec import ClipSize
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.evaluation.described import Rows, rows_of_videos
from eruv.evaluation.ten_clips import clips_of

SIZE = ClipSize(32, 43, 32)


class Brightness:
    """Mean of each colour; stops as a user would after some videos."""

    def __init__(self, videos: int = 1000) -> None:
        self.left = videos
        self.done = 0

    def __call__(self, clips_NTHWC: Tensor) -> Tensor:
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.done += 1
        return clips_NTHWC.double().mean((0, 1, 2, 3)).float()


def rows(data: LabelledVideos, folder: Path, describe: Brightness, **more: object) -> Rows:
    arguments = {"device": "cpu", "workers": 0, "title": "rows"} | more
    return rows_of_videos(data, data.train, SIZE, describe, folder, {"kind": 1}, **arguments)


def expected(data: LabelledVideos) -> Rows:
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
    first = Brightness()
    rows(labelled, tmp_path, first)
    for changed in (
        {"key": {"kind": 2}},
        {"size": ClipSize(48, 64, 32)},
        {"videos": labelled.train[1:]},
    ):
        describe = Brightness()
        arguments = {"videos": labelled.train, "size": SIZE, "key": {"kind": 1}} | changed
        rows_of_videos(
            labelled,
            describe=describe,
            folder=tmp_path,
            device="cpu",
            workers=0,
            title="rows",
            **arguments,
        )
        assert describe.done == len(arguments["videos"])


def test_a_worker_reads_the_same_clips(labelled: LabelledVideos, tmp_path: Path) -> None:
    here = rows(labelled, tmp_path / "here", Brightness())
    there = rows(labelled, tmp_path / "there", Brightness(), workers=1)
    assert torch.equal(torch.tensor(here), torch.tensor(there))
