"""Sampled pictures: those of a direct loop, and near those of the scaler."""

from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.media.orientation import UPRIGHT, Orientation
from eruv.media.sampling import Sampler, sampled
from eruv.media.scaling import Scaler
from films_for_tests import pattern


def frame_of(height: int, width: int, pixels: str = "yuv420p") -> av.VideoFrame:
    picture = np.stack([pattern(seed, height, width) for seed in (1, 2, 3)], -1)
    frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=pixels)
    frame.time_base = Fraction(1, 25)
    return frame


@settings(deadline=None, max_examples=30)
@given(
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    small=st.tuples(st.integers(1, 60), st.integers(1, 60)),
    seed=st.integers(0, 9),
)
def test_a_pixel_is_the_mean_of_its_samples(
    size: tuple[int, int], small: tuple[int, int], seed: int
) -> None:
    plane = np.random.default_rng(seed).integers(0, 256, size).astype(np.uint8)
    found = sampled(plane, size, small)
    assert found.shape == small
    for y, x in [(0, 0), (small[0] - 1, small[1] - 1), (small[0] // 2, small[1] // 3)]:
        rows, columns = (
            [(8 * place + 2 * n + 1) * side // (8 * parts) for n in range(4)]
            for place, side, parts in ((y, size[0], small[0]), (x, size[1], small[1]))
        )
        assert found[y, x] == (plane[np.ix_(rows, columns)].astype(int).sum() + 8) // 16


def test_padding_is_not_seen() -> None:
    rows = np.random.default_rng(0).integers(0, 256, (50, 70)).astype(np.uint8)
    inside = np.ascontiguousarray(rows[:41, :61])
    assert np.array_equal(sampled(rows, (41, 61), (24, 32)), sampled(inside, (41, 61), (24, 32)))


def test_a_flat_plane_stays_flat() -> None:
    assert (sampled(np.full((241, 427), 255, np.uint8), (241, 427), (96, 128)) == 255).all()


@pytest.mark.parametrize("size", [(240, 428), (719, 1279), (100, 130), (2160, 3840)])
def test_it_is_near_the_scaler(size: tuple[int, int]) -> None:
    frame = frame_of(*size)
    for found, scaled in zip(
        Sampler(96, 128).planes(frame, UPRIGHT),
        Scaler(96, 128, "yuv420p").planes(frame, UPRIGHT),
        strict=True,
    ):
        assert found.shape == scaled.shape
        assert np.abs(found.astype(int) - scaled).mean() < 3


@pytest.mark.parametrize("pixels", ["yuv444p", "rgb24", "yuv420p10le"])
def test_other_formats_are_scaled(pixels: str) -> None:
    frame = frame_of(120, 160, pixels)
    for found, scaled in zip(
        Sampler(96, 128).planes(frame, UPRIGHT),
        Scaler(96, 128, "yuv420p").planes(frame, UPRIGHT),
        strict=True,
    ):
        assert np.array_equal(found, scaled)


def test_full_range_becomes_limited() -> None:
    frame = frame_of(120, 160)
    limited = Sampler(96, 128).planes(frame, UPRIGHT)[0]
    frame.color_range = ColorRange.JPEG
    assert Sampler(96, 128).planes(frame, UPRIGHT)[0].mean() < limited.mean()


@pytest.mark.parametrize("turned", range(8))
def test_pictures_come_out_upright(turned: int) -> None:
    orientation = Orientation(bool(turned & 1), bool(turned & 2), bool(turned & 4))
    frame = frame_of(240, 320)
    found = Sampler(96, 128).planes(frame, orientation)
    scaled = Scaler(96, 128, "yuv420p").planes(frame, orientation)
    for one, other in zip(found, scaled, strict=True):
        assert one.shape == other.shape
        assert np.abs(one.astype(int) - other).mean() < 3
