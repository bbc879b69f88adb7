"""Presentation times of all frames of a video, at constant and variable rates."""

from array import array

import numpy as np
from numpy.typing import NDArray

SAME_S, SAME = 0.0015, 0.05  # a stated duration and the step to the next frame: seconds, share
VARYING = 0.5  # of the usual step: how far steps lie apart at a varying rate
LONGEST = 10  # times the longest step: a duration of the last frame
SHORTEST_S = 0.001  # of a duration that is meant


class FrameTimes:
    """Presentation times in seconds, eight bytes per frame.

    A frame is shown until the next one. The last one, and one before a gap, is shown as long as its
    own duration says, if the durations of other frames were true (FFmpeg guesses those that a file
    does not state), else for `frame_s`.

    Args:
        frame_s: how long a frame is shown if no duration is known.
    """

    def __init__(self, frame_s: float) -> None:
        self.frame_s = frame_s
        self.values = array("d")
        self.after_gaps: set[int] = set()
        self._shown_s: float | None = None  # of the last frame
        self._shown_before_gaps: dict[int, float | None] = {}
        self._true = self._untrue = 0  # durations

    def __len__(self) -> int:
        return len(self.values)

    def add(self, time_s: float, after_gap: bool = False, shown_s: float | None = None) -> None:
        """Add the time of the next frame.

        Args:
            time_s: when it is shown.
            after_gap: whether frames are missing before it.
            shown_s: its own duration, stated or guessed.
        """
        if after_gap:
            self.after_gaps.add(len(self.values))
            self._shown_before_gaps[len(self.values)] = self._shown_s
        elif self.values:
            step = time_s - self.values[-1]
            if self._shown_s and _same(self._shown_s, step):
                self._true += 1
            else:
                self._untrue += 1
        self._shown_s = shown_s
        self.values.append(time_s)

    @property
    def last_shown_s(self) -> float | None:
        """The last frame's own duration, if there is one that can be believed."""
        return self._believed(self._shown_s)

    def end_by(self, stated_end_s: float) -> None:
        """Let the last frame last to the end that a file states, if nothing better is known.

        Only where steps vary: elsewhere it lasts as long as the others. An end that is far off is
        that of a header never finished, or of the audio.
        """
        steps = np.diff(self.array())
        if self.last_shown_s or not len(steps) or np.ptp(steps) < VARYING * np.median(steps):
            return
        shown_s = stated_end_s - self.values[-1]
        if SHORTEST_S <= shown_s <= LONGEST * steps.max():
            self.frame_s = shown_s

    def _believed(self, shown_s: float | None) -> float | None:
        if not shown_s or shown_s < SHORTEST_S or self._true < 4 * self._untrue:
            return None
        return self.frame_s if _same(shown_s, self.frame_s) else shown_s

    def start(self, frame: int) -> float:
        """When a frame starts, in seconds."""
        return self.values[frame]

    def end(self, frame: int) -> float:
        """When the frame before `frame` ends: where `frame` starts, unless frames are missing."""
        own_s = self._shown_before_gaps.get(frame) if frame < len(self.values) else self._shown_s
        shown = self.values[frame - 1] + (self._believed(own_s) or self.frame_s)
        if frame == len(self.values):
            return shown
        return min(shown, self.values[frame]) if frame in self.after_gaps else self.values[frame]

    def range(self, start: int, end: int) -> tuple[float, float]:
        """Start and end of frames [start, end), in seconds."""
        return self.start(start), self.end(end)

    def array(self) -> NDArray[np.float64]:
        """(num_frames,)."""
        return np.array(self.values, np.float64)


def _same(shown_s: float, step_s: float) -> bool:
    return abs(shown_s - step_s) <= max(SAME_S, SAME * step_s)
