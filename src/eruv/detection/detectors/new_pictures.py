"""Which frames show a new picture: neither repeats nor more than 30 a second."""

from array import array
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detectors.base import Plane
from eruv.detection.detectors.motion import difference, largest_difference, tile_means
from eruv.utils.compiled import compiled

# Steps of 33 and 34 ms are 30 a second in files that count milliseconds.
LEAST_STEP_S = 0.030
USUAL_STEP_S = 0.04  # where a file gives no times, or they run backwards
LONGEST_STEP_S = 2.0  # a clock may jump by hours
# A picture that stays for longer than a slow cadence is held: it counts again and again.
HOLD_S, HELD_STEP_S, MOST_HELD = 0.3, 1 / 30, 16
# Grey levels by which compression alone tells two frames of one picture apart: mean, largest.
SAME_MEAN, SAME_LARGEST = 0.15, 3.0
# Among pictures that change a lot, compression does so too: as a share of the change of new
# pictures, of which there may be few among repeats that were taken for new ones.
CADENCE_S, CADENCE_PICTURES, CADENCE_SHARE, CADENCE_MEAN = 1.0, 3, 0.15, 3.0
CADENCE_RANK = 0.85
UNLIKE = 40.0  # grey levels that no camera within a shot changes by: a cut is no cadence
ROWS, COLUMNS = 24, 32  # of a small luma; below it lie blue and red, side by side


class NewPictures:
    """Tells new pictures from repeats, and maps rows back to frames.

    A row is what the detector is given: a new picture, or a repetition of one that is held.
    """

    def __init__(self) -> None:
        self.shown = np.zeros(
            (2, ROWS * 3 // 2, COLUMNS), np.float32
        )  # the last new picture, the last frame
        self.elapsed_s = 0.0
        self.last_time_s: float | None = None
        self.step_s = USUAL_STEP_S
        self.picture_s, self.held = 0.0, 0
        self.recent: deque[tuple[float, float]] = deque()  # when, and how much changed
        self.changes = array("f")  # of every frame against the one before
        # By row: its frame, the last frame that shows the same, and whether it was held.
        self.first, self.last, self.is_held = array("l"), array("l"), array("b")

    @property
    def num_frames(self) -> int:
        """Frames seen so far."""
        return len(self.changes)

    def rows_for(self, planes: Sequence[Plane], time_s: float | None) -> tuple[int, bool]:
        """Take the next frame.

        Returns:
            How many more times the last picture counts, and whether the frame is a new one.
        """
        frame = self.num_frames
        self._tick(time_s)
        luma, blue, red = planes
        change, mean, largest = _compare(luma, blue, red, self.shown)
        self.changes.append(change)
        if not frame:
            self._show(frame, 0.0)
            return 0, True
        repeated = self._is_repeat(mean, largest)
        held = self._hold(frame if repeated else frame - 1)
        if repeated:
            self.last[-1] = frame
            return held, False
        if self.elapsed_s - self.picture_s < LEAST_STEP_S:
            return held, False
        self._show(frame, mean)
        return held, True

    def finish(self) -> int:
        """How many more times the last picture counts: it stays for as long as the last step."""
        self.elapsed_s += self.step_s
        return self._hold(self.num_frames - 1) if self.num_frames else 0

    def _tick(self, time_s: float | None) -> None:
        if time_s is not None and self.last_time_s is not None:
            step = time_s - self.last_time_s
            self.step_s = min(step, LONGEST_STEP_S) if step > 0 else USUAL_STEP_S
        self.last_time_s = time_s
        if self.num_frames:
            self.elapsed_s += self.step_s

    def _is_repeat(self, mean: float, largest: float) -> bool:
        if mean <= SAME_MEAN and largest <= SAME_LARGEST:
            return True
        while self.recent and self.recent[0][0] < self.elapsed_s - CADENCE_S:
            self.recent.popleft()
        if len(self.recent) < CADENCE_PICTURES:
            return False
        changes = sorted(change for _, change in self.recent)
        usual = changes[int(CADENCE_RANK * len(changes))]
        return mean <= min(CADENCE_SHARE * usual, CADENCE_MEAN)

    def _hold(self, frame: int) -> int:
        stayed = self.elapsed_s - self.picture_s - HOLD_S
        due = min(MOST_HELD, int(stayed / HELD_STEP_S)) if stayed > 0 else 0
        count = max(0, due - self.held)
        self.held += count
        for _ in range(count):
            self._note(max(frame, self.last[-1]), held=True)
        return count

    def _show(self, frame: int, change: float) -> None:
        self.shown[0] = self.shown[1]
        self.picture_s, self.held = self.elapsed_s, 0
        if change < UNLIKE:
            self.recent.append((self.elapsed_s, change))
        self._note(frame, held=False)

    def _note(self, frame: int, held: bool) -> None:
        self.first.append(frame)
        self.last.append(frame)
        self.is_held.append(held)

    def shown_for(self, most: int) -> NDArray[np.int64]:
        """In how many frames all pictures before each row were shown (R,), each in up to `most`."""
        shown = np.array(self.last, np.int64) - np.array(self.first, np.int64) + 1
        counts = np.minimum(shown, most)
        return np.cumsum(counts) - counts

    def cut_before(self, row: int) -> int:
        """The frame at which a cut before this row lies: where frames change most."""
        low = self.last[row - 1] + 1
        between = self.changes[low : self.first[row] + 1]
        return low + int(np.argmax(between)) if len(between) else self.first[row]

    def frames_of(self, start: int, end: int) -> tuple[int, int]:
        """Frames of the rows [start, end), with those left out before and after them.

        A picture that is held at either end belongs to the shot there.
        """
        while start < end and self.is_held[start]:
            start += 1
        while start < end < len(self.first) and self.is_held[end]:
            end -= 1
        low = self.last[start - 1] + 1 if start else 0
        return low, self.first[end] if end < len(self.first) else self.num_frames


@compiled()
def _compare(luma, blue, red, shown):  # type: ignore[no-untyped-def]
    """Mean difference from the last frame, and mean and largest from the last new picture.

    Means of luma and of colour are added. `shown` holds both, small; this frame takes the place
    of the last.
    """
    small = np.empty_like(shown[0])
    tile_means(luma, small[:ROWS])
    tile_means(blue, small[ROWS:, : COLUMNS // 2])
    tile_means(red, small[ROWS:, COLUMNS // 2 :])
    change = _mean_difference(small, shown[1])
    mean = _mean_difference(small, shown[0])
    shown[1] = small
    return change, mean, largest_difference(small, shown[0])


@compiled()
def _mean_difference(one, other):  # type: ignore[no-untyped-def]
    luma = difference(one[:ROWS], other[:ROWS]) / (ROWS * COLUMNS)
    return luma + difference(one[ROWS:], other[ROWS:]) / (ROWS // 2 * COLUMNS)
