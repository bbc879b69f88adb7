"""The shots of a video as an edit decision list (CMX3600), for editing programs."""

from eruv.detection.detect import ShotList
from eruv.detection.export.rows import counting_rate, frames_at_average_rate
from eruv.detection.export.timecode import TimecodeRate, counts_all_frames, timeline_rate

MADE_BY = "* MADE BY ERUV SHOTS"
LONGEST_TITLE = 70


def edl_text(shots: ShotList, timecode: str | None = None) -> str:
    """The list that lays the film out as it is, with source and record times equal.

    A gradual transition is an event with a comment; a dissolve event would dissolve the film's own
    dissolve again. Timecode counts at the film's rate where it can, see `timeline_rate`; else the
    exact numbers of frames are comments. Beyond 999, events have four digits, which programs read.

    Args:
        shots: of the film.
        timecode: of the first frame; None takes the file's own, else 00:00:00:00.

    Raises:
        ValueError: if the timecode is none, or none of this rate.
    """
    start = timecode or shots.timecode
    counted_rate = timeline_rate(counting_rate(shots))
    rate = TimecodeRate(float(counted_rate), may_drop=not counts_all_frames(start))
    first_number = rate.frame(start) if start else 0
    lines = [
        f"TITLE: {_plain(shots.path.stem)[:LONGEST_TITLE]}",
        f"FCM: {'DROP FRAME' if rate.drop_frame else 'NON-DROP FRAME'}",
        MADE_BY,
        f"* {shots.frames_per_second:.3f} FRAMES A SECOND",
    ]
    exact = counted_rate == shots.rate
    if not exact:
        lines.append(f"* TIMECODE COUNTS {float(counted_rate):.3f} FRAMES A SECOND")
    counted = frames_at_average_rate(shots, counted_rate) + first_number
    number = 0
    for first, last, comment in _events(shots):
        start_number, end_number = int(counted[first]), int(counted[last])
        if start_number == end_number:  # shorter than a frame of the average rate
            continue
        number += 1
        span = f"{rate.timecode(start_number)} {rate.timecode(end_number)}"
        lines.append(f"{number:03d}  AX       V     C        {span} {span}")
        lines.append(f"* FROM CLIP NAME: {_plain(shots.path.name)}")
        lines += [f"* {comment}"] if comment else []
        lines += [] if exact else [f"* FRAMES {first} TO {last} OF THE FILE"]
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
