"""The seven relations between two clips (III-B; decided in detail in fact 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from torch import nn

from eruv.clips.spec import CLIP_FRAMES, ClipSize, ClipSpec
from eruv.models.heads import ConcatenationHead
from eruv.pretext.draws import (
    Allowed,
    draw_outside,
    draw_start,
    group,
    parts,
    require_length,
    sizes,
)
from eruv.pretext.segment_arrays import Segments
from eruv.pretext.task import Sample, Words

RELATIONS = {
    "C_S": "same shot",
    "C_V": "same video, other shot",
    "C_D": "other video",
    "C_R": "rotated",
    "P_I": "inverted in time",
    "P_D": "frames in disorder",
    "P_S": "sped up",
}
# Trimmed clips have neither shots nor untrimmed videos to tell apart (fact 6.8).
TRIMMED_RELATIONS = ("C_S", "C_R", "P_I", "P_D", "P_S")
SPEEDS = (2, 4)


def span(speed: int) -> int:
    """Frames from the first to the last of a clip that shows every `speed`-th frame."""
    return (CLIP_FRAMES - 1) * speed + 1


@dataclass(frozen=True)
class RelationSettings:
    """Which relations there are, and how their clips are drawn.

    Attributes:
        relations: any subset, in the order of `RELATIONS`; labels count within it.
        paired_window: v_j starts where v_i does in C_R, P_I, P_D and P_S; otherwise both windows
            are drawn independently (fact 6.5).
        shuffle: P_D shuffles the 16 frames of a clip, or those of the segment (fact 6.6).
    """

    relations: tuple[str, ...] = tuple(RELATIONS)
    paired_window: bool = False
    shuffle: Literal["clip", "segment"] = "clip"

    def __post_init__(self) -> None:
        unknown = set(self.relations) - RELATIONS.keys()
        if unknown or len(set(self.relations)) < max(2, len(self.relations)):
            raise ValueError(
                f"relations are at least two of {', '.join(RELATIONS)}, each once; "
                f"got {', '.join(self.relations) or 'none'}"
            )
        if self.shuffle not in ("clip", "segment"):
            raise ValueError(f"shuffle is 'clip' or 'segment'; got {self.shuffle!r}")
        ordered = tuple(name for name in RELATIONS if name in self.relations)
        object.__setattr__(self, "relations", ordered)


class RelationTask:
    """Draws pairs of clips with a relation (fact 6).

    Args:
        segments: what to draw from.
        size: of the frames and the crop.
        settings: relations and their variants.

    Raises:
        ValueError: if a segment is shorter than a clip; on `sample`, for a relation that no
            segment allows, see `possible`.
    """

    num_clips = 2
    shortest_frames: ClassVar[int] = CLIP_FRAMES
    words: ClassVar[Words] = Words(
        goal="how two clips are related (ERUV, *Exploring Relations in Untrimmed Videos*)",
        sample="pair",
        kind="relation",
        classes=RELATIONS,
        needs={
            "C_S": "a shot with room for two clips that share no frame",
            "C_V": "a video with two usable shots",
            "C_D": "two videos",
            "P_S": "a segment of the 31 frames that double speed takes",
        },
    )

    def __init__(self, segments: Segments, size: ClipSize, settings: RelationSettings) -> None:
        require_length(segments, self.shortest_frames)
        self.segments = segments
        self.size = size
        self.settings = settings
        self.allowed = {
            name: Allowed(len(segments), partial(feasible, segments, name))
            for name in settings.relations
        }

    @property
    def classes(self) -> tuple[str, ...]:
        return self.settings.relations

    @property
    def possible(self) -> dict[str, int]:
        return {name: allowed.count for name, allowed in self.allowed.items()}

    def make_head(self, num_features: int) -> nn.Module:
        """One linear layer on the concatenated features (III-C)."""
        return ConcatenationHead(self.num_clips * num_features, len(self.classes))

    def sample(
        self, generator: np.random.Generator, label: int | None = None, centred: bool = False
    ) -> Sample:
        if label is None:
            label = int(generator.integers(len(self.classes)))
        relation = self.classes[label]
        first = self._draw_first(relation, generator)
        clips = self._draw_pair(relation, first, generator)
        offsets = [
            self.size.centre if centred else self.size.random_offset(generator) for _ in clips
        ]
        turns = [0, int(generator.integers(1, 4)) if relation == "C_R" else 0]
        specs = tuple(
            ClipSpec(video, tuple(frames.tolist()), offset, turn)
            for (video, frames), offset, turn in zip(clips, offsets, turns, strict=True)
        )
        return Sample(specs, label)

    def _draw_first(self, relation: str, generator: np.random.Generator) -> int:
        allowed = self.allowed[relation]
        if not allowed.count:
            raise ValueError(f"no segment allows the relation {relation} ({RELATIONS[relation]})")
        return allowed.draw(generator)

    def _draw_pair(
        self, relation: str, first: int, generator: np.random.Generator
    ) -> list[tuple[int, NDArray[np.int64]]]:
        """Video and frames of both clips; `first` is the number of the segment v_i."""
        if relation in ("C_S", "C_V", "C_D"):
            second = self._draw_partner(relation, first, generator)
            if second is None:
                return self._apart(first, generator)
            return [
                self._clip(segment, self._start(segment, 1, generator))
                for segment in (first, second)
            ]
        start = self._start(first, 1, generator)
        speed = self._draw_speed(first, generator) if relation == "P_S" else 1
        second_start = self._start(first, speed, generator)
        if self.settings.paired_window:
            start = second_start
        video, frames = self._clip(first, second_start, speed)
        if relation == "P_I":
            frames = frames[::-1]
        elif relation == "P_D":
            frames = self._disordered(first, frames, generator)
        return [self._clip(first, start), (video, frames)]

    def _draw_speed(self, segment: int, generator: np.random.Generator) -> int:
        fitting = [speed for speed in SPEEDS if span(speed) <= self._length(segment)]
        return fitting[int(generator.integers(len(fitting)))]

    def _draw_partner(
        self, relation: str, first: int, generator: np.random.Generator
    ) -> int | None:
        """A uniformly drawn segment v_j; None where v_i is alone in its shot (C_S)."""
        shot = group(self.segments.shot_offsets, int(self.segments.shot[first]))
        video = group(self.segments.video_offsets, int(self.segments.video[first]))
        if relation == "C_S":
            return draw_outside(shot, (first, first + 1), generator)
        if relation == "C_V":
            return draw_outside(video, shot, generator)
        return draw_outside((0, len(self.segments)), video, generator)

    def _apart(
        self, segment: int, generator: np.random.Generator
    ) -> list[tuple[int, NDArray[np.int64]]]:
        """Two clips of one segment that share no frame, uniformly over all such pairs."""
        free = self._length(segment) - 2 * CLIP_FRAMES
        low, high = np.sort(generator.choice(free + 2, size=2, replace=False))
        start = int(self.segments.start[segment])
        starts = [start + int(low), start + int(high) - 1 + CLIP_FRAMES]
        if generator.integers(2):
            starts.reverse()
        return [self._clip(segment, first) for first in starts]

    def _disordered(
        self, segment: int, frames: NDArray[np.int64], generator: np.random.Generator
    ) -> NDArray[np.int64]:
        """Frames in an order that is neither their own nor the exact reverse."""
        if self.settings.shuffle == "segment":
            drawn = generator.choice(self._length(segment), size=CLIP_FRAMES, replace=False)
            frames = np.sort(drawn) + self.segments.start[segment]
        while True:
            shuffled = generator.permutation(frames)
            if not (shuffled == frames).all() and not (shuffled == frames[::-1]).all():
                return shuffled

    def _length(self, segment: int) -> int:
        return int(self.segments.end[segment] - self.segments.start[segment])

    def _start(self, segment: int, speed: int, generator: np.random.Generator) -> int:
        """First frame of a clip, uniform over those that fit."""
        return draw_start(self.segments, segment, span(speed), generator)

    def _clip(self, segment: int, start: int, speed: int = 1) -> tuple[int, NDArray[np.int64]]:
        frames = start + speed * np.arange(CLIP_FRAMES, dtype=np.int64)
        return int(self.segments.video[segment]), frames

    def feasibility(self) -> dict[str, Any]:
        """How often each relation is possible, and how often it needs its fallback (fact 6.2)."""
        segments, total = self.segments, max(1, len(self.segments))
        lengths = segments.lengths
        alone = np.diff(segments.shot_offsets)[segments.shot] == 1
        return {
            "segments": len(segments),
            "shots": segments.num_shots,
            "videos": segments.num_videos,
            "possible": {name: count / total for name, count in self.possible.items()},
            "C_S_within_one_segment": float(alone.mean()) if len(segments) else 0.0,
            "P_S_only_double_speed": float(
                ((lengths >= span(2)) & (lengths < span(4))).sum() / total
            ),
        }


def feasible(
    segments: Segments, relation: str, first: int = 0, end: int | None = None
) -> NDArray[np.bool_]:
    """For the segments from `first` up to `end`, whether each can be v_i of the relation.

    Raises:
        ValueError: for a name that is no relation.
    """
    part = slice(first, len(segments) if end is None else end)
    if relation == "C_V":
        return sizes(segments.video_offsets, segments.video[part]) > sizes(
            segments.shot_offsets, segments.shot[part]
        )
    if relation == "C_D":
        return sizes(segments.video_offsets, segments.video[part]) < len(segments)
    lengths = segments.end[part] - segments.start[part]
    if relation == "C_S":
        alone = sizes(segments.shot_offsets, segments.shot[part]) == 1
        return ~alone | (lengths >= 2 * CLIP_FRAMES)
    if relation == "P_S":
        return lengths >= span(SPEEDS[0])
    if relation in RELATIONS:
        return np.ones(len(lengths), bool)
    raise ValueError(f"a relation is one of {', '.join(RELATIONS)}; got {relation!r}")


def without_impossible(segments: Segments, relations: Sequence[str]) -> tuple[str, ...]:
    """The relations for which there is at least one segment."""
    return tuple(
        name
        for name in relations
        if any(mask.any() for mask in parts(len(segments), partial(feasible, segments, name)))
    )
