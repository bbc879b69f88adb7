"""What every pretext task is; loader, model, trainer and report know no more of one than this."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from torch import nn

from eruv.clips.spec import ClipSize, ClipSpec
from eruv.models.heads import ConcatenationHead
from eruv.pretext.draws import require_length
from eruv.pretext.segment_arrays import Segments
from eruv.utils.errors import EruvError

# Streams of random numbers that never meet: what is drawn in one says nothing about another.
TRAINING, VALIDATION, EVALUATION = 0, 1, 2


@dataclass(frozen=True)
class TaskText:
    """What people read about a task.

    Attributes:
        name: of the task, as in `TASKS`.
        goal: what is predicted, and whose idea that is, after "by predicting".
        learns: what the encoder learns by telling, after "by telling".
        question: what the network sees, and what it predicts.
        sample: what the clips of one sample are, for example "pair".
        slots: an index for each clip of a sample.
        kind: what its classes are, for example "relation".
        classes: for each class a few words.
        sentences: for each class a sentence.
        needs: for the classes that can be impossible, what there must be for them.
        fallbacks: titles of the figures of `feasibility` that tell how often the first choice of
            a draw does not fit.
    """

    name: str
    goal: str
    learns: str
    question: str
    sample: str
    slots: str
    kind: str
    classes: dict[str, str]
    sentences: dict[str, str]
    needs: dict[str, str] = field(default_factory=dict)
    fallbacks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sample:
    """Clips in the order of the network's slots, and the number of the right class."""

    clips: tuple[ClipSpec, ...]
    label: int


class PretextTask(ABC):
    """A way to make labels out of unlabelled segments.

    Args:
        segments: what to draw from.
        size: of the frames and the crop.

    Attributes:
        num_clips: clips in a sample.
        shortest_frames: frames that a segment must have.
        text: what people read about it.
        has_settings: whether it takes `settings` too, the section `task` of a configuration.
        classes: names of the classes, in the order of the labels.

    Raises:
        ValueError: if a segment is too short.
    """

    num_clips: ClassVar[int]
    shortest_frames: ClassVar[int]
    text: ClassVar[TaskText]
    has_settings: ClassVar[bool] = False
    classes: tuple[str, ...]

    def __init__(self, segments: Segments, size: ClipSize) -> None:
        require_length(segments, self.shortest_frames)
        self.segments = segments
        self.size = size

    @abstractmethod
    def sample(
        self, generator: np.random.Generator, label: int | None = None, centred: bool = False
    ) -> Sample:
        """Draw a sample.

        Args:
            generator: source of all that is random.
            label: of the sample; None draws one.
            centred: crop in the middle instead of at random.
        """

    def at_sample(self, number: int) -> "PretextTask":
        """The task as training sample `number` is drawn; most do not change."""
        del number
        return self

    @staticmethod
    @abstractmethod
    def difference(name: str, clips: Sequence[ClipSpec], shots: Sequence[int | None]) -> str:
        """A sentence on what is seen in one sample.

        Args:
            name: of its class.
            clips: of the sample.
            shots: number of the shot of each clip, from 0, where known.
        """

    @property
    def possible(self) -> dict[str, int]:
        """For each class, the number of segments that allow it."""
        return dict.fromkeys(self.classes, len(self.segments))

    def make_head(self, num_features: int) -> nn.Module:
        """A head from features (B, num_clips, num_features) to logits (B, classes).

        One linear layer on the concatenated features (III-C, fact 1), if a task has no other.
        """
        return ConcatenationHead(self.num_clips * num_features, len(self.classes))

    def feasibility(self) -> dict[str, Any]:
        """What of this task the segments allow, for people; any JSON."""
        total = max(1, len(self.segments))
        return {
            "segments": len(self.segments),
            "shots": self.segments.num_shots,
            "videos": self.segments.num_videos,
            "possible": {name: count / total for name, count in self.possible.items()},
        }

    @classmethod
    def fit_settings(cls, settings: Any, segments: Segments, size: ClipSize, trimmed: bool) -> Any:
        """The settings without what the training segments do not allow.

        Args:
            settings: as configured.
            segments: for training.
            size: of the frames and the crop.
            trimmed: whether each segment is a whole video.

        Raises:
            EruvError: if too little is possible; without settings, if any class is impossible.
        """
        possible = cls(segments, size).possible
        missing = [name for name, count in possible.items() if not count]
        if missing:
            needs = "; ".join(f"{name} needs {cls.text.needs[name]}" for name in missing)
            raise EruvError(
                f"the training videos do not allow every {cls.text.kind} of "
                f"{cls.text.name}: {needs}. "
                f"Add longer videos, or hold out others with validation.held_out_ids."
            )
        return settings

    @classmethod
    def absence(cls, name: str, configured: Mapping[str, Any], trimmed: bool) -> str:
        """Why a run does without a class.

        Args:
            name: of the class.
            configured: the settings before `fit_settings`, as plain values.
            trimmed: whether each segment is a whole video.
        """
        return f"it needs {cls.text.needs[name]}, which the training data lacks"


def generator_for(seed: int, stream: int, epoch: int, index: int) -> np.random.Generator:
    """The source of all randomness of one sample."""
    return np.random.default_rng([seed, stream, epoch, index])
