"""The shots of a video as an edit decision list (CMX3600), for editing programs."""

from dataclasses import dataclass

from eruv.detection.detect import ShotList
from eruv.detection.export.layout import Item, between_shots, layout
from eruv.detection.export.rows import counting_rate, frames_at_average_rate, in_words
from eruv.detection.export.timecode import TimecodeRate, counts_all_frames, timeline_rate

MADE_BY = "* MADE BY ERUV SHOTS"
LONGEST_TITLE = 70
LONGEST_TRANSITION = 999  # frames, in three digits
# How CMX3600 calls transitions; it numbers wipes, and 1 is from left to right.
CODES = {
    "soft cut": "D",
    "dissolve": "D",
    "fade through black": "D",
    "fade through white": "D",
    "wipe": "W001",
}


def edl_text(shots: ShotList, timecode: str | None = None) -> str:
    """The list that lays the film out as it is, with source and record times equal for one file.

    A dissolve, fade or wipe between two shots is one of the list: the event of the second shot
    begins with it. Both sides show the same frame of the film at any moment of it, so that mixing
    them again changes nothing. Kinds that CMX3600 has no code for are events of their own. Comments
    say what was found. Timecode counts at the film's rate where it can, see `timeline_rate`; else
    the exact numbers of frames are comments. Beyond 999, events have four digits, which programs
    read.

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
        f"* {shots.frames_per_second:.3f} FRAMES PER SECOND",
    ]
    exact = counted_rate == shots.rate
    if not exact:
        lines.append(f"* TIMECODE COUNTS {float(counted_rate):.3f} FRAMES PER SECOND")
    counted = frames_at_average_rate(shots, counted_rate) + first_number
    number = 0
    begun: Item | None = None  # a transition that the next event begins with
    for item, is_between in between_shots(layout(shots)):
        first, last = int(counted[item.start]), int(counted[item.end])
        is_coded = item.transition is not None and item.transition.kind in CODES
        if is_between and is_coded and 0 < last - first <= LONGEST_TRANSITION:
            begun = item
            continue
        # Frames in no shot have no event; nor have those shorter than one of the average rate.
        if (first == last and not begun) or (item.shot is None and item.transition is None):
            continue
        number += 1
        # Each of several files has a clock of its own.
        clock = _Clock(rate, int(counted[item.file_start]) if shots.joined else 0)
        if begun is None:
            lines += _event(number, item, clock, first, last)
        else:
            lines += _mixed_event(
                number, begun, item, clock, (int(counted[begun.start]), first, last)
            )
        if not exact:
            start_frame, end_frame = item.start - item.file_start, item.end - item.file_start
            lines.append(f"* FRAMES {start_frame} TO {end_frame} OF THE FILE")
        begun = None
    return "\r\n".join([*lines, ""])


@dataclass(frozen=True)
class _Clock:
    """Writes source and record times; `zero` is where the source's own begin."""

    rate: TimecodeRate
    zero: int

    def times(self, start: int, end: int) -> str:
        numbers = (start - self.zero, end - self.zero, start, end)
        return " ".join(self.rate.timecode(one) for one in numbers)


def _event(number: int, item: Item, clock: _Clock, first: int, last: int) -> list[str]:
    return [
        f"{number:03d}  AX       V     C        {clock.times(first, last)}",
        f"* FROM CLIP NAME: {plain(item.file.name)}",
        *(f"* {comment}" for comment in _comments(item)),
    ]


def _mixed_event(
    number: int, begun: Item, item: Item, clock: _Clock, places: tuple[int, int, int]
) -> list[str]:
    """The event of a shot with a transition into it: a line of the old clip, and of the new."""
    assert begun.transition is not None
    start, first, last = places
    code = f"{CODES[begun.transition.kind]:<5}{first - start:03d}"
    name = f"CLIP NAME: {plain(item.file.name)}"
    return [
        f"{number:03d}  AX       V     C        {clock.times(start, start)}",
        f"{number:03d}  AX       V     {code} {clock.times(start, last)}",
        f"* FROM {name}",
        f"* TO {name}",
        *(f"* {comment}" for comment in (*_comments(begun), *_comments(item))),
    ]


def _comments(item: Item) -> list[str]:
    if item.transition:
        return [f"TRANSITION: {in_words(item.transition).upper()}"]
    is_after_gap = item.shot is not None and item.shot.transition == "gap" and item.begins
    return ["FRAMES ARE MISSING BEFORE"] if is_after_gap else []


def plain(text: str) -> str:
    """Text without characters that would end a line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
