"""Clips to train on: every video once in an epoch, drawn by seed, and short ones go round."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from eruv.clips.planes import PlaneClips, to_rgb
from eruv.clips.spec import ClipSize, ClipSpec
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.pretext.task import TRAINING, VALIDATION
from eruv.training.labelled_clips import LabelledClips, epoch_order
from eruv.utils.errors import EruvError
from films_for_tests import frame_number_of, numbered_video

NUM_FRAMES = 60
SHORT = LabelledVideo(0, 40, 49, "short")
LONG = LabelledVideo(0, 5, 60, "long")
EXACT = LabelledVideo(0, 10, 26, "long")


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> LabelledVideos:
    """One film that tells its frame numbers, with stretches of several lengths."""
    folder = tmp_path_factory.mktemp("numbered_labels")
    film = numbered_video(folder / "film.mp4", (NUM_FRAMES,))
    ingest([film.path], folder / "library", workers=1)
    library = Library(folder / "library")
    videos = (SHORT, LONG, EXACT)
    return LabelledVideos(
        "numbers", library, tuple(library.video_ids()), ("long", "short"), videos, ()
    )


def clips_of(data: LabelledVideos, seed: int = 0) -> LabelledClips:
    return LabelledClips(data, data.train, data.train, ClipSize(), seed)


def training_clips(clips: LabelledClips, epochs: int) -> list[tuple[ClipSpec, int]]:
    return [clips.clip(TRAINING, number) for number in range(epochs * len(clips.training))]


def stretch_of(spec: ClipSpec) -> LabelledVideo:
    """The one that a clip must be from: only the short one has repeats, only it begins at 40."""
    if len(set(spec.frames)) < 16:
        return SHORT
    return EXACT if spec.frames == tuple(range(10, 26)) else LONG


@given(seed=st.integers(0, 2**32 - 1), epoch=st.integers(0, 1000), count=st.integers(1, 50))
def test_an_epoch_visits_every_video_once_in_an_order_of_its_own(
    seed: int, epoch: int, count: int
) -> None:
    order = epoch_order(seed, epoch, count)
    assert sorted(order.tolist()) == list(range(count))
    if count > 20:
        assert order.tolist() != epoch_order(seed, epoch + 1, count).tolist()
        assert order.tolist() != epoch_order(seed ^ 1, epoch, count).tolist()


def test_samples_of_an_epoch_are_one_clip_of_each_video(numbered: LabelledVideos) -> None:
    clips = LabelledClips(numbered, (SHORT, EXACT, SHORT), (), ClipSize(), 3)
    for epoch in range(20):
        drawn = [clips.clip(TRAINING, 3 * epoch + place) for place in range(3)]
        assert Counter(stretch_of(spec) for spec, _ in drawn) == {SHORT: 2, EXACT: 1}
        assert Counter(label for _, label in drawn) == {1: 2, 0: 1}


def test_starts_and_crops_are_uniform_over_all_that_fit(numbered: LabelledVideos) -> None:
    clips = LabelledClips(numbered, (LONG,), (), ClipSize(), 0)
    drawn = [spec for spec, _ in training_clips(clips, 4000)]
    starts = Counter(spec.frames[0] for spec in drawn)
    assert set(starts) == set(range(5, 60 - 16 + 1))  # 40 of them
    assert all(spec.frames == tuple(range(spec.frames[0], spec.frames[0] + 16)) for spec in drawn)
    # 4000 draws: 100 for each start, 235 for each row, 67 for each column; five deviations.
    assert max(abs(count - 100) for count in starts.values()) < 50
    rows, columns = (Counter(spec.offset[axis] for spec in drawn) for axis in (0, 1))
    assert (set(rows), set(columns)) == (set(range(17)), set(range(60)))
    assert max(abs(count - 4000 / 17) for count in rows.values()) < 80
    assert {spec.quarter_turns for spec in drawn} == {0}


def test_short_videos_go_round_in_their_pixels(numbered: LabelledVideos) -> None:
    clips = clips_of(numbered)
    seen = 0
    for number in range(12):
        pixels, label = clips.item((TRAINING, number))
        assert pixels.shape == (16, 112, 112, 3)
        assert isinstance(label, int)
        if numbered.classes[label] == "short":
            expected = [40 + step % 9 for step in range(16)]
            assert [frame_number_of(picture) for picture in pixels.numpy()] == expected
            seen += 1
    assert seen == 4


def test_pixels_are_cut_out_where_the_sample_says(
    numbered: LabelledVideos,
) -> None:
    clips = clips_of(numbered)
    reader = numbered.reader(ClipSize())
    for number in range(6):
        spec, _ = clips.clip(TRAINING, number)
        pixels, _ = clips.item((TRAINING, number))
        row, column = spec.offset
        whole = reader._proxy(0).read(spec.frames)
        np.testing.assert_array_equal(pixels, whole[:, row : row + 112, column : column + 112])


def test_validation_is_the_middle_clip_cropped_in_the_middle(numbered: LabelledVideos) -> None:
    clips = clips_of(numbered)
    firsts = []
    for number, video in enumerate(numbered.train):
        spec, label = clips.clip(VALIDATION, number)
        assert numbered.classes[label] == video.label
        assert spec.offset == (8, 29)
        firsts.append(spec.frames[0])
    # Of 55 frames 39 are left over: 19 before the clip and 20 behind it.
    assert firsts == [40, 5 + 19, 10]


def test_the_seed_decides_order_starts_and_crops(numbered: LabelledVideos) -> None:
    first, again, other = (training_clips(clips_of(numbered, seed), 5) for seed in (0, 0, 1))
    assert first == again != other


def test_told_is_the_video_that_is_read(numbered: LabelledVideos) -> None:
    told: list[int] = []
    clips = clips_of(numbered)
    clips.item((TRAINING, 0), told.append)
    assert told == [0]
    assert clips.path(TRAINING, 0) == numbered.library.proxy_path(numbered.video_ids[0])


def test_a_missing_proxy_is_told_before_anything_is_read(
    numbered: LabelledVideos, tmp_path: Path
) -> None:
    gone = LabelledVideos(
        "gone", numbered.library, ("0" * 64,), numbered.classes, numbered.train, ()
    )
    with pytest.raises(EruvError, match=r"lacks 1 of 1 proxies, for example .*0\.mp4"):
        clips_of(gone)


def test_clips_for_a_gpu_come_as_planes_of_the_same_pixels(numbered: LabelledVideos) -> None:
    for_gpu = LabelledClips(numbered, numbered.train, (), ClipSize(), 0, torch.device("cuda"))
    for number in range(3):
        planes, label = for_gpu.item((TRAINING, number))
        clip, other_label = clips_of(numbered).item((TRAINING, number))
        assert isinstance(planes, PlaneClips)
        assert isinstance(clip, torch.Tensor)
        assert label == other_label
        # Converters for other processors than x86 round otherwise.
        assert (to_rgb(planes).int() - clip.int()).abs().max() <= 3
