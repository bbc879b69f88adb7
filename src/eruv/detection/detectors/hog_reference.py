"""The detector that UntrimmedNets used (fact 5), with matching blocks instead of SIFT matches."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detectors.base import Detection, PictureFormat, Plane
from eruv.detection.detectors.hog_fixed import HogDistances
from eruv.detection.matching import halve, matching_blocks

DARK, BRIGHT = 20, 235  # of 0 ... 255, the range of grey pictures (fact 5)


@dataclass(frozen=True)
class HogReferenceSettings:
    """When a distance is a cut; the defaults are the reference's (fact 5).

    Attributes:
        threshold: least mean absolute HOG difference of a cut.
        window: odd number of distances over which the local mean and deviation are taken.
        deviations: local standard deviations that a cut stands above the local mean.
        matches: number of matching blocks, out of 140, that vetoes a cut; 0 turns the veto off.
        extremes: 1 adds a cut where the picture becomes dark or bright, or ceases to be.
    """

    threshold: float = 0.0715
    window: int = 11
    deviations: float = 1.5
    matches: int = 40
    extremes: int = 1

    def __post_init__(self) -> None:
        if self.threshold <= 0:
            raise ValueError(f"threshold must be a positive HOG difference; got {self.threshold}")
        if self.window < 3 or self.window % 2 == 0:
            raise ValueError(f"window must be an odd number of at least 3; got {self.window}")
        if self.deviations < 0:
            raise ValueError(f"deviations must be at least 0; got {self.deviations}")
        if self.matches < 0:
            raise ValueError(f"matches must be a number of blocks, at least 0; got {self.matches}")
        if self.extremes not in (0, 1):
            raise ValueError(f"extremes must be 0 or 1; got {self.extremes}")


def stands_out(
    distances: NDArray[np.floating], settings: HogReferenceSettings
) -> NDArray[np.bool_]:
    """Which distances (N,) of one span are above the threshold and their neighbourhood."""
    if not len(distances):
        return np.zeros(0, bool)
    values = np.asarray(distances, np.float64)
    # numpy's "symmetric" repeats the last value itself, and works if N is below the window
    padded = np.pad(values, settings.window // 2, mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(padded, settings.window)
    local = windows.mean(axis=1) + settings.deviations * windows.std(axis=1)
    return (values > settings.threshold) & (values > local)


class HogReference:
    """HOG distance above a local threshold, unless blocks match; stores six bytes per frame.

    Args:
        settings: when a distance is a cut.
    """

    picture: ClassVar[PictureFormat] = PictureFormat(96, 128, "gray")

    def __init__(self, settings: HogReferenceSettings) -> None:
        self.settings = settings
        self.context = settings.window // 2 + 1
        self.distances = HogDistances()
        self.levels = array("b")  # -1 dark, 0 ordinary, 1 bright
        self.vetoed = array("b")
        self.last: Plane | None = None

    def add(self, planes: Sequence[Plane], time_s: float | None = None) -> None:
        luma = planes[0]
        distance = self.distances.add(luma)
        intensity = float(luma.mean())
        self.levels.append(int(intensity > BRIGHT) - int(intensity < DARK))
        # Matching takes as long as a hundred distances: only possible cuts are checked.
        checked = self.settings.matches and distance > self.settings.threshold
        self.vetoed.append(
            bool(checked)
            and self.last is not None
            and matching_blocks(halve(self.last), halve(luma)) >= self.settings.matches
        )
        self.last = luma.copy()

    def finish(self) -> Detection:
        distances = self.distances.array()
        is_cut = np.zeros(len(distances), bool)
        vetoed = np.array(self.vetoed, bool)[1:]
        is_cut[1:] = stands_out(distances[1:], self.settings) & ~vetoed
        if self.settings.extremes:
            is_cut[1:] |= np.diff(np.array(self.levels)) != 0
        return self.distances.detection(is_cut, self.settings.threshold)
