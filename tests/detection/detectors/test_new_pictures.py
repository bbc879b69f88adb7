"""Repeats and frames above 30 a second are no new pictures; frames are found again by their row.

Covers also: picture_rows.
"""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.detection.detectors.features import NUM_FEATURES
from eruv.detection.detectors.new_pictures import MOST_HELD, NewPictures
from eruv.detection.detectors.picture_rows import PictureRows
from films_for_tests import pattern

SCENE = pattern(1, 96, 400)


def view(place: int) -> np.ndarray:
    """What a camera sees that swings on: no two places look alike."""
    return SCENE[:, 3 * place : 3 * place + 128].copy()


def planes(luma: np.ndarray, red: int = 128) -> list[np.ndarray]:
    return [luma, np.full((48, 64), 128, np.uint8), np.full((48, 64), red, np.uint8)]


def rows_of(pictures: list[np.ndarray], rate: float) -> NewPictures:
    """Pictures at an even rate."""
    seen = NewPictures()
    for number, picture in enumerate(pictures):
        seen.rows_for(planes(picture), number / rate)
    seen.finish()
    return seen


@pytest.mark.parametrize("times", [1, 2, 3, 5])
def test_a_repeated_picture_counts_once(times: int) -> None:
    rng = np.random.default_rng(0)
    shown = [view(n) for n in range(20) for _ in range(times)]
    # compression leaves every frame a little different
    noisy = [(one + rng.integers(0, 2, one.shape)).astype(np.uint8) for one in shown]
    seen = rows_of(noisy, 6 * times)
    assert list(seen.first) == list(range(0, 20 * times, times))
    assert list(seen.last) == list(range(times - 1, 20 * times, times))


def test_telecine_counts_film_frames() -> None:
    shown = [view(n) for n in range(20) for _ in range(2 + n % 2)]
    assert len(rows_of(shown, 60).first) == 20


@pytest.mark.parametrize(("rate", "step"), [(12, 1), (25, 1), (30, 1), (50, 2), (60, 2), (120, 4)])
def test_about_thirty_pictures_a_second_count(rate: int, step: int) -> None:
    seen = rows_of([view(n % 90) for n in range(80)], rate)
    assert list(seen.first) == list(range(0, 80, step))


def test_times_of_whole_milliseconds_are_30_a_second() -> None:
    seen = NewPictures()
    for number in range(60):
        seen.rows_for(planes(view(number)), int(number * 1000 / 60) / 1000)
    assert list(seen.first) == list(range(0, 60, 2))


def test_a_picture_that_stays_counts_again_but_not_for_ever() -> None:
    seen = rows_of([view(0)] * 100 + [view(50)] * 100, 25)
    assert list(seen.is_held).count(1) == 2 * MOST_HELD
    assert [frame for frame, held in zip(seen.first, seen.is_held, strict=True) if not held] == [
        0,
        100,
    ]


def test_colour_alone_makes_a_new_picture() -> None:
    seen = NewPictures()
    for number in range(12):
        seen.rows_for(planes(view(0), red=128 + 20 * (number // 6)), number / 25)
    assert list(seen.first) == [0, 6]


@pytest.mark.parametrize("rate", [0.5, 1.0])
def test_photographs_of_one_frame_count_like_held_ones(rate: float) -> None:
    seen = rows_of([view(20 * n) for n in range(5)], rate)
    assert len(seen.first) == 5 * (1 + MOST_HELD)
    assert sorted(set(seen.first)) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("clock", [[0, 1e6], [5, 4], [3, 3]])
def test_a_broken_clock_loses_no_picture(clock: list[float]) -> None:
    seen = NewPictures()
    for number in range(10):
        seen.rows_for(planes(view(number)), clock[number >= 5] + number / 25)
    assert [frame for frame, held in zip(seen.first, seen.is_held, strict=True) if not held] == [
        *range(10)
    ]


@pytest.mark.parametrize("place", [40, 41, 42, 43])
@pytest.mark.parametrize("rate", [50, 60, 120])
def test_a_cut_between_pictures_is_put_on_its_frame(rate: int, place: int) -> None:
    other = pattern(2, 96, 128)
    seen = rows_of([view(n) if n < place else other for n in range(80)], rate)
    row = next(row for row, frame in enumerate(seen.first) if frame >= place)
    assert seen.cut_before(row) == place


def test_a_held_picture_is_no_part_of_a_transition() -> None:
    shown = [*[view(0)] * 30, *(view(10 * n) for n in range(1, 6)), *[view(60)] * 30]
    seen = rows_of(shown, 25)
    held = [row for row, again in enumerate(seen.is_held) if again]
    before, behind = held[MOST_HELD - 1], held[-1]
    assert seen.frames_of(before, behind) == (30, 35)
    assert seen.frames_of(before + 1, behind - MOST_HELD) == (30, 35)


@settings(deadline=None, max_examples=40)
@given(
    runs=st.lists(st.tuples(st.integers(0, 80), st.integers(1, 40)), min_size=1, max_size=12),
    rate=st.sampled_from([1, 5, 12, 25, 30, 60, 120, 240]),
)
def test_rows_never_run_backwards_and_each_has_features(
    runs: list[tuple[int, int]], rate: int
) -> None:
    source, made = PictureRows(), 0
    frames = [view(place) for place, count in runs for _ in range(count)]
    for number, luma in enumerate(frames):
        made += len(source.add(planes(luma), number / rate))
    rows = source.finish()
    assert all(row.shape == (NUM_FEATURES,) for row in rows)
    seen = source.pictures
    assert made + len(rows) == len(seen.first) == len(seen.last) == len(seen.is_held)
    assert seen.num_frames == len(frames)
    assert all(first <= last for first, last in zip(seen.first, seen.last, strict=True))
    for (one, held), (other, _) in itertools.pairwise(zip(seen.first, seen.is_held, strict=True)):
        assert one <= other or held
    for row in range(1, len(seen.first)):
        if not seen.is_held[row]:
            assert seen.last[row - 1] < seen.cut_before(row) <= seen.first[row]
