"""The paper's detector: a cut where HOG changes by more than a threshold (III-A)."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detectors.base import Detection, PictureFormat, Plane, Transition
from eruv.detection.hog import hog


@dataclass(frozen=True)
class HogFixedSettings:
    """When a distance is a cut.

    Attributes:
        threshold: least mean absolute HOG difference of a cut (fact 5).
    """

    threshold: float = 0.0715

    def __post_init__(self) -> None:
        if self.threshold <= 0:
            raise ValueError(f"threshold must be a positive HOG difference; got {self.threshold}")


class HogDistances:
    """Mean absolute HOG difference between neighbouring frames; stores four bytes per frame."""

    def __init__(self) -> None:
        self.values = array("f")
        self.last: NDArray[np.float32] | None = None

    def add(self, luma: Plane) -> float:
        """Add the next frame (96, 128), and return its distance."""
        features = hog(luma)
        distance = 0.0 if self.last is None else float(np.abs(features - self.last).mean())
        self.values.append(distance)
        self.last = features
        return self.values[-1]

    def detection(self, is_cut: NDArray[np.bool_], threshold: float) -> Detection:
        """The cuts (num_frames,), with their distances as scores."""
        scores = self.array()
        cuts = (Transition(t, t, "cut", float(scores[t])) for t in np.flatnonzero(is_cut).tolist())
        return Detection(len(scores), tuple(cuts), scores, threshold)

    def array(self) -> NDArray[np.float32]:
        """(num_frames,), 0 for the first frame."""
        return np.array(self.values, np.float32)


class HogFixed:
    """A threshold on the HOG distance.

    Args:
        settings: when a distance is a cut.
    """

    # The size at which the reference detector looks at a frame (fact 5).
    picture: ClassVar[PictureFormat] = PictureFormat(96, 128, "gray")
    context = 1

    def __init__(self, settings: HogFixedSettings) -> None:
        self.settings = settings
        self.distances = HogDistances()

    def add(self, planes: Sequence[Plane], time_s: float | None = None) -> None:
        self.distances.add(planes[0])

    def finish(self) -> Detection:
        is_cut = self.distances.array() > self.settings.threshold
        return self.distances.detection(is_cut, self.settings.threshold)
