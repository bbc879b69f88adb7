"""All choices of a pre-training, with the paper's as defaults, and the recipes beside them."""

import math
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, Self

from eruv.clips.spec import ClipSize
from eruv.detection.detectors import DETECTORS
from eruv.models.backbones import BACKBONES
from eruv.models.siamese import BatchNorm
from eruv.pretext import TASKS
from eruv.pretext.eruv import RelationSettings
from eruv.training.schedule import ScheduleSettings


@dataclass(frozen=True)
class OptimizerSettings:
    """How weights follow gradients; the defaults are the paper's (IV-A, fact 3).

    Attributes:
        name: sgd with momentum; or adamw, which learns more from few pairs.
        learning_rate: before the schedule's factor.
        momentum: of sgd; the first beta of adamw.
        weight_decay: regularisation.
    """

    name: Literal["sgd", "adamw"] = "sgd"
    learning_rate: float = 0.01
    momentum: float = 0.9
    weight_decay: float = 5e-4

    def __post_init__(self) -> None:
        if self.name not in ("sgd", "adamw"):
            raise ValueError(f"optimizer name is sgd or adamw; got {self.name!r}")
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate is positive and finite; got {self.learning_rate}")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum is in [0, 1); got {self.momentum}")
        if not self.weight_decay >= 0:
            raise ValueError(f"weight_decay is at least 0; got {self.weight_decay}")


@dataclass(frozen=True)
class ValidationSettings:
    """How the best weights are chosen.

    Attributes:
        share: of the videos that is held out, at least two.
        held_out: ids of the videos to hold out instead.
        pairs_per_relation: size of the fixed, balanced set: samples of each class.
        every_pairs: samples seen between two validations; None for once an epoch.
        batch_norm_batches: training batches over which running statistics are recomputed
            first; 0 keeps the running averages.
        keep: the weights of highest accuracy (as ERUV) or of lowest loss (as VCOP and VCP).
    """

    share: float = 0.1
    held_out: tuple[str, ...] = ()
    pairs_per_relation: int = 50
    every_pairs: int | None = None
    batch_norm_batches: int = 0
    keep: Literal["accuracy", "loss"] = "accuracy"

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"share is in (0, 1); got {self.share}")
        if self.pairs_per_relation < 1:
            raise ValueError(f"pairs_per_relation is at least 1; got {self.pairs_per_relation}")
        if self.every_pairs is not None and self.every_pairs < 1:
            raise ValueError(f"every_pairs is at least 1 or null; got {self.every_pairs}")
        if self.batch_norm_batches < 0:
            raise ValueError(f"batch_norm_batches is at least 0; got {self.batch_norm_batches}")
        if self.keep not in ("accuracy", "loss"):
            raise ValueError(f"keep is accuracy or loss; got {self.keep!r}")


@dataclass(frozen=True)
class PretrainConfig:
    """One pre-training.

    What is called a pair is one sample: two clips in ERUV, three in VCOP and VCP.

    Attributes:
        detector: that the library is made with; None takes the library as it is.
        pretext: what is predicted: eruv (how two clips are related), vcop (the order of three
            clips) or vcp (what was done to the middle one of three).
        backbone: c3d, r3d or r2plus1d.
        width: factor on the channel counts; 1.0 is the paper's network.
        batch_norm: joint (all clips of a sample in one batch) or per_clip.
        task: the relations and their variants; of eruv alone.
        trimmed: take each video as one segment, as for UCF101 (eruv: five relations).
        size: of the frames and the crop.
        batch_size: pairs in a step, in each process.
        epochs: an epoch is as many independent draws as there are training segments.
        pairs: length of the training in pairs instead.
        optimizer, schedule, validation: see there.
        seed: of the weights, the held-out videos and all samples.
        threads: of torch; None for all cores. Fixed when a run starts.
        compile: fuse operations with torch.compile, on CUDA only (not measured).
        loader_workers: processes that read clips; None chooses by measuring reading and steps.
        checkpoint_interval_s: seconds between saved states.
    """

    detector: str | None = None
    pretext: Literal["eruv", "vcop", "vcp"] = "eruv"
    backbone: str = "c3d"
    width: float = 1.0
    batch_norm: BatchNorm = "joint"
    task: RelationSettings = field(default_factory=RelationSettings)
    trimmed: bool = False
    size: ClipSize = field(default_factory=ClipSize)
    batch_size: int = 8
    epochs: int = 300
    pairs: int | None = None
    optimizer: OptimizerSettings = field(default_factory=OptimizerSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    validation: ValidationSettings = field(default_factory=ValidationSettings)
    seed: int = 0
    threads: int | None = None
    compile: bool = False
    loader_workers: int | None = None
    checkpoint_interval_s: float = 60.0

    def __post_init__(self) -> None:
        if self.detector is not None and self.detector not in DETECTORS:
            raise ValueError(f"detector is one of {', '.join(DETECTORS)}; got {self.detector!r}")
        if self.pretext not in TASKS:
            raise ValueError(f"pretext is one of {', '.join(TASKS)}; got {self.pretext!r}")
        if self.pretext != "eruv" and self.task != RelationSettings():
            raise ValueError(
                f"task holds settings of eruv, and {self.pretext} has none; got {self.task}. "
                f"Leave task out"
            )
        if self.backbone not in BACKBONES:
            raise ValueError(f"backbone is one of {', '.join(BACKBONES)}; got {self.backbone!r}")
        if not 0 < self.width <= 4:
            raise ValueError(f"width is a factor in (0, 4], 1.0 is the paper's; got {self.width}")
        if self.batch_norm not in ("joint", "per_clip"):
            raise ValueError(f"batch_norm is joint or per_clip; got {self.batch_norm!r}")
        for name in ("batch_size", "epochs", "pairs", "threads"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} is at least 1; got {value}")
        if self.loader_workers is not None and self.loader_workers < 0:
            raise ValueError(f"loader_workers is at least 0; got {self.loader_workers}")
        if not self.checkpoint_interval_s >= 0:
            raise ValueError(
                f"checkpoint_interval_s is at least 0; got {self.checkpoint_interval_s}"
            )
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"seed is in [0, 2^32); got {self.seed}")

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of what is told apart, in the order of the labels."""
        if self.pretext == "eruv":
            return self.task.relations
        return tuple(TASKS[self.pretext].words.classes)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as in run.json."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """A configuration from plain values, as in run.json or a recipe; the rest are defaults.

        Raises:
            ValueError: for an unknown name or a value out of range.
        """
        values = {
            name: _section(SECTIONS[name], value) if name in SECTIONS else value
            for name, value in stored.items()
        }
        return construct(cls, values)


SECTIONS: dict[str, type] = {
    "task": RelationSettings,
    "size": ClipSize,
    "optimizer": OptimizerSettings,
    "schedule": ScheduleSettings,
    "validation": ValidationSettings,
}


def _section(kind: type, stored: dict[str, Any]) -> Any:
    # JSON and YAML know lists only.
    return construct(
        kind,
        {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in stored.items()
        },
    )


def construct(kind: Any, values: dict[str, Any]) -> Any:
    """A dataclass from values by name.

    Raises:
        ValueError: for an unknown name or a value out of range.
    """
    allowed = [field.name for field in fields(kind)]
    unknown = sorted(set(values) - set(allowed))
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}; there are {', '.join(allowed)}")
    return kind(**values)
