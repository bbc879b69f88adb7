"""When the frames of a video are shown."""

from bisect import bisect_right
from typing import Any


class VideoClock:
    """Seconds of frames, from the times at which the shots of a video begin and end.

    Within a shot frames are taken to be evenly spaced; where the file lost frames between two
    shots, the gap stays a gap.

    Args:
        row: of the video, see `eruv.library.catalogue.SCHEMAS`.
    """

    def __init__(self, row: dict[str, Any]) -> None:
        self.shots: list[tuple[int, int]] = [(start, end) for start, end in row["shots"]]
        self.starts = [start for start, _ in self.shots]
        self.zero = float(row["start_s"])
        self.times = [(start - self.zero, end - self.zero) for start, end in row["shots_s"]]
        self.total = max(float(row["end_s"]) - self.zero, 1e-6)

    def shot_of(self, frame: int) -> int:
        """Number of the shot that a frame is in, from 0."""
        return max(0, bisect_right(self.starts, frame) - 1)

    def seconds(self, frame: int) -> float:
        """When a frame begins to be shown."""
        return self._within(self.shot_of(frame), frame)

    def span(self, start: int, end: int) -> tuple[float, float]:
        """From when to when the frames [start, end) are shown."""
        return self.seconds(start), self._within(self.shot_of(end - 1), end)

    def _within(self, shot: int, frame: int) -> float:
        (first, last), (start_s, end_s) = self.shots[shot], self.times[shot]
        return start_s + (end_s - start_s) * (frame - first) / max(1, last - first)
