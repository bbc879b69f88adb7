"""The part of a film that is analysed, in seconds or timecode."""

import re
from dataclasses import dataclass
from fractions import Fraction

from eruv.detection.export.timecode import (
    TIMECODE,
    TimecodeRate,
    counts_all_frames,
    timeline_rate,
)

SECONDS = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?)")
# Printed seconds have three decimals.
TOLERANCE_S = 0.0006

Moment = float | str


@dataclass(frozen=True)
class FilmPart:
    """Frames that start from `start` on and before `end`.

    Attributes:
        start, end: seconds on the film's clock, as numbers or as text (90.5, 1:30.5, 0:01:30.500),
            or SMPTE timecode (00:01:30:12, 00:01:30;12); None is where the film starts, or ends.
        timecode: of the film's first frame; None is what its file says, else 00:00:00:00.
    """

    start: Moment | None = None
    end: Moment | None = None
    timecode: str | None = None

    def __post_init__(self) -> None:
        for name in ("start", "end"):
            moment = getattr(self, name)
            if isinstance(moment, str) and not (
                SECONDS.fullmatch(moment) or TIMECODE.fullmatch(moment)
            ):
                raise ValueError(
                    f"{name} must be in seconds (90.5 or 1:30.5) or timecode (00:01:30:12); "
                    f"got {moment!r}"
                )
        start, end = seconds_of(self.start), seconds_of(self.end)
        if start is not None and end is not None and start >= end:
            raise ValueError(f"start must be before end; got {self.start} and {self.end}")

    def bounds(
        self, first_s: float, frames_per_second: float, own_timecode: str | None = None
    ) -> tuple[float, float]:
        """Bounds [low, high), in seconds, of the starts of frames that are analysed.

        Args:
            first_s: start of the film's first frame.
            frames_per_second: of the film.
            own_timecode: of the first frame, as the file states it.

        Raises:
            ValueError: if a timecode does not exist at the film's rate.
        """
        origin = self.timecode or own_timecode
        start, end = (
            None if moment is None else _bound(moment, first_s, frames_per_second, origin)
            for moment in (self.start, self.end)
        )
        return (-float("inf") if start is None else start, float("inf") if end is None else end)


def seconds_of(moment: Moment | None) -> float | None:
    """A moment in seconds; None for None and for timecode."""
    if not isinstance(moment, str):
        return moment
    found = SECONDS.fullmatch(moment)
    if found is None:
        return None
    hours, minutes, seconds = found.groups()
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(seconds)


def _bound(moment: Moment, first_s: float, frames_per_second: float, origin: str | None) -> float:
    seconds = seconds_of(moment)
    if seconds is not None:
        return seconds - TOLERANCE_S
    counted = float(timeline_rate(Fraction(frames_per_second).limit_denominator(1001)))
    rate = TimecodeRate(counted, may_drop=not counts_all_frames(origin))
    number = rate.frame(str(moment)) - (rate.frame(origin) if origin else 0)
    return first_s + (number - 0.5) / counted


WHOLE = FilmPart()
