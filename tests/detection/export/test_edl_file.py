"""The edit decision list, read by a small parser of CMX3600 that knows nothing of its writer."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.detection.detectors.base import Kind, Transition
from eruv.detection.export.edl_file import edl_text
from shot_lists_for_tests import CUT_DISSOLVE_GAP, shot_list

EVENT = re.compile(
    r"(?P<number>\d{3,4})  (?P<reel>\w{1,8}) +(?P<track>V|A|A2|AA|B) +"
    r"(?P<kind>C|(D|W\d{3}) +\d{3}) +(?P<times>\d\d:\d\d:\d\d[:;]\d\d( \d\d:\d\d:\d\d[:;]\d\d){3})"
)


@dataclass
class Event:
    number: int
    source: tuple[int, int]
    record: tuple[int, int]
    comments: list[str]
    mixed: str = ""  # D or W001 and how many frames it takes


def parse(text: str, base: int, drop: bool) -> list[Event]:
    """The events of a list; fails on any line that is none of title, FCM, event and comment."""
    assert text.endswith("\r\n")
    lines = text.split("\r\n")[:-1]
    assert re.fullmatch(r"TITLE: .{1,70}", lines[0])
    assert lines[1] == ("FCM: DROP FRAME" if drop else "FCM: NON-DROP FRAME")
    events: list[Event] = []
    for line in lines[2:]:
        if line.startswith("* "):
            if events:
                events[-1].comments.append(line[2:])
            continue
        match = EVENT.fullmatch(line)
        assert match, line
        times = [frame_of(time, base, drop) for time in match["times"].split()]
        if match["kind"] != "C":
            old = events.pop()  # the first line of the event: where the old clip stands
            assert old.number == int(match["number"])
            assert old.record == (times[2], times[2])
            assert old.source == (times[0], times[0])
            assert events[-1].record[1] == times[2]
            mixed = " ".join(match["kind"].split())
            source, record = (times[0], times[1]), (times[2], times[3])
            events.append(Event(old.number, source, record, [], mixed))
            continue
        events.append(Event(int(match["number"]), (times[0], times[1]), (times[2], times[3]), []))
    return events


def frame_of(time: str, base: int, drop: bool) -> int:
    """SMPTE 12M: drop-frame is written with a semicolon and lacks the numbers it drops."""
    assert (";" in time) == drop
    hours, minutes, seconds, frames = (int(part) for part in time.replace(";", ":").split(":"))
    assert minutes < 60
    assert seconds < 60
    assert frames < base
    all_minutes = 60 * hours + minutes
    dropped = base // 15 if drop else 0
    assert not (drop and seconds == 0 and minutes % 10 and frames < dropped)
    counted = (60 * all_minutes + seconds) * base + frames
    return counted - dropped * (all_minutes - all_minutes // 10)


def test_every_shot_is_an_event_that_begins_with_its_dissolve() -> None:
    events = parse(edl_text(shot_list(CUT_DISSOLVE_GAP, 100)), 25, False)
    assert [event.source for event in events] == [(0, 30), (30, 50), (50, 80), (80, 100)]
    assert [event.number for event in events] == [1, 2, 3, 4]
    assert [event.mixed for event in events] == ["", "", "D 012", ""]
    assert events[2].comments == [
        *("FROM CLIP NAME: film.mp4", "TO CLIP NAME: film.mp4"),
        "TRANSITION: DISSOLVE, FRAMES 50 TO 62, SCORE 0.700, CONFIDENCE 0.800",
    ]
    assert events[3].comments[1:] == ["FRAMES ARE MISSING BEFORE"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [("wipe", "W001 012"), ("fade through black", "D 012"), ("push", ""), ("other", "")],
)
def test_a_transition_has_its_code_or_an_event_of_its_own(kind: Kind, code: str) -> None:
    events = parse(edl_text(shot_list([Transition(50, 62, kind, 0.7)], 100)), 25, False)
    whole = [(0, 50), (50, 100)] if code else [(0, 50), (50, 62), (62, 100)]
    assert [event.source for event in events] == whole
    assert events[1].mixed == code
    words = events[1].comments[-1]
    assert words == f"TRANSITION: {kind.upper()}, FRAMES 50 TO 62, SCORE 0.700"


def test_transitions_at_an_end_or_without_end_are_events_of_their_own() -> None:
    found = [Transition(0, 5, "dissolve", 0.9), Transition(50, 1200, "dissolve", 0.9)]
    events = parse(edl_text(shot_list(found, 1300)), 25, False)
    assert [event.source for event in events] == [(0, 5), (5, 50), (50, 1200), (1200, 1300)]


@pytest.mark.parametrize(
    ("rate", "base", "drop"),
    [
        (24000 / 1001, 24, False),
        (30000 / 1001, 30, True),
        (60000 / 1001, 60, True),
        (50, 50, False),
    ],
)
@given(cuts=st.sets(st.integers(1, 40_000), max_size=8))
def test_frames_come_back_at_every_rate(rate: float, base: int, drop: bool, cuts: set[int]) -> None:
    found = [Transition(cut, cut, "cut", 0.9) for cut in sorted(cuts)]
    shots = shot_list(found, 40_001, rate=rate)
    events = parse(edl_text(shots), base, drop)
    assert [event.source for event in events] == [(s.start, s.end) for s in shots.shots]
    assert all(event.source == event.record for event in events)


def test_a_film_of_varying_rate_is_counted_by_its_times() -> None:
    times = np.cumsum([0, *([0.04] * 49), *([0.2] * 50)])
    shots = shot_list([Transition(50, 50, "cut", 0.9)], 100, rate=25, times_s=list(times))
    events = parse(edl_text(shots), 25, False)
    assert events[0].source == (0, 54)  # the frame before is shown until 2.16 s
    assert events[1].source[0] == 54
    assert events[1].source[1] == pytest.approx(25 * shots.end_s, abs=1)


def test_a_varying_rate_that_no_timeline_has_keeps_its_seconds() -> None:
    times = np.cumsum([0, *([0.033] * 100), *([0.05] * 99)])
    shots = shot_list([Transition(100, 100, "cut", 0.9)], 200, rate=24.1, times_s=list(times))
    events = parse(edl_text(shots), 25, False)
    assert events[0].source == (0, round(25 * 3.3))


def test_names_cannot_break_lines() -> None:
    path = Path("a\nFCM: DROP FRAME" + "x" * 100 + ".mp4")
    assert len(parse(edl_text(shot_list([], 10, path=path)), 25, False)) == 1


def test_more_than_999_events_are_numbered_on() -> None:
    cuts = [Transition(frame, frame, "cut", 0.9) for frame in range(1, 1200)]
    events = parse(edl_text(shot_list(cuts, 1200)), 25, False)
    assert [event.number for event in events] == list(range(1, 1201))


@pytest.mark.parametrize(
    ("rate", "base", "drop", "source"),
    [
        (100.0, 50, False, [(0, 15), (15, 25), (25, 40), (40, 50)]),
        (120.0, 60, False, [(0, 15), (15, 25), (25, 40), (40, 50)]),
        (120_000 / 1001, 60, True, [(0, 15), (15, 25), (25, 40), (40, 50)]),
        (240.0, 60, False, [(0, 8), (8, 13), (13, 20), (20, 25)]),
        (10.0, 30, False, [(0, 90), (90, 150), (150, 240), (240, 300)]),
        (1 / 3, 24, False, [(0, 2160), (2160, 3600), (3600, 5760), (5760, 7200)]),
    ],
)
def test_fast_and_slow_films_are_counted_in_numbers_of_two_digits(
    rate: float, base: int, drop: bool, source: list[tuple[int, int]]
) -> None:
    text = edl_text(shot_list(CUT_DISSOLVE_GAP, 100, rate=rate))
    events = parse(text, base, drop)
    assert [event.source for event in events] == source
    assert events[1].comments[-1] == "FRAMES 30 TO 50 OF THE FILE"
    assert "FRAMES PER SECOND" in text.split("\r\n")[4]


def test_slides_are_counted_to_a_fraction_of_a_second() -> None:
    times = [0.0, 2.0, 5.0, 7.5, 11.0, 13.0]
    cuts = [Transition(frame, frame, "cut", 0.9) for frame in range(1, 6)]
    shots = shot_list(cuts, 6, rate=1 / 3, times_s=times)
    events = parse(edl_text(shots), 24, False)
    assert [event.source[0] for event in events] == [24 * time for time in times]


@pytest.mark.parametrize(
    ("rate", "own", "option", "base", "drop", "first"),
    [
        (25.0, "10:00:00:00", None, 25, False, 900_000),
        (25.0, "10:00:00:00", "01:00:00:00", 25, False, 90_000),
        (25.0, None, "00:00:00:12", 25, False, 12),
        (30000 / 1001, "01:00:00;00", None, 30, True, 107_892),
        (30000 / 1001, "01:00:00:00", None, 30, False, 108_000),
        (24000 / 1001, "01:00:00:00", "00:00:00:00", 24, False, 0),
    ],
)
def test_the_first_frame_has_the_timecode_of_the_file_or_of_the_option(
    rate: float, own: str | None, option: str | None, base: int, drop: bool, first: int
) -> None:
    shots = replace(shot_list(CUT_DISSOLVE_GAP, 100, rate=rate), timecode=own)
    events = parse(edl_text(shots, option), base, drop)
    assert events[0].source == (first, first + 30)
    assert events[-1].source == (first + 80, first + 100)


def test_a_timecode_that_the_rate_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match=r"frames below 25\. Pass another with --timecode"):
        edl_text(replace(shot_list([], 10), timecode="00:00:00:29"))
