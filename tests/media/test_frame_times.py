"""Ranges of frames in seconds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.media.frame_times import FrameTimes


def frame_times(values: list[float], frame_s: float = 0.04) -> FrameTimes:
    times = FrameTimes(frame_s)
    for value in values:
        times.add(value)
    return times


def test_a_range_ends_where_the_next_frame_is_shown() -> None:
    times = frame_times([1.0, 1.04, 1.06, 1.10])
    assert times.range(0, 2) == (1.0, 1.06)
    assert times.range(2, 4) == (1.06, pytest.approx(1.14))


def test_a_long_frame_is_shown_until_the_next() -> None:
    assert frame_times([0.0, 0.04, 9.0]).range(0, 2) == (0.0, 9.0)


def test_a_range_does_not_reach_over_a_gap() -> None:
    times = frame_times([0.0, 0.04])
    times.add(9.0, after_gap=True)
    assert times.range(0, 2) == (0.0, pytest.approx(0.08))


def test_the_last_frame_has_its_own_duration_if_durations_are_true() -> None:
    times = FrameTimes(0.04)
    for time_s, shown_s in ((0.0, 2.0), (2.0, 3.0), (5.0, 0.5)):
        times.add(time_s, shown_s=shown_s)
    assert times.end(3) == 5.5
    times.add(5.5, shown_s=7.0)
    times.add(30.0, after_gap=True, shown_s=1.0)
    assert times.range(3, 4) == (5.5, 12.5)
    assert times.last_shown_s == 1.0


@pytest.mark.parametrize("shown_s", [None, 0.0, 0.001, 2.0])
def test_a_duration_that_was_guessed_is_not_believed(shown_s: float | None) -> None:
    times = FrameTimes(0.04)
    for time_s in (0.0, 0.033, 0.099, 0.134):
        times.add(time_s, shown_s=shown_s)
    assert times.last_shown_s is None
    assert times.end(4) == pytest.approx(0.174)


@pytest.mark.parametrize(
    ("values", "stated_end_s", "end_s"),
    [
        ([0.0, 2.0, 5.0, 7.0], 12.0, 12.0),
        ([0.0, 2.0, 5.0, 7.0], 400.0, 7.04),  # a header that was never finished
        ([0.0, 2.0, 5.0, 7.0], 3.0, 7.04),
        ([0.0, 0.04, 0.08, 0.12], 0.3, 0.16),  # constant
    ],
)
def test_a_stated_end_is_believed_at_varying_rates(
    values: list[float], stated_end_s: float, end_s: float
) -> None:
    times = frame_times(values)
    times.end_by(stated_end_s)
    assert times.end(len(values)) == pytest.approx(end_s)


def test_a_rounded_duration_is_that_of_the_rate() -> None:
    times = FrameTimes(1001 / 24_000)
    for time_s in (0.0, 0.042, 0.083, 0.125):
        times.add(time_s, shown_s=0.041)
    assert times.end(4) == pytest.approx(0.125 + 1001 / 24_000)


@given(steps=st.lists(st.floats(1e-3, 100), min_size=1, max_size=20), first=st.floats(-10, 10))
def test_ranges_are_in_order_and_do_not_overlap(steps: list[float], first: float) -> None:
    values = (first + np.cumsum(steps)).tolist()
    times = frame_times(values)
    assert len(times) == len(values)
    assert times.array().tolist() == values
    ends = [times.end(frame + 1) for frame in range(len(values))]
    assert all(start < end for start, end in zip(values, ends, strict=True))
    assert all(end <= start for end, start in zip(ends, values[1:], strict=False))
