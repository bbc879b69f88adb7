"""The seven relations between two clips (III-B; decided in detail in fact 6)."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from eruv.clips.spec import CLIP_FRAMES, ClipSize, ClipSpec
from eruv.models.heads import ComparisonHead
from eruv.pretext.draws import SegmentSubset, draw_apart, draw_outside, draw_start, group
from eruv.pretext.feasible import SPEEDS, feasible, span
from eruv.pretext.relation_settings import COMPARED, RELATIONS, TRIMMED_RELATIONS, RelationSettings
from eruv.pretext.segment_arrays import Segments
from eruv.pretext.task import PretextTask, Sample, TaskText
from eruv.utils.console import say
from eruv.utils.errors import EruvError

NEAR_DRAWS = 16


class RelationTask(PretextTask):
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
    shortest_frames = CLIP_FRAMES
    has_settings = True
    text = TaskText(
        name="eruv",
        goal="how two clips are related (ERUV, *Exploring Relations in Untrimmed Videos*)",
        learns="how two short clips are related, for example whether they are from one shot, or "
        "whether one is played backwards",
        question="The network sees two clips of 16 frames, vᵢ and vⱼ, and tells in which relation "
        "they stand.",
        sample="pair",
        slots="ij",
        kind="relation",
        classes=RELATIONS,
        sentences={
            "C_S": "Both clips come from one shot and share no frame: same scene, another moment.",
            "C_V": "The clips come from two shots of one video: other pictures, the same world.",
            "C_D": "The clips come from two different videos.",
            "C_R": "The second clip is turned by 90, 180 or 270 degrees, every frame by the same "
            "angle.",
            "P_I": "The second clip is played backwards.",
            "P_D": "The frames of the second clip are shuffled.",
            "P_S": "The second clip is played two or four times as fast.",
        },
        needs={
            "C_S": "a shot with room for two clips that share no frame",
            "C_V": "a video with two shots that have segments",
            "C_D": "two videos",
            "P_S": "a segment of the 31 frames that double speed takes",
        },
        fallbacks={
            "C_S_within_one_segment": "fallback: both clips of a same-shot pair from one segment, "
            "being alone in its shot",
            "P_S_only_double_speed": "fallback: sped up two times only, being too short for four "
            "times",
        },
    )

    def __init__(self, segments: Segments, size: ClipSize, settings: RelationSettings) -> None:
        super().__init__(segments, size)
        self.settings = settings
        self.reach = 1.0
        self.classes = settings.relations
        self.subsets = {
            name: SegmentSubset(len(segments), partial(feasible, segments, name))
            for name in settings.relations
        }

    def make_head(self, num_features: int) -> nn.Module:
        if self.settings.head == "linear":
            return super().make_head(num_features)
        return ComparisonHead(num_features, len(self.classes))

    def at_sample(self, number: int) -> "RelationTask":
        """With the distance in time that C_S allows by then ("gradual sampling", HiCo)."""
        if number >= self.settings.gradual:
            return self
        task = copy(self)
        task.reach = number / self.settings.gradual
        return task

    @property
    def possible(self) -> dict[str, int]:
        return {name: subset.count for name, subset in self.subsets.items()}

    def sample(
        self, generator: np.random.Generator, label: int | None = None, centred: bool = False
    ) -> Sample:
        if label is None:
            label = int(generator.integers(len(self.classes)))
        relation = self.classes[label]
        if not self.subsets[relation].count:
            raise ValueError(f"no segment allows the relation {relation} ({RELATIONS[relation]})")
        first = self.subsets[relation].draw(generator)
        clips = self._draw_pair(relation, first, generator)
        size = self.size
        offsets = [size.centre if centred else size.random_offset(generator) for _ in clips]
        turns = [0, int(generator.integers(1, 4)) if relation == "C_R" else 0]
        specs = tuple(
            ClipSpec(video, tuple(frames.tolist()), offset, turn)
            for (video, frames), offset, turn in zip(clips, offsets, turns, strict=True)
        )
        return Sample(specs, label)

    def _draw_pair(
        self, relation: str, first: int, generator: np.random.Generator
    ) -> list[tuple[int, NDArray[np.int64]]]:
        """Video and frames of both clips; `first` is the number of the segment v_i."""
        if relation == "C_S" and self.reach < 1:
            return self._draw_near(first, generator)
        if relation in COMPARED:
            return self._draw_compared(relation, first, generator)
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

    def _draw_compared(
        self, relation: str, first: int, generator: np.random.Generator
    ) -> list[tuple[int, NDArray[np.int64]]]:
        second = self._draw_partner(relation, first, generator)
        if second is None:
            starts = draw_apart(self.segments, first, CLIP_FRAMES, generator)
            return [self._clip(first, start) for start in starts]
        return [
            self._clip(segment, self._start(segment, 1, generator)) for segment in (first, second)
        ]

    def _draw_near(
        self, first: int, generator: np.random.Generator
    ) -> list[tuple[int, NDArray[np.int64]]]:
        """A C_S pair no farther apart than allowed by now; else the nearest of some draws."""
        low, high = group(self.segments.shot_offsets, int(self.segments.shot[first]))
        room = int(self.segments.end[high - 1] - self.segments.start[low]) - 2 * CLIP_FRAMES
        pairs = []
        for _ in range(NEAR_DRAWS):
            pairs.append(self._draw_compared("C_S", first, generator))
            if _distance(pairs[-1]) <= CLIP_FRAMES + self.reach * room:
                return pairs[-1]
        return min(pairs, key=_distance)

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
        return draw_start(self.segments, segment, span(speed), generator)

    def _clip(self, segment: int, start: int, speed: int = 1) -> tuple[int, NDArray[np.int64]]:
        frames = start + speed * np.arange(CLIP_FRAMES, dtype=np.int64)
        return int(self.segments.video[segment]), frames

    def feasibility(self) -> dict[str, Any]:
        """How often each relation is possible, and how often it needs its fallback (fact 6.2)."""
        segments, total, lengths = self.segments, max(1, len(self.segments)), self.segments.lengths
        alone = np.diff(segments.shot_offsets)[segments.shot] == 1
        only_double = (lengths >= span(2)) & (lengths < span(4))
        return {
            **super().feasibility(),
            "C_S_within_one_segment": float(alone.mean()) if len(segments) else 0.0,
            "P_S_only_double_speed": float(only_double.sum() / total),
        }

    @classmethod
    def fit_settings(
        cls, settings: RelationSettings, segments: Segments, size: ClipSize, trimmed: bool
    ) -> RelationSettings:
        """Without the relations that are impossible in training (fact 3); at least two remain."""
        configured = settings.relations
        if trimmed:
            configured = tuple(name for name in configured if name in TRIMMED_RELATIONS)
        possible = tuple(
            name
            for name in configured
            if SegmentSubset(len(segments), partial(feasible, segments, name)).count
        )
        for name in configured:
            if name not in possible:
                say(f"relation {name} is impossible on the training videos and is left out")
        if len(possible) < 2:
            raise EruvError(
                f"the training videos allow {len(possible)} of the relations "
                f"{', '.join(configured)}; at least two are needed. Add more or longer videos, or "
                f"configure more relations."
            )
        settings = replace(settings, relations=possible)
        if trimmed and settings.all_pairs:
            say("all_pairs is left out: two trimmed videos may be of one film")
            settings = replace(settings, all_pairs=0.0)
        return settings

    @classmethod
    def absence(cls, name: str, configured: Mapping[str, Any], trimmed: bool) -> str:
        if trimmed and name not in TRIMMED_RELATIONS:
            return "trimmed videos are single shots, so this run does without it"
        if name not in configured["relations"]:
            return "not among the relations that this run was configured to learn"
        return f"left out of this run: {super().absence(name, configured, trimmed)}"

    @staticmethod
    def difference(name: str, clips: Sequence[ClipSpec], shots: Sequence[int | None]) -> str:
        first, second = clips
        if name == "C_S":
            apart = min(second.frames) - min(first.frames)
            return f"vⱼ begins {abs(apart)} frames {'after' if apart > 0 else 'before'} vᵢ."
        if name == "C_V":
            if None in shots:
                return "vᵢ and vⱼ are separated by at least one cut."
            one, other = (shot + 1 for shot in shots if shot is not None)
            return f"vᵢ is from shot {one}, vⱼ from shot {other}."
        if name == "C_R":
            return f"vⱼ is turned by {90 * second.quarter_turns}° counter-clockwise."
        if name == "P_S":
            speed = second.frames[1] - second.frames[0]
            return f"vⱼ shows every {'second' if speed == 2 else 'fourth'} frame of its span."
        return {
            "C_D": "vᵢ and vⱼ are from different files.",
            "P_I": "The frame numbers of vⱼ count down.",
            "P_D": "The frame numbers of vⱼ jump back and forth.",
        }[name]


def _distance(pair: Sequence[tuple[int, NDArray[np.int64]]]) -> int:
    """Frames between the starts of two clips."""
    return abs(int(pair[1][1][0]) - int(pair[0][1][0]))
