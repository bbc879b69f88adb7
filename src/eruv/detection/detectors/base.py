"""The protocol of shot detectors, and what they find."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from eruv.media.scaling import Plane

Kind = Literal["cut", "gradual", "gap"]


@dataclass(frozen=True)
class Transition:
    """Where one shot becomes the next: frames [start, end) belong to neither.

    Attributes:
        start, end: equal for a cut and a gap, then the first frame of the new shot.
        kind: "cut", "gradual" (dissolve, fade, wipe), or "gap" (frames are missing in the file).
        score: how sure the detector is, on the scale of its scores; 1 for a gap.
    """

    start: int
    end: int
    kind: Kind
    score: float

    def __post_init__(self) -> None:
        if self.start < 0 or self.end < self.start:
            raise ValueError(f"a transition is [start, end) with 0 <= start <= end; got {self}")
        if (self.kind == "gradual") != (self.end > self.start):
            raise ValueError(f"a gradual transition has frames, others have none; got {self}")


@dataclass(frozen=True)
class Detection:
    """What a detector found in a video.

    Attributes:
        num_frames: of the video.
        transitions: in order; they never overlap.
        scores: float32 (num_frames,); entry t says how much frame t looks like the first of a
            new shot. Entry 0 is 0.
        threshold: least score of a cut.
    """

    num_frames: int
    transitions: tuple[Transition, ...]
    scores: NDArray[np.float32]
    threshold: float

    @property
    def shots(self) -> list[tuple[int, int]]:
        """Half-open frame ranges of all shots, in order; frames of transitions are in none."""
        starts = [0, *(transition.end for transition in self.transitions)]
        ends = [*(transition.start for transition in self.transitions), self.num_frames]
        return [(start, end) for start, end in zip(starts, ends, strict=True) if start < end]


@dataclass(frozen=True)
class PictureFormat:
    """The input of a detector: every frame scaled to height × width.

    Attributes:
        format: "gray" (one plane), "yuv420p" (three), or "rgb24" (one of (H, W, 3)).
    """

    height: int
    width: int
    format: Literal["gray", "yuv420p", "rgb24"]


class Detector(Protocol):
    """Takes a video frame by frame and stores a few bytes of each.

    Attributes:
        picture: what `add` takes.
        context: frames on either side that a result depends on.
    """

    picture: ClassVar[PictureFormat]

    @property
    def context(self) -> int: ...

    def add(self, planes: Sequence[Plane]) -> None:
        """Add the next frame; its planes may be overwritten afterwards."""

    def break_here(self) -> None:
        """Note that frames are missing before the next one: a shot ends here."""

    def finish(self) -> Detection:
        """The result; call it once, after the last frame."""


class Spans:
    """The spans of a video between gaps, for detectors that treat each by itself."""

    def __init__(self) -> None:
        self.starts = [0]

    def break_at(self, num_frames: int) -> bool:
        """Start a new span at this frame; False if one starts there already."""
        if num_frames == self.starts[-1]:
            return False
        self.starts.append(num_frames)
        return True

    def ranges(self, num_frames: int) -> list[tuple[int, int]]:
        """Half-open frame ranges of all spans."""
        ends = [*self.starts[1:], num_frames]
        return [(start, end) for start, end in zip(self.starts, ends, strict=True) if start < end]

    def detection(
        self, found: Sequence[Transition], scores: NDArray[np.float32], threshold: float
    ) -> Detection:
        """The transitions within all spans, and the gaps between them."""
        gaps = [
            Transition(start, start, "gap", 1.0) for start in self.starts[1:] if start < len(scores)
        ]
        transitions = sorted([*found, *gaps], key=lambda one: (one.start, one.end))
        return Detection(len(scores), tuple(transitions), scores, threshold)
