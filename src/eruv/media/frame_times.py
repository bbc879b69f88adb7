"""Frame numbers to seconds, from the presentation times of all frames (variable rates too)."""

from array import array

import numpy as np
from numpy.typing import NDArray


class FrameTimes:
    """Presentation times in seconds, eight bytes a frame.

    Args:
        frame_s: how long a frame is shown where no next one says so.
    """

    def __init__(self, frame_s: float) -> None:
        self.frame_s = frame_s
        self.values = array("d")
        self.after_gaps: set[int] = set()

    def __len__(self) -> int:
        return len(self.values)

    def add(self, time_s: float, after_gap: bool = False) -> None:
        """Take the time of the next frame, and whether frames are missing before it."""
        if after_gap:
            self.after_gaps.add(len(self.values))
        self.values.append(time_s)

    def start(self, frame: int) -> float:
        """When a frame begins to be shown."""
        return self.values[frame]

    def end(self, frame: int) -> float:
        """When the frame before `frame` stops being shown: at the next one, if none is missing."""
        shown = self.values[frame - 1] + self.frame_s
        if frame == len(self.values):
            return shown
        return min(shown, self.values[frame]) if frame in self.after_gaps else self.values[frame]

    def range(self, start: int, end: int) -> tuple[float, float]:
        """When frames [start, end) begin and stop being shown."""
        return self.start(start), self.end(end)

    def array(self) -> NDArray[np.float64]:
        """(num_frames,)."""
        return np.array(self.values, np.float64)
