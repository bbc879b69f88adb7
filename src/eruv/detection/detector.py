"""What every shot detector takes and gives: the one small protocol of `editing.detectors`."""

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
            raise ValueError(f"a gradual transition has frames, another has none; got {self}")


@dataclass(frozen=True)
class Detection:
    """What a detector found in a film.

    Attributes:
        num_frames: of the film.
        transitions: in order; they never overlap.
        scores: float32 (num_frames,); entry t says how much frame t looks like the first of a
            new shot. Entry 0 is 0.
        threshold: score from which on a frame is taken for a cut.
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
    """The pictures that a detector looks at: every frame scaled to height × width.

    Attributes:
        format: "gray" (one plane), "yuv420p" (three), or "rgb24" (one of (H, W, 3)).
    """

    height: int
    width: int
    format: Literal["gray", "yuv420p", "rgb24"]


class Detector(Protocol):
    """Takes a film frame by frame and keeps a bounded number of bytes for each.

    Attributes:
        picture: what `add` takes.
        context: frames on either side of a place in the film that what is found there depends on.
    """

    picture: ClassVar[PictureFormat]

    @property
    def context(self) -> int: ...

    def add(self, planes: Sequence[Plane]) -> None:
        """Take the next frame; its planes may be overwritten afterwards."""

    def break_here(self) -> None:
        """Note that frames are missing before the next one: a shot ends here for certain."""

    def finish(self) -> Detection:
        """What was found in all frames so far; call it once, after the last."""


class Stretches:
    """The stretches of a film between gaps, for detectors that judge each one for itself."""

    def __init__(self) -> None:
        self.starts = [0]

    def break_at(self, num_frames: int) -> bool:
        """Start a new stretch at this frame; False where one starts there already."""
        if num_frames == self.starts[-1]:
            return False
        self.starts.append(num_frames)
        return True

    def ranges(self, num_frames: int) -> list[tuple[int, int]]:
        """Half-open frame ranges of all stretches."""
        ends = [*self.starts[1:], num_frames]
        return [(start, end) for start, end in zip(self.starts, ends, strict=True) if start < end]

    def detection(
        self, found: Sequence[Transition], scores: NDArray[np.float32], threshold: float
    ) -> Detection:
        """What was found in all stretches, with the gaps between them."""
        gaps = [
            Transition(start, start, "gap", 1.0) for start in self.starts[1:] if start < len(scores)
        ]
        transitions = sorted([*found, *gaps], key=lambda one: (one.start, one.end))
        return Detection(len(scores), tuple(transitions), scores, threshold)
