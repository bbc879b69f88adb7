"""Seconds of the frames of a video in the library."""

from bisect import bisect_right
from typing import Any


class VideoClock:
    """Seconds of frames, from the start and end times of the shots of a video.

    Frames are evenly spaced within a shot; frames missing between two shots stay a gap.

    Args:
        row: of the video, see `eruv.library.rows`.
    """

    def __init__(self, row: dict[str, Any]) -> None:
        self.shots: list[tuple[int, int]] = [(start, end) for start, end in row["shots"]]
        self.starts = [start for start, _ in self.shots]
        self.num_frames: int = row["num_frames"]
        self.zero = float(row["start_s"])
        self.times = [(start - self.zero, end - self.zero) for start, end in row["shots_s"]]
        self.total = max(float(row["end_s"]) - self.zero, 1e-6)

    def shot_of(self, frame: int) -> int:
        """Number of the shot of a frame, from 0."""
        return max(0, bisect_right(self.starts, frame) - 1)

    def seconds(self, frame: int) -> float:
        """When a frame starts."""
        return self._within(self.shot_of(frame), frame)

    def span(self, start: int, end: int) -> tuple[float, float]:
        """Start and end of frames [start, end)."""
        return self.seconds(start), self._within(self.shot_of(end - 1), end)

    def _within(self, shot: int, frame: int) -> float:
        (first, last), (start_s, end_s) = self.shots[shot], self.times[shot]
        return start_s + (end_s - start_s) * (frame - first) / max(1, last - first)
