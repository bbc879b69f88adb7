"""The shots of a video as chapters: WebVTT for players on pages, ffmetadata for FFmpeg."""

from collections.abc import Iterator

from eruv.detection.detect import ShotList
from eruv.detection.export.playback import shown_start_s
from eruv.detection.export.rows import in_words
from eruv.detection.export.timecode import written_time

VTT_MADE_BY = "NOTE made by eruv shots"
FFMETADATA_MADE_BY = "; made by eruv shots"
MICROSECONDS = 1_000_000


def vtt_text(shots: ShotList) -> str:
    """WebVTT chapters (`<track kind="chapters">`): a cue for each shot, 0 where players start."""
    lines = ["WEBVTT", "", VTT_MADE_BY, ""]
    for number, start_s, end_s, begins in _chapters(shots):
        lines += [f"NOTE {begins}", ""] if begins else []
        lines += [str(number), f"{_vtt_time(start_s)} --> {_vtt_time(end_s)}", f"Shot {number}", ""]
    return "\n".join(lines)


def ffmetadata_text(shots: ShotList) -> str:
    """Chapters for `ffmpeg -i FILM -i CHAPTERS -map_metadata 1 -codec copy FILM_WITH_CHAPTERS`."""
    lines = [";FFMETADATA1", FFMETADATA_MADE_BY]
    for number, start_s, end_s, begins in _chapters(shots):
        lines += [f"; {begins}"] if begins else []
        lines += [
            "[CHAPTER]",
            f"TIMEBASE=1/{MICROSECONDS}",
            f"START={round(start_s * MICROSECONDS)}",
            f"END={round(end_s * MICROSECONDS)}",
            f"title=Shot {number}",
        ]
    return "\n".join([*lines, ""])


def _chapters(shots: ShotList) -> Iterator[tuple[int, float, float, str]]:
    """Number, start and end in seconds of each shot, and the transition into it in words."""
    zero = shown_start_s(shots)
    begins = {one.end: in_words(one) for one in shots.transitions}
    for number, shot in enumerate(shots.shots, start=1):
        yield number, shot.start_s - zero, shot.end_s - zero, begins.get(shot.start, "")


def _vtt_time(seconds: float) -> str:
    """hh:mm:ss.mmm: hours have two digits at least."""
    return written_time(seconds).rjust(len("00:00:00.000"), "0")
