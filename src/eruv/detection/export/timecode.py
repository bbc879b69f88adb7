"""Times as h:mm:ss.mmm, and SMPTE timecode."""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

# Rates for which drop-frame timecode is defined, so that it keeps up with the clock.
DROP_FRAME_BASES = (30, 60)
MOST_FRAMES_PER_SECOND = 99  # frames have two digits
TIMELINES = (24, 25, 30, 50, 60)
FASTEST_TIMELINE, SLOWEST_RATE, SLOWEST_TIMELINE = 60, 12, 24  # frames per second
TIMECODE = re.compile(r"(\d\d):(\d\d):(\d\d)([:;.])(\d\d)")


def written_time(seconds: float) -> str:
    """Seconds as h:mm:ss.mmm; with a minus sign before the clock's start."""
    milliseconds = round(abs(seconds) * 1000)
    sign = "-" if seconds < 0 and milliseconds else ""
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def timeline_rate(rate: Fraction) -> Fraction:
    """The rate at which timecode counts a film of any rate, so that it tells the film's seconds.

    Frames beyond 99 a second have no number in two digits: films of 100 to 240 are counted by twos,
    threes or fours, as editing programs do. Slow films are counted in parts of a frame. What is no
    whole rate, nor one of NTSC, is counted at the next rate that timelines have.
    """
    if rate >= MOST_FRAMES_PER_SECOND + Fraction(1, 2):
        least = math.ceil(rate / FASTEST_TIMELINE)
        multiples = [1 / Fraction(parts) for parts in range(least, 2 * least)]
    elif rate < SLOWEST_RATE:
        multiples = [Fraction(math.ceil(SLOWEST_TIMELINE / rate))]
    else:
        multiples = [Fraction(times) for times in range(1, FASTEST_TIMELINE // SLOWEST_RATE)]
    for multiple in multiples:
        counted = rate * multiple
        if counted.denominator == 1 or (counted * 1001 / 1000).denominator == 1:
            return counted
    return next((Fraction(usual) for usual in TIMELINES if usual >= rate), Fraction(TIMELINES[-1]))


@dataclass(frozen=True)
class TimecodeRate:
    """How timecode numbers the frames of a video.

    23.976 frames per second count as 24 without dropping (drop-frame is not defined there, so the
    timecode loses 3.6 s an hour); 29.97 and 59.94 count as 30 and 60 with drop-frame, which keeps
    timecode and clock together. All other rates count as the nearest integer.

    Attributes:
        frames_per_second: true rate.
        may_drop: False counts 29.97 and 59.94 without dropping, as some recorders do.
    """

    frames_per_second: float
    may_drop: bool = True

    def __post_init__(self) -> None:
        if not 0.5 <= self.frames_per_second < MOST_FRAMES_PER_SECOND + 0.5:
            raise ValueError(
                f"timecode must count 1 to {MOST_FRAMES_PER_SECOND} frames per second; "
                f"got {self.frames_per_second:g}"
            )

    @property
    def base(self) -> int:
        """Frames in a second of timecode."""
        return math.floor(self.frames_per_second + 0.5)

    @property
    def drop_frame(self) -> bool:
        """Whether numbers are skipped in each minute but every tenth."""
        true_rate = self.base * 1000 / 1001
        return (
            self.may_drop
            and self.base in DROP_FRAME_BASES
            and abs(self.frames_per_second - true_rate) < 0.005
        )

    def timecode(self, frame: int) -> str:
        """hh:mm:ss:ff of a frame, hh:mm:ss;ff with drop-frame; starts again after 24 hours."""
        number = self._with_dropped(frame) if self.drop_frame else frame
        seconds, frames = divmod(number, self.base)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        sign = ";" if self.drop_frame else ":"
        return f"{hours % 24:02d}:{minutes:02d}:{seconds:02d}{sign}{frames:02d}"

    def frame(self, timecode: str) -> int:
        """The frame with this timecode, counted from 00:00:00:00.

        Raises:
            ValueError: if it is no timecode of this rate.
        """
        match = TIMECODE.fullmatch(timecode)
        if not match:
            raise ValueError(f"a timecode must be HH:MM:SS:FF; got {timecode!r}")
        hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
        if hours > 23 or minutes > 59 or seconds > 59 or frames >= self.base:
            raise ValueError(
                f"timecode {timecode} is invalid at {self.base} frames per second: hours must be "
                f"below 24, frames below {self.base}. Pass another with --timecode"
            )
        all_minutes = 60 * hours + minutes
        number = (60 * all_minutes + seconds) * self.base + frames
        if not self.drop_frame:
            return number
        return number - self.base // 15 * (all_minutes - all_minutes // 10)

    def _with_dropped(self, frame: int) -> int:
        """The frame's number, counting those that timecode skips (SMPTE 12M)."""
        dropped = self.base // 15
        in_minute = 60 * self.base - dropped
        in_ten_minutes = 10 * in_minute + dropped
        tens, rest = divmod(frame, in_ten_minutes)
        # The first minute of ten keeps all its numbers.
        minutes = max(0, rest - dropped) // in_minute
        return frame + dropped * (9 * tens + minutes)


def counts_all_frames(timecode: str | None) -> bool:
    """Whether a timecode says that it drops no numbers: drop-frame has a semicolon, or a point."""
    match = TIMECODE.fullmatch(timecode or "")
    return match is not None and match[4] == ":"


def first_frame_number(timecode: str | None, frames_per_second: float) -> int:
    """The number of the first frame, at any rate; 0 without a timecode.

    Raises:
        ValueError: if the timecode is none, or none of this rate.
    """
    if not timecode:
        return 0
    counted = timeline_rate(Fraction(frames_per_second).limit_denominator(1001))
    number = TimecodeRate(float(counted), not counts_all_frames(timecode)).frame(timecode)
    return round(number * frames_per_second / counted)
