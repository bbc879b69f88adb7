"""The protocol of shot detectors, and what they find."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from eruv.media.scaling import Plane

Kind = Literal[
    "cut",
    "soft cut",
    "dissolve",
    "fade through black",
    "fade through white",
    "wipe",
    "push",
    "other",
    "gradual",
    "gap",
]
INSTANT_KINDS: tuple[Kind, ...] = ("cut", "gap")
# Those that can be told apart; "gradual" says only that there are frames between two shots.
GRADUAL_KINDS: tuple[Kind, ...] = tuple(
    kind for kind in get_args(Kind) if kind not in (*INSTANT_KINDS, "gradual")
)


@dataclass(frozen=True)
class Transition:
    """Where one shot becomes the next: frames [start, end) belong to neither.

    Attributes:
        start, end: equal for a cut and a gap, then the first frame of the new shot.
        kind: "cut"; "gap" (frames are missing in the file); one of `GRADUAL_KINDS`, of which a
            soft cut has up to four frames and "other" is a zoom, spin or whip; or "gradual", by
            detectors that do not tell these apart.
        score: how sure the detector is that it is one, on the scale of its scores; 1 for a gap.
        confidence: how likely it is of this kind, 0 to 1; None by detectors that do not say.
    """

    start: int
    end: int
    kind: Kind
    score: float
    confidence: float | None = None

    def __post_init__(self) -> None:
        if self.start < 0 or self.end < self.start:
            raise ValueError(
                f"a transition must be [start, end) with 0 <= start <= end; got {self}"
            )
        if self.kind not in (*INSTANT_KINDS, *GRADUAL_KINDS, "gradual"):
            kinds = ", ".join((*INSTANT_KINDS, *GRADUAL_KINDS, "gradual"))
            raise ValueError(f"a kind of transition must be one of {kinds}; got {self.kind!r}")
        if self.is_gradual != (self.end > self.start):
            raise ValueError(f"a gradual transition must have frames, others none; got {self}")
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise ValueError(f"a confidence must be a probability; got {self}")

    @property
    def is_gradual(self) -> bool:
        """Whether frames lie between the shots."""
        return self.kind not in INSTANT_KINDS


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


class SpanDetector(Protocol):
    """Takes frames without a gap one by one, and stores a few bytes of each.

    Attributes:
        picture: what `add` takes.
        context: frames on either side that a result depends on.
    """

    picture: ClassVar[PictureFormat]

    @property
    def context(self) -> int: ...

    def add(self, planes: Sequence[Plane], time_s: float | None = None) -> None:
        """Add the next frame; its planes may be overwritten afterwards.

        Args:
            planes: as `picture` says.
            time_s: when it is shown; without times, 25 frames per second are assumed.
        """

    def finish(self) -> Detection:
        """The result; call it once, after the last frame."""


class Detector:
    """Takes a video frame by frame, and detects in each span between gaps by itself.

    Args:
        new: makes the detector of a span.
    """

    def __init__(self, new: Callable[[], SpanDetector]) -> None:
        self.new, self.span = new, new()
        self.picture, self.context = self.span.picture, self.span.context
        self.is_empty = True  # the span, so far
        self.finished: list[Detection] = []

    def add(self, planes: Sequence[Plane], time_s: float | None = None) -> None:
        """Add the next frame; its planes may be overwritten afterwards."""
        self.span.add(planes, time_s)
        self.is_empty = False

    def break_here(self) -> None:
        """Note that frames are missing before the next one: a shot ends here."""
        if not self.is_empty:
            self.finished.append(self.span.finish())
            self.span, self.is_empty = self.new(), True

    def finish(self) -> Detection:
        """The transitions within all spans, and the gaps between them; call it once."""
        spans = [*self.finished, self.span.finish()]
        transitions: list[Transition] = []
        start = 0
        for span in spans:
            if start and span.num_frames:
                transitions.append(Transition(start, start, "gap", 1.0, 1.0))
            transitions += [
                replace(one, start=start + one.start, end=start + one.end)
                for one in span.transitions
            ]
            start += span.num_frames
        transitions.sort(key=lambda one: (one.start, one.end))
        scores = np.concatenate([span.scores for span in spans])
        return Detection(start, tuple(transitions), scores, spans[-1].threshold)
