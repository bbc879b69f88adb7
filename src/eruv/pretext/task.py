"""What every pretext task has; loader, model and loop know no more than this."""

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from torch import nn

from eruv.clips.spec import ClipSpec

# Streams of random numbers that never meet: what is drawn in one says nothing about another.
TRAINING, VALIDATION, EVALUATION = 0, 1, 2


@dataclass(frozen=True)
class Words:
    """What people read about a task.

    Attributes:
        goal: what is predicted, and whose idea that is, after "by predicting".
        sample: what the clips of one sample are, for example "pair".
        kind: what its classes are, for example "relation".
        classes: for each class a few words.
        needs: for the classes that can be impossible, what there must be for them.
    """

    goal: str
    sample: str
    kind: str
    classes: dict[str, str]
    needs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """Clips in the order of the network's slots, and the number of the right class."""

    clips: tuple[ClipSpec, ...]
    label: int


class PretextTask(Protocol):
    """A way to make labels out of unlabelled segments.

    Attributes:
        shortest_frames: of a segment; the task is to be given no shorter ones.
        words: for people.
    """

    shortest_frames: ClassVar[int]
    words: ClassVar[Words]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the labels."""

    @property
    def num_clips(self) -> int:
        """Clips in a sample."""

    @property
    def possible(self) -> dict[str, int]:
        """For each class, the number of segments that allow it."""

    def sample(
        self, generator: np.random.Generator, label: int | None = None, centred: bool = False
    ) -> Sample:
        """Draw a sample; of a given class, and with crops in the middle, if so asked."""

    def feasibility(self) -> dict[str, Any]:
        """What of this task the segments allow, for people; any JSON."""

    def make_head(self, num_features: int) -> nn.Module:
        """A head from features (B, num_clips, num_features) to logits (B, classes)."""


def generator_for(seed: int, stream: int, epoch: int, index: int) -> np.random.Generator:
    """The source of all randomness of one sample."""
    return np.random.default_rng([seed, stream, epoch, index])
