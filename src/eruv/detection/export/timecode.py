"""Times as h:mm:ss.mmm, and SMPTE timecode."""

import math
from dataclasses import dataclass

# Rates for which drop-frame timecode is defined, so that it keeps up with the clock.
DROP_FRAME_BASES = (30, 60)
MOST_FRAMES_PER_SECOND = 99


def written_time(seconds: float) -> str:
    """Seconds as h:mm:ss.mmm; with a minus sign before the clock's start."""
    milliseconds = round(abs(seconds) * 1000)
    sign = "-" if seconds < 0 and milliseconds else ""
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


@dataclass(frozen=True)
class TimecodeRate:
    """How timecode numbers the frames of a video.

    23.976 frames a second count as 24 without dropping (drop-frame is not defined there, so the
    timecode loses 3.6 s an hour); 29.97 and 59.94 count as 30 and 60 with drop-frame, which keeps
    timecode and clock together. All other rates count as the nearest integer.

    Attributes:
        frames_per_second: true rate.
    """

    frames_per_second: float

    def __post_init__(self) -> None:
        if not 0.5 <= self.frames_per_second < MOST_FRAMES_PER_SECOND + 0.5:
            raise ValueError(
                f"timecode counts 1 to {MOST_FRAMES_PER_SECOND} frames a second; "
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
        return self.base in DROP_FRAME_BASES and abs(self.frames_per_second - true_rate) < 0.005

    def timecode(self, frame: int) -> str:
        """hh:mm:ss:ff of a frame, hh:mm:ss;ff with drop-frame; starts again after 24 hours."""
        number = self._with_dropped(frame) if self.drop_frame else frame
        seconds, frames = divmod(number, self.base)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        sign = ";" if self.drop_frame else ":"
        return f"{hours % 24:02d}:{minutes:02d}:{seconds:02d}{sign}{frames:02d}"

    def _with_dropped(self, frame: int) -> int:
        """The frame's number, counting those that timecode skips (SMPTE 12M)."""
        dropped = self.base // 15
        in_minute = 60 * self.base - dropped
        in_ten_minutes = 10 * in_minute + dropped
        tens, rest = divmod(frame, in_ten_minutes)
        # The first minute of ten keeps all its numbers.
        minutes = max(0, rest - dropped) // in_minute
        return frame + dropped * (9 * tens + minutes)
