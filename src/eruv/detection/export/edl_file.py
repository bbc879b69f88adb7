"""The shots of a video as an edit decision list (CMX3600), for editing programs."""

from eruv.detection.detect import ShotList
from eruv.detection.export.rows import frames_at_average_rate
from eruv.detection.export.timecode import TimecodeRate

MADE_BY = "* MADE BY ERUV SHOTS"
LONGEST_TITLE = 70


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
    for first, last, comment in _events(shots):
        start, end = int(counted[first]), int(counted[last])
        if start == end:  # shorter than a frame of the average rate
            continue
        number += 1
        span = f"{rate.timecode(start)} {rate.timecode(end)}"
        lines.append(f"{number:03d}  AX       V     C        {span} {span}")
        lines.append(f"* FROM CLIP NAME: {name}")
        if comment:
            lines.append(f"* {comment}")
    return "\r\n".join([*lines, ""])


def _events(shots: ShotList) -> list[tuple[int, int, str]]:
    """Start, end and comment of shots and gradual transitions; together they are the whole film."""
    gaps = {one.start for one in shots.transitions if one.kind == "gap"}
    events = [
        (shot.start, shot.end, "FRAMES ARE MISSING BEFORE" if shot.start in gaps else "")
        for shot in shots.shots
    ]
    events += [
        (one.start, one.end, f"GRADUAL TRANSITION OF {one.end - one.start} FRAMES")
        for one in shots.transitions
        if one.kind == "gradual"
    ]
    return sorted(events)


def _plain(text: str) -> str:
    """Text without characters that would end a line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
