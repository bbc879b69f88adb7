"""The part of a film that is looked at: seconds and timecode, and the frames that they choose."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.detection.export.timecode import TimecodeRate, written_time
from eruv.detection.part import FilmPart

RATES = [25.0, 24.0, 24000 / 1001, 30000 / 1001, 60000 / 1001, 50.0]


def chosen(part: FilmPart, times: np.ndarray, rate: float) -> list[int]:
    """Numbers of the frames of a film that are looked at."""
    low, high = part.bounds(float(times[0]), rate)
    return np.flatnonzero((times >= low) & (times < high)).tolist()


@pytest.mark.parametrize(
    ("start", "end", "frames"),
    [
        (None, None, range(4000)),
        (1, None, range(25, 4000)),
        (None, 1.0, range(25)),
        ("1", "2.2", range(25, 55)),
        ("0:01", "0:00:02.200", range(25, 55)),
        ("1:30.5", "01:31", range(2263, 2275)),
        ("00:00:01:05", "00:01:30:12", range(30, 2262)),
        ("00:00:00:24", 1, range(24, 25)),
    ],
)
def test_all_ways_to_say_when(start: object, end: object, frames: range) -> None:
    assert chosen(FilmPart(start, end), np.arange(4000) / 25, 25.0) == list(frames)


@pytest.mark.parametrize("rate", RATES)
@given(first=st.integers(0, 40_000), length=st.integers(1, 10), late_s=st.floats(-5, 5))
def test_timecode_comes_back_as_the_frames_that_it_counts(
    rate: float, first: int, length: int, late_s: float
) -> None:
    code = TimecodeRate(rate).timecode
    times = late_s + np.round(np.arange(first + length + 5) / rate, 3)  # as Matroska rounds
    part = FilmPart(code(first), code(first + length))
    assert chosen(part, times, rate) == list(range(first, first + length))


@pytest.mark.parametrize("rate", RATES)
@given(first=st.integers(0, 40_000), late_s=st.floats(0, 5))
def test_printed_times_come_back_as_their_frames(rate: float, first: int, late_s: float) -> None:
    times = late_s + np.arange(first + 5) / rate
    part = FilmPart(written_time(times[first]), written_time(times[first + 2]))
    assert chosen(part, times, rate) == [first, first + 1]


@pytest.mark.parametrize("wrong", ["", "soon", "1:2:3:4:5", "-1", "1,5", "00:00:1:12", "1e3"])
def test_what_is_no_time_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"end must be in seconds .* or timecode"):
        FilmPart(end=wrong)


def test_the_start_is_before_the_end() -> None:
    with pytest.raises(ValueError, match="start must be before end; got 5 and 0:04"):
        FilmPart(5, "0:04")


def test_timecode_counts_from_that_of_the_first_frame() -> None:
    times = np.arange(4000) / 25
    low, high = FilmPart("01:00:01:00", "01:00:02:05").bounds(0.0, 25.0, "01:00:00:00")
    assert np.flatnonzero((times >= low) & (times < high)).tolist() == list(range(25, 55))
    low, _ = FilmPart("10:00:01:00", timecode="10:00:00:00").bounds(0.0, 25.0, "01:00:00:00")
    assert np.flatnonzero(times >= low)[0] == 25


def test_films_of_many_frames_a_second_are_counted_by_twos_as_in_an_edl() -> None:
    times = np.arange(4000) / 120
    low, _ = FilmPart("00:00:01:03").bounds(0.0, 120.0)
    assert np.flatnonzero(times >= low)[0] == 126 - 1  # half of a counted frame before it


def test_a_timecode_of_another_rate_is_told() -> None:
    with pytest.raises(ValueError, match="invalid at 25 frames per second"):
        FilmPart("00:00:01:27").bounds(0.0, 25.0)
