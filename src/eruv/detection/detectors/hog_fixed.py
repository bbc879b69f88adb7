"""The paper's detector: a cut where HOG changes by more than a threshold (III-A)."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detectors.base import Detection, PictureFormat, Plane, Spans, Transition
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
            raise ValueError(f"threshold is a positive HOG difference; got {self.threshold}")


class HogDistances:
    """Mean absolute HOG difference between neighbouring frames; stores four bytes a frame."""

    def __init__(self) -> None:
        self.values = array("f")
        self.last: NDArray[np.float32] | None = None

    def add(self, luma: Plane) -> None:
        """Add the next frame (96, 128)."""
        features = hog(luma)
        self.values.append(0.0 if self.last is None else float(np.abs(features - self.last).mean()))
        self.last = features

    def break_here(self) -> None:
        """The next frame has no distance to the last."""
        self.last = None

    def __len__(self) -> int:
        return len(self.values)

    def array(self) -> NDArray[np.float32]:
        """(num_frames,), 0 for the first frame of every span."""
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
        self.spans = Spans()

    def add(self, planes: Sequence[Plane]) -> None:
        self.distances.add(planes[0])

    def break_here(self) -> None:
        if self.spans.break_at(len(self.distances)):
            self.distances.break_here()

    def finish(self) -> Detection:
        scores = self.distances.array()
        cuts = np.flatnonzero(scores > self.settings.threshold)
        found = [Transition(int(t), int(t), "cut", float(scores[t])) for t in cuts]
        return self.spans.detection(found, scores, self.settings.threshold)
