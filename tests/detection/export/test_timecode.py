"""Timecode counts every frame once and keeps up with the clock where it can."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.detection.export.timecode import (
    TimecodeRate,
    counts_all_frames,
    first_frame_number,
    timeline_rate,
    written_time,
)

NTSC = 30000 / 1001


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00:00.000"),
        (1.2, "0:00:01.200"),
        (59.9996, "0:01:00.000"),
        (3725.0615, "1:02:05.062"),
        (-0.0801, "-0:00:00.080"),
        (-0.0001, "0:00:00.000"),
    ],
)
def test_seconds_as_people_write_them(seconds: float, text: str) -> None:
    assert written_time(seconds) == text


@pytest.mark.parametrize(
    ("rate", "base", "drop"),
    [
        (24000 / 1001, 24, False),
        (24, 24, False),
        (25, 25, False),
        (NTSC, 30, True),
        (29.97, 30, True),
        (30, 30, False),
        (60000 / 1001, 60, True),
        (60, 60, False),
        (12.5, 13, False),
    ],
)
def test_what_a_rate_counts_as(rate: float, base: int, drop: bool) -> None:
    assert (TimecodeRate(rate).base, TimecodeRate(rate).drop_frame) == (base, drop)


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (0, "00:00:00;00"),
        (1799, "00:00:59;29"),
        (1800, "00:01:00;02"),  # 00 and 01 are dropped ...
        (17981, "00:09:59;29"),
        (17982, "00:10:00;00"),  # ... but not in the tenth minute
        (107892, "01:00:00;00"),
    ],
)
def test_drop_frame_as_in_the_standard(frame: int, text: str) -> None:
    assert TimecodeRate(NTSC).timecode(frame) == text


@pytest.mark.parametrize("rate", [NTSC, 60000 / 1001])
def test_drop_frame_keeps_up_with_the_clock_for_a_day(rate: float) -> None:
    hour = TimecodeRate(rate).timecode(round(23 * 3600 * rate))
    assert hour.startswith(("23:00:00", "22:59:59"))


@given(st.sampled_from([NTSC, 60000 / 1001, 24000 / 1001, 25.0]), st.integers(0, 2_000_000))
def test_the_next_frame_has_the_next_valid_number(rate: float, frame: int) -> None:
    counted = TimecodeRate(rate)
    if counted.timecode(frame + 1).startswith("00:00:00"):
        return  # a day has passed
    assert next_valid(counted.timecode(frame), counted) == counted.timecode(frame + 1)


def next_valid(text: str, rate: TimecodeRate) -> str:
    """Count one on by the words of the standard, without arithmetic on frame numbers."""
    sign = ";" if rate.drop_frame else ":"
    hours, minutes, seconds, frames = (int(part) for part in text.replace(";", ":").split(":"))
    frames += 1
    if frames == rate.base:
        frames, seconds = 0, seconds + 1
    if seconds == 60:
        seconds, minutes = 0, minutes + 1
    if minutes == 60:
        minutes, hours = 0, hours + 1
    if rate.drop_frame and minutes % 10 and seconds == 0 and frames < rate.base // 15:
        frames = rate.base // 15
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{sign}{frames:02d}"


@pytest.mark.parametrize("rate", [0.2, 100, 240])
def test_a_rate_that_timecode_cannot_count_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="1 to 99 frames per second"):
        TimecodeRate(rate)


@given(
    st.sampled_from([NTSC, 60000 / 1001, 24000 / 1001, 25.0]),
    st.booleans(),
    st.integers(0, 2_000_000),
)
def test_a_timecode_is_read_as_it_is_written(rate: float, may_drop: bool, frame: int) -> None:
    counted = TimecodeRate(rate, may_drop)
    assert counted.frame(counted.timecode(frame)) == frame
    assert counts_all_frames(counted.timecode(frame)) != counted.drop_frame


@pytest.mark.parametrize("text", ["1:00:00:00", "00:00:00:25", "24:00:00:00", "00:60:00:00", "no"])
def test_what_is_no_timecode_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="timecode"):
        TimecodeRate(25.0).frame(text)


@pytest.mark.parametrize(
    ("rate", "counted"),
    [
        ("25", "25"),
        ("30000/1001", "30000/1001"),
        ("96", "96"),
        ("100", "50"),
        ("120", "60"),
        ("120000/1001", "60000/1001"),
        ("144", "48"),
        ("240", "60"),
        ("165", "55"),
        ("1000", "50"),
        ("119.5", "60"),
        ("12.5", "25"),
        ("25.835", "30"),
        ("61.3", "60"),
        ("10", "30"),
        ("1/3", "24"),
        ("15", "15"),
    ],
)
def test_timelines_count_any_rate(rate: str, counted: str) -> None:
    assert timeline_rate(Fraction(rate)) == Fraction(counted)
    TimecodeRate(float(Fraction(counted)))


def test_the_first_frame_is_numbered_at_the_rate_of_the_film() -> None:
    assert first_frame_number(None, 25.0) == 0
    assert first_frame_number("01:00:00:00", 25.0) == 90_000
    assert first_frame_number("01:00:00;00", NTSC) == 107_892
    assert first_frame_number("01:00:00:00", NTSC) == 108_000
    assert first_frame_number("00:00:01:30", 120.0) == 180
    assert first_frame_number("00:00:30:00", 1 / 3) == 10
