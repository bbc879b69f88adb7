"""The shots of a video as an edit decision list (CMX3600), for editing programs."""

from eruv.detection.detect import ShotList
from eruv.detection.export.layout import Item, layout
from eruv.detection.export.rows import counting_rate, frames_at_average_rate
from eruv.detection.export.timecode import TimecodeRate, counts_all_frames, timeline_rate

MADE_BY = "* MADE BY ERUV SHOTS"
LONGEST_TITLE = 70


def edl_text(shots: ShotList, timecode: str | None = None) -> str:
    """The list that lays the film out as it is, with source and record times equal for one file.

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
        f"TITLE: {plain(shots.path.stem)[:LONGEST_TITLE]}",
        f"FCM: {'DROP FRAME' if rate.drop_frame else 'NON-DROP FRAME'}",
        MADE_BY,
        f"* {shots.frames_per_second:.3f} FRAMES A SECOND",
    ]
    exact = counted_rate == shots.rate
    if not exact:
        lines.append(f"* TIMECODE COUNTS {float(counted_rate):.3f} FRAMES A SECOND")
    counted = frames_at_average_rate(shots, counted_rate) + first_number
    number = 0
    for item in layout(shots):
        first, last = int(counted[item.start]), int(counted[item.end])
        # Frames in no shot have no event; nor have those shorter than one of the average rate.
        if first == last or (item.shot is None and not item.is_transition):
            continue
        number += 1
        record = f"{rate.timecode(first)} {rate.timecode(last)}"
        # Each of several files has a clock of its own.
        zero = int(counted[item.file_start]) if shots.joined else 0
        source = f"{rate.timecode(first - zero)} {rate.timecode(last - zero)}"
        lines.append(f"{number:03d}  AX       V     C        {source} {record}")
        lines.append(f"* FROM CLIP NAME: {plain(item.file.name)}")
        lines += [f"* {comment}" for comment in _comments(item)]
        if not exact:
            start_frame, end_frame = item.start - item.file_start, item.end - item.file_start
            lines.append(f"* FRAMES {start_frame} TO {end_frame} OF THE FILE")
    return "\r\n".join([*lines, ""])


def _comments(item: Item) -> list[str]:
    if item.is_transition:
        return [f"GRADUAL TRANSITION OF {item.end - item.start} FRAMES"]
    is_after_gap = item.shot is not None and item.shot.transition == "gap" and item.begins
    return ["FRAMES ARE MISSING BEFORE"] if is_after_gap else []


def plain(text: str) -> str:
    """Text without characters that would end a line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
