"""Moments of several films as an edit decision list (CMX3600), for editing programs."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from eruv.detection.export.edl_file import LONGEST_TITLE, plain
from eruv.detection.export.timecode import TimecodeRate, timeline_rate
from eruv.moments.films import MomentFilm, usual_rate
from eruv.moments.merging import Moment

MADE_BY = "* MADE BY ERUV SEARCH"
REEL_LETTERS = 8


def moments_edl(moments: Sequence[Moment], films: Mapping[str, MomentFilm], title: str) -> str:
    """The list that plays the moments one after another.

    Each film is a reel. The list counts at the rate that most films have; those of another rate
    are counted by their seconds, which a comment says, beside the exact frames of the file.
    """
    used = [films[one.video_id] for one in moments]
    rate = timeline_rate(usual_rate(used) if used else Fraction(25))
    counter = TimecodeRate(float(rate))
    lines = [
        f"TITLE: {plain(title)[:LONGEST_TITLE]}",
        f"FCM: {'DROP FRAME' if counter.drop_frame else 'NON-DROP FRAME'}",
        MADE_BY,
        f"* {float(rate):.3f} FRAMES PER SECOND",
    ]
    names, at = reels(used), 0
    for number, (moment, film) in enumerate(zip(moments, used, strict=True), start=1):
        zero = film.first_number(rate)
        first, last = film.counted(moment, rate)
        length = last - first
        source = f"{counter.timecode(zero + first)} {counter.timecode(zero + last)}"
        record = f"{counter.timecode(at)} {counter.timecode(at + length)}"
        lines.append(f"{number:03d}  {names[film.video_id]:<8} V     C        {source} {record}")
        lines.append(f"* FROM CLIP NAME: {plain(film.path.name)}")
        lines.append(f"* SOURCE FILE: {plain(str(film.path))}")
        if film.rate != rate:
            lines.append(f"* THE FILE HAS {float(film.rate):.3f} FRAMES PER SECOND")
        lines.append(f"* FRAMES {moment.start} TO {moment.end} OF THE FILE")
        at += length
    return "\r\n".join([*lines, ""])


def reels(films: Sequence[MomentFilm]) -> dict[str, str]:
    """A name of at most eight letters and digits for each film, by its id; no two are the same."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for film in films:
        if film.video_id in found:
            continue
        stem = "".join(one for one in film.path.stem.upper() if one.isascii() and one.isalnum())
        name, number = stem[:REEL_LETTERS] or "REEL", 1
        while name in taken or name in ("AX", "BL"):  # which mean other things in a list
            number += 1
            name = f"{stem[: REEL_LETTERS - len(str(number))]}{number}"
        taken.add(name)
        found[film.video_id] = name
    return found
