"""The default detector, a small network over distances of frames, trained on composed films."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detector import Detection, PictureFormat, Plane, Stretches, Transition
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
        gradual_threshold: least probability of a frame of a gradual transition; its surest frame
            has at least `gradual_peak`.
        gradual_peak: see there.
        apart: two cuts are at least as many frames apart.
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
    """See the module; keeps eight bytes a frame.

    Args:
        settings: when a probability is a transition.

    A gradual transition is judged by its peak, so a longer one than `context` reaches further.
    """

    picture: ClassVar[PictureFormat] = FrameFeatures.picture

    def __init__(self, settings: LearnedSettings) -> None:
        self.settings = settings
        self.context = REACH + CONTEXT + settings.apart
        self.network = _network()
        self.features = FrameFeatures()
        self.rows: list[Floats] = []
        self.skip = 0  # of the rows, those at the front that are known already
        self.cut, self.gradual = array("f"), array("f")
        self.count = 0
        self.stretches = Stretches()

    def add(self, planes: Sequence[Plane]) -> None:
        self.count += 1
        self.rows += self.features.add(planes)
        if len(self.rows) >= self.skip + CHUNK + CONTEXT:
            self._judge(ahead=CONTEXT)

    def break_here(self) -> None:
        if self.stretches.break_at(self.count):
            self._end_stretch()
            self.features = FrameFeatures()

    def finish(self) -> Detection:
        self._end_stretch()
        cut, gradual = np.array(self.cut, np.float32), np.array(self.gradual, np.float32)
        found: list[Transition] = []
        for start, end in self.stretches.ranges(self.count):
            cut[start] = 0  # the first frame of a film begins a shot, but nothing ends there
            found += self._transitions(cut[start:end], gradual[start:end], start)
        return self.stretches.detection(found, cut, self.settings.threshold)

    def _end_stretch(self) -> None:
        self.rows += self.features.finish()
        if len(self.rows) > self.skip:
            self._judge(ahead=0)
        self.rows, self.skip = [], 0

    def _judge(self, ahead: int) -> None:
        """Probabilities of all rows but the last `ahead`, which need what comes after them."""
        probabilities = self.network(np.stack(self.rows))
        end = len(self.rows) - ahead
        self.cut.extend(probabilities[self.skip : end, 0])
        self.gradual.extend(probabilities[self.skip : end, 1])
        # What was judged lately is context to what comes next.
        kept = min(end, CONTEXT)
        self.rows = self.rows[end - kept :]
        self.skip = kept

    def _transitions(self, cut: Floats, gradual: Floats, offset: int) -> list[Transition]:
        """Of one stretch, whose first frame is number `offset` of the film."""
        found = []
        inside = np.zeros(len(cut), bool)
        for start, end in runs(gradual >= self.settings.gradual_threshold):
            peak = float(gradual[start:end].max())
            long_enough = end - start >= self.settings.gradual_frames
            if long_enough and peak >= self.settings.gradual_peak:
                inside[start : end + 1] = True
                found.append(Transition(offset + start, offset + end, "gradual", peak))
        for t in peaks(cut, self.settings.threshold, self.settings.apart):
            if not inside[t]:
                found.append(Transition(offset + t, offset + t, "cut", float(cut[t])))
        return found


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
