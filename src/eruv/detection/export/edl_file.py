"""The shots of a video as an edit decision list (CMX3600), for editing programs."""

from collections.abc import Iterator
from dataclasses import dataclass

from eruv.detection.detect import ShotList
from eruv.detection.export.rows import frames_at_average_rate
from eruv.detection.export.timecode import TimecodeRate

MADE_BY = "* MADE BY ERUV SHOTS"
LONGEST_TITLE = 70


@dataclass(frozen=True)
class _Event:
    """Frames [start, end), and a comment on them."""

    start: int
    end: int
    comment: str


def edl_text(shots: ShotList) -> str:
    """The list that lays the film out as it is, with source and record times equal.

    A gradual transition is an event with a comment; a dissolve event would dissolve the film's own
    dissolve again. Frame 0 is 00:00:00:00; frames of a varying rate are counted at the average
    rate. Beyond 999, events have four digits, which programs read.

    Raises:
        ValueError: if timecode cannot count the film's rate.
    """
    rate = TimecodeRate(shots.frames_per_second)
    name = _plain(shots.path.name)
    lines = [
        f"TITLE: {_plain(shots.path.stem)[:LONGEST_TITLE]}",
        f"FCM: {'DROP FRAME' if rate.drop_frame else 'NON-DROP FRAME'}",
        MADE_BY,
        f"* {shots.frames_per_second:.3f} FRAMES A SECOND",
    ]
    counted = frames_at_average_rate(shots)
    number = 0
    for event in _events(shots):
        start, end = int(counted[event.start]), int(counted[event.end])
        if start == end:  # shorter than a frame of the average rate
            continue
        number += 1
        span = f"{rate.timecode(start)} {rate.timecode(end)}"
        lines.append(f"{number:03d}  AX       V     C        {span} {span}")
        lines.append(f"* FROM CLIP NAME: {name}")
        if event.comment:
            lines.append(f"* {event.comment}")
    return "\r\n".join([*lines, ""])


def _events(shots: ShotList) -> Iterator[_Event]:
    """Shots and gradual transitions in order; together they are the whole film."""
    gradual = [one for one in shots.transitions if one.kind == "gradual"]
    gaps = {one.start for one in shots.transitions if one.kind == "gap"}
    events = [
        _Event(shot.start, shot.end, "FRAMES ARE MISSING BEFORE" if shot.start in gaps else "")
        for shot in shots.shots
    ]
    events += [
        _Event(one.start, one.end, f"GRADUAL TRANSITION OF {one.end - one.start} FRAMES")
        for one in gradual
    ]
    yield from sorted(events, key=lambda event: event.start)


def _plain(text: str) -> str:
    """Text without characters that would end a line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
