"""Attention over a file: every frame once, in its clip, at its place in the picture."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from eruv.clips.spec import ClipSize
from eruv.figures.attention_maps import (
    AttentionFrame,
    FrameSample,
    ShownFrame,
    attention_frames,
    attention_maps,
    box_of,
    clips_in_order,
    shown_frames,
)
from eruv.models.encoder import Encoder
from films_for_tests import NumberedVideo

PICTURE = np.zeros((128, 171, 3), np.uint8)


def frames_of(count: int) -> list[ShownFrame]:
    return [ShownFrame(number, number / 25, PICTURE) for number in range(count)]


@given(count=st.integers(0, 100), length=st.integers(1, 20))
def test_every_frame_is_new_once_in_a_clip_of_neighbours(count: int, length: int) -> None:
    new = []
    for clip, fresh in clips_in_order(frames_of(count), length):
        numbers = [frame.number for frame in clip]
        assert len(numbers) == length
        if count >= length:
            assert numbers == list(range(numbers[0], numbers[0] + length))
        new += [numbers[place] for place in fresh]
    assert new == list(range(count))


def test_a_short_video_goes_round_as_in_recognition() -> None:
    ((clip, fresh),) = clips_in_order(frames_of(6))
    assert [frame.number for frame in clip] == [0, 1, 2, 3, 4, 5] * 2 + [0, 1, 2, 3]
    assert fresh == range(6)


def test_frames_are_those_of_the_file_at_the_size_of_proxies(
    numbered_video: NumberedVideo, frame_number_of: Callable[[NDArray[np.generic]], int]
) -> None:
    found = list(shown_frames(numbered_video.path, start_s=1.0, end_s=3.0))
    assert [frame.number for frame in found] == list(range(25, 75))
    assert [frame.time_s for frame in found] == pytest.approx(np.arange(25, 75) / 25)
    assert {frame.picture.shape for frame in found} == {(128, 171, 3)}
    assert [frame_number_of(frame.picture) for frame in found[::7]] == list(range(25, 75, 7))


def test_heats_are_the_maps_of_the_clip_that_a_frame_is_new_in() -> None:
    torch.manual_seed(0)
    size = ClipSize(64, 86, 48)
    encoder = Encoder("r3d", 0.03, size.height, size.width, size.crop).eval()
    generator = np.random.default_rng(0)
    # Each picture of one colour, so that scaling and cropping leave it as it is.
    colours = generator.integers(0, 256, (40, 3), np.uint8)
    frames = [
        ShownFrame(number, number / 25, np.tile(colour, (128, 172, 1)))
        for number, colour in enumerate(colours)
    ]
    found = list(attention_frames(frames, {"one": encoder}, [5]))
    assert [one.frame.number for one in found] == list(range(40))
    for first, numbers in ((0, range(0, 16)), (16, range(16, 32)), (24, range(32, 40))):
        clip = torch.from_numpy(colours[first : first + 16])[None, :, None, None]
        pixels = clip.expand(1, 16, 48, 48, 3).contiguous()
        expected = attention_maps(encoder, pixels, (96, 96), [5])[5][0].numpy()
        for number in numbers:
            heat = found[number].heats["one", 5]
            np.testing.assert_allclose(heat, expected[number - first], atol=1e-5)


def test_the_box_is_where_the_crop_lies_in_the_picture() -> None:
    assert box_of(ClipSize(), (128, 171, 3)) == (8, 29, 112, 112)
    assert box_of(ClipSize(64, 86, 48), (128, 172, 3)) == (16, 38, 96, 96)


@pytest.mark.parametrize(("count", "most"), [(1, 5), (9, 5), (80, 5), (3000, 5), (3000, 1)])
def test_a_sample_is_spread_evenly_over_a_video_of_any_length(count: int, most: int) -> None:
    sample = FrameSample(most)
    for frame in frames_of(count):
        sample.add(AttentionFrame(frame, {}))
        assert len(sample.frames) < 4 * most
    numbers = [one.frame.number for one in sample.chosen()]
    if count < 9:
        assert numbers == [count - 1]
        return
    assert len(numbers) == min(most, (count + 7) // 16)
    assert all(number % 16 == 8 for number in numbers)
    if count == 3000 and most == 5:
        assert numbers[0] == 8
        assert numbers[-1] > 0.8 * count
        steps = np.diff(numbers)
        assert steps.max() < 1.6 * steps.min()
