"""Axes: ticks are round, lie inside, and are about as many as was wished; scales are straight."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.utils.axes import ticks, time_ticks


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(1, 12))
def test_ticks_are_round_evenly_spaced_and_inside(low: float, length: float, most: int) -> None:
    values = ticks(low, low + length, most)
    assert len(values) <= most + 1
    for value in values:
        assert low - 1e-6 * length <= value <= low + length * (1 + 1e-6)
    for before, after in pairwise(values):
        step = after - before
        assert step == pytest.approx(values[1] - values[0], rel=1e-6, abs=1e-9)
        leading = step / 10 ** math.floor(math.log10(step * (1 + 1e-6)))
        assert any(leading == pytest.approx(round_one, rel=1e-3) for round_one in (1, 2, 2.5, 5))


def test_ticks_of_known_ranges() -> None:
    assert ticks(0, 1, 5) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert ticks(0.13, 0.87, 4) == [0.2, 0.4, 0.6, 0.8]
    assert ticks(3, 3, 5) == [3]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.5, [0, 0.2, 0.4]),
        (7, [0, 1, 2, 3, 4, 5, 6, 7]),
        (100, [0, 15, 30, 45, 60, 75, 90]),
        (7200, [0, 900, 1800, 2700, 3600, 4500, 5400, 6300, 7200]),
    ],
)
def test_times_are_whole_seconds_minutes_and_hours(seconds: float, expected: list[float]) -> None:
    assert time_ticks(seconds) == expected


def test_time_ticks_stay_inside_however_long_a_video_is() -> None:
    values = time_ticks(500_000)
    assert 2 <= len(values) <= 9
    assert values[-1] <= 500_000
