"""The default detector: a small network over distances between frames."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detectors.base import Detection, PictureFormat, Plane, Transition
from eruv.detection.detectors.features import REACH, FrameFeatures
from eruv.detection.detectors.network import CONTEXT, TemporalNetwork

WEIGHTS = Path(__file__).with_name("learned.npz")
CHUNK = 256  # rows that go through the network at once

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class LearnedSettings:
    """When a probability is a transition; the defaults were chosen on the tuning films.

    Attributes:
        threshold: least probability of a cut.
        gradual_threshold: least probability of a frame of a gradual transition.
        gradual_peak: least probability of its surest frame.
        apart: least distance of two cuts in frames.
        gradual_frames: length of the shortest gradual transition.
    """

    threshold: float = 0.5
    gradual_threshold: float = 0.4
    gradual_peak: float = 0.7
    apart: int = 3
    gradual_frames: int = 5

    def __post_init__(self) -> None:
        for name in ("threshold", "gradual_threshold", "gradual_peak"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name} is a probability in (0, 1]; got {getattr(self, name)}")
        if self.gradual_peak < self.gradual_threshold:
            raise ValueError(
                f"gradual_peak is at least gradual_threshold; "
                f"got {self.gradual_peak} and {self.gradual_threshold}"
            )
        for name in ("apart", "gradual_frames"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is at least 1 frame; got {getattr(self, name)}")


@lru_cache(maxsize=1)
def _network() -> TemporalNetwork:
    return TemporalNetwork.load(WEIGHTS)


class Learned:
    """Probabilities of cuts and gradual transitions by frame; stores eight bytes a frame.

    A gradual transition depends on its peak, so a longer one than `context` reaches further.

    Args:
        settings: when a probability is a transition.
    """

    picture: ClassVar[PictureFormat] = FrameFeatures.picture

    def __init__(self, settings: LearnedSettings) -> None:
        self.settings = settings
        self.context = REACH + CONTEXT + settings.apart
        self.network = _network()
        self.features = FrameFeatures()
        self.rows: list[Floats] = []
        self.skip = 0  # rows at the front that were judged already
        self.cut, self.gradual = array("f"), array("f")

    def add(self, planes: Sequence[Plane]) -> None:
        self.rows += self.features.add(planes)
        if len(self.rows) >= self.skip + CHUNK + CONTEXT:
            self._judge(ahead=CONTEXT)

    def finish(self) -> Detection:
        self._judge_rest()
        cut, gradual = np.array(self.cut, np.float32), np.array(self.gradual, np.float32)
        cut[:1] = 0  # a film begins there, but no shot ends
        found = tuple(self._transitions(cut, gradual))
        return Detection(len(cut), found, cut, self.settings.threshold)

    def _judge_rest(self) -> None:
        self.rows += self.features.finish()
        if len(self.rows) > self.skip:
            self._judge(ahead=0)

    def _judge(self, ahead: int) -> None:
        """Probabilities of all rows but the last `ahead`, which depend on later ones."""
        probabilities = self.network(np.stack(self.rows))
        end = len(self.rows) - ahead
        self.cut.extend(probabilities[self.skip : end, 0])
        self.gradual.extend(probabilities[self.skip : end, 1])
        # The latest rows are context of the next ones.
        self.skip = min(end, CONTEXT)
        self.rows = self.rows[end - self.skip :]

    def _transitions(self, cut: Floats, gradual: Floats) -> list[Transition]:
        found = []
        inside = np.zeros(len(cut), bool)
        for start, end in runs(gradual >= self.settings.gradual_threshold):
            peak = float(gradual[start:end].max())
            long_enough = end - start >= self.settings.gradual_frames
            if long_enough and peak >= self.settings.gradual_peak:
                inside[start : end + 1] = True
                found.append(Transition(start, end, "gradual", peak))
        for t in peaks(cut, self.settings.threshold, self.settings.apart):
            if not inside[t]:
                found.append(Transition(t, t, "cut", float(cut[t])))
        return sorted(found, key=lambda one: one.start)


def runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open ranges in which a mask is true, in order."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def peaks(values: Floats, least: float, apart: int) -> list[int]:
    """Places of the largest values, none below `least`, any two at least `apart` frames apart."""
    chosen: list[int] = []
    taken = np.zeros(len(values), bool)
    candidates = np.flatnonzero(values >= least)
    for t in candidates[np.argsort(-values[candidates], kind="stable")]:
        if not taken[t]:
            taken[max(0, t - apart + 1) : t + apart] = True
            chosen.append(int(t))
    return sorted(chosen)
