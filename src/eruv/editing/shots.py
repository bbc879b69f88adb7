"""Find hard cuts by the distance between the HOG of neighbouring frames (III-A, fact 5).

Comes in: luma frames, batch by batch. Goes out: the first frame of every shot.
"""

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eruv.editing.hog import hog

# The size at which the reference detector looks at a frame (fact 5).
LUMA_HEIGHT, LUMA_WIDTH = 96, 128


@dataclass(frozen=True)
class CutSettings:
    """When a distance is a cut; the defaults are the reference's (fact 5).

    Attributes:
        threshold: least mean absolute HOG difference of a cut.
        window: odd number of distances over which the local mean and deviation are taken.
        deviations: how many local standard deviations a cut stands above the local mean.
    """

    threshold: float = 0.0715
    window: int = 11
    deviations: float = 1.5

    def __post_init__(self) -> None:
        if self.threshold <= 0:
            raise ValueError(f"threshold is a positive HOG difference; got {self.threshold}")
        if self.window < 3 or self.window % 2 == 0:
            raise ValueError(f"window is an odd number of at least 3; got {self.window}")
        if self.deviations < 0:
            raise ValueError(f"deviations is at least 0; got {self.deviations}")


def find_cuts(distances: NDArray[np.floating], settings: CutSettings) -> list[int]:
    """Cuts in one unbroken stretch of frames.

    Args:
        distances: (N - 1,) for N frames; entry t is the distance of frame t to frame t + 1.
        settings: see there.

    Returns:
        First frames of new shots, rising, each in [1, N).
    """
    if not len(distances):
        return []
    values = np.asarray(distances, np.float64)
    # numpy's "symmetric" repeats the end itself, and still works where N is below the window
    padded = np.pad(values, settings.window // 2, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, settings.window)
    local = windows.mean(axis=1) + settings.deviations * windows.std(axis=1)
    return [int(t) + 1 for t in np.flatnonzero((values > settings.threshold) & (values > local))]


class ShotDetector:
    """Collects distances while frames stream by; keeps four bytes a frame.

    Args:
        settings: when a distance is a cut.
    """

    def __init__(self, settings: CutSettings) -> None:
        self.settings = settings
        self.distances = array("f")
        self.starts = [0]  # of stretches without a gap
        self.num_frames = 0
        self.last: NDArray[np.float32] | None = None

    def add(self, luma: NDArray[np.uint8]) -> None:
        """Take the next frames, (B, 96, 128)."""
        if not len(luma):
            return
        features = hog(luma)
        if self.last is not None:
            features = np.concatenate([self.last[None], features])
        steps = np.abs(np.diff(features, axis=0)).mean(axis=(1, 2, 3))
        self.distances.extend(steps.astype(np.float32))
        self.last = features[-1]
        self.num_frames += len(luma)

    def break_here(self) -> None:
        """Note that something is missing before the next frame: a shot ends here for certain."""
        if self.last is not None:
            self.distances.append(0.0)
            self.starts.append(self.num_frames)
            self.last = None

    def shots(self) -> list[tuple[int, int]]:
        """Half-open frame ranges of all shots so far, without holes or overlaps."""
        distances = np.frombuffer(self.distances, np.float32)
        firsts: list[int] = []
        for start, end in zip(self.starts, [*self.starts[1:], self.num_frames], strict=True):
            firsts.append(start)
            inside = distances[start : max(start, end - 1)]
            firsts += [start + cut for cut in find_cuts(inside, self.settings)]
        return list(zip(firsts, [*firsts[1:], self.num_frames], strict=True))
