"""Presentation times of all frames of a video, at constant and variable rates."""

from array import array

import numpy as np
from numpy.typing import NDArray


class FrameTimes:
    """Presentation times in seconds, eight bytes a frame.

    Args:
        frame_s: how long a frame is shown if none follows.
    """

    def __init__(self, frame_s: float) -> None:
        self.frame_s = frame_s
        self.values = array("d")
        self.after_gaps: set[int] = set()

    def __len__(self) -> int:
        return len(self.values)

    def add(self, time_s: float, after_gap: bool = False) -> None:
        """Add the time of the next frame, and whether frames are missing before it."""
        if after_gap:
            self.after_gaps.add(len(self.values))
        self.values.append(time_s)

    def start(self, frame: int) -> float:
        """When a frame starts, in seconds."""
        return self.values[frame]

    def end(self, frame: int) -> float:
        """When the frame before `frame` ends: where `frame` starts, unless frames are missing."""
        shown = self.values[frame - 1] + self.frame_s
        if frame == len(self.values):
            return shown
        return min(shown, self.values[frame]) if frame in self.after_gaps else self.values[frame]

    def range(self, start: int, end: int) -> tuple[float, float]:
        """Start and end of frames [start, end), in seconds."""
        return self.start(start), self.end(end)

    def array(self) -> NDArray[np.float64]:
        """(num_frames,)."""
        return np.array(self.values, np.float64)
