"""The part of a film that is looked at, in seconds or timecode."""

import re
from dataclasses import dataclass

from eruv.detection.export.timecode import TimecodeRate

SECONDS = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?)")
TIMECODE = re.compile(r"(\d+):(\d\d):(\d\d)[:;](\d+)")
# Seconds that were printed have three decimals.
TOLERANCE_S = 0.0006

Moment = float | str


@dataclass(frozen=True)
class FilmPart:
    """Frames that start from `start` on and before `end`.

    Attributes:
        start, end: seconds on the film's clock, as numbers or as text (90.5, 1:30.5, 0:01:30.500),
            or SMPTE timecode that counts the film's first frame as 00:00:00:00 (00:01:30:12,
            00:01:30;12); None is where the film starts, or ends.
    """

    start: Moment | None = None
    end: Moment | None = None

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            moment = getattr(self, name)
            if isinstance(moment, str) and not (
                SECONDS.fullmatch(moment) or TIMECODE.fullmatch(moment)
            ):
                raise ValueError(
                    f"{name} is in seconds (90.5 or 1:30.5) or timecode (00:01:30:12); "
                    f"got {moment!r}"
                )
        start, end = seconds_of(self.start), seconds_of(self.end)
        if start is not None and end is not None and start >= end:
            raise ValueError(f"start is before end; got {self.start} and {self.end}")

    def bounds(self, first_s: float, frames_per_second: float) -> tuple[float, float]:
        """Least start of a frame that is looked at, and of one that no longer is, in seconds.

        Args:
            first_s: start of the film's first frame.
            frames_per_second: of the film.

        Raises:
            ValueError: if timecode cannot count the film's rate.
        """
        start, end = (
            None if moment is None else _bound(moment, first_s, frames_per_second)
            for moment in (self.start, self.end)
        )
        return (-float("inf") if start is None else start, float("inf") if end is None else end)


def seconds_of(moment: Moment | None) -> float | None:
    """A moment in seconds; None if it is none, or timecode."""
    if not isinstance(moment, str):
        return moment
    found = SECONDS.fullmatch(moment)
    if found is None:
        return None
    hours, minutes, seconds = found.groups()
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(seconds)


def _bound(moment: Moment, first_s: float, frames_per_second: float) -> float:
    seconds = seconds_of(moment)
    if seconds is not None:
        return seconds - TOLERANCE_S
    found = TIMECODE.fullmatch(str(moment))
    assert found is not None
    hours, minutes, whole_seconds, frames = map(int, found.groups())
    rate = TimecodeRate(frames_per_second)
    number = ((60 * hours + minutes) * 60 + whole_seconds) * rate.base + frames
    if rate.drop_frame:
        all_minutes = 60 * hours + minutes
        number -= rate.base // 15 * (all_minutes - all_minutes // 10)
    return first_s + (number - 0.5) / frames_per_second


WHOLE = FilmPart()
