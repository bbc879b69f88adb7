"""All choices of a pre-training, with the paper's as defaults; recipes have others."""

from dataclasses import InitVar, dataclass, field
from typing import ClassVar, get_args

import yaml

from eruv.clips.spec import ClipSize
from eruv.detection.detectors import DETECTORS
from eruv.models.backbones import BACKBONES
from eruv.models.inputs import InputKind, check_input_kind
from eruv.models.siamese import BatchNorm
from eruv.pretext import TASKS
from eruv.pretext.relation_settings import RelationSettings
from eruv.recipes import recipe_path
from eruv.training.augmentation import AugmentationSettings
from eruv.training.base_config import Keep, TrainingConfig, check_network


@dataclass(frozen=True)
class ValidationSettings:
    """How the best weights are chosen.

    Attributes:
        share: share of the videos that is held out, at least two.
        held_out_ids: ids of the videos to hold out instead.
        pairs_per_relation: size of the fixed, balanced set: samples of each class.
        every_pairs: samples seen between two validations; by default once per epoch.
        batch_norm_batches: training batches over which running statistics are recomputed
            first; 0 keeps the running averages.
        keep: the weights of highest accuracy (as ERUV), of lowest loss (as VCOP and VCP), or the
            last, where the learning rate falls to nothing and few samples would choose by chance.
        held_out: earlier name of held_out_ids.
    """

    share: float = 0.1
    held_out_ids: tuple[str, ...] = ()
    pairs_per_relation: int = 50
    every_pairs: int | None = None
    batch_norm_batches: int = 0
    keep: Keep = "accuracy"
    held_out: InitVar[tuple[str, ...]] = ()

    EARLIER_NAMES: ClassVar[dict[str, str]] = {"held_out": "held_out_ids"}

    def __post_init__(self, held_out: tuple[str, ...]) -> None:
        if held_out:
            object.__setattr__(self, "held_out_ids", tuple(held_out))
        if not 0 < self.share < 1:
            raise ValueError(f"share must be in (0, 1); got {self.share}")
        if self.pairs_per_relation < 1:
            raise ValueError(
                f"pairs_per_relation must be at least 1; got {self.pairs_per_relation}"
            )
        if self.every_pairs is not None and self.every_pairs < 1:
            raise ValueError(f"every_pairs must be at least 1 or null; got {self.every_pairs}")
        if self.batch_norm_batches < 0:
            raise ValueError(
                f"batch_norm_batches must be at least 0; got {self.batch_norm_batches}"
            )
        if self.keep not in get_args(Keep):
            raise ValueError(f"keep must be accuracy, loss or last; got {self.keep!r}")


@dataclass(frozen=True, kw_only=True)
class PretrainConfig(TrainingConfig):
    """One pre-training.

    What is called a pair is one sample: two clips in ERUV, three in VCOP and VCP.

    Attributes:
        batch_size: pairs in a step, in each process.
        epochs: an epoch is as many independent draws as there are training segments.
        detector: detector that the library is made with; by default any.
        pretext: what is predicted: eruv (how two clips are related), vcop (the order of three
            clips) or vcp (what was done to the middle one of three).
        backbone: c3d, r3d or r2plus1d.
        width: factor on the channel counts; 1.0 is the paper's network.
        input: what the network sees of a clip: its pictures (rgb), as in the paper, or how they
            change from one to the next (residual).
        batch_norm: joint (all clips of a sample in one batch) or per_clip.
        task: the relations and their variants; for the pretext eruv only.
        trimmed: take each video as one segment, as for UCF101 (eruv: five relations).
        size: size of the frames and the crop.
        augmentation: how the look of training clips is varied; not at all in the paper.
        pairs: length of the training in pairs instead of epochs.
        least_pairs: minimum length in pairs, if the epochs give less.
        most_pairs: maximum length in pairs, if the epochs give more.
        validation: how the best weights are chosen.
        optimizer, schedule, seed, threads, compile, precision, loader_workers,
            checkpoint_interval_s: see `TrainingConfig`.
    """

    detector: str | None = None
    pretext: str = "eruv"
    backbone: str = "c3d"
    width: float = 1.0
    input: InputKind = "rgb"
    batch_norm: BatchNorm = "joint"
    task: RelationSettings = field(default_factory=RelationSettings)
    trimmed: bool = False
    size: ClipSize = field(default_factory=ClipSize)
    augmentation: AugmentationSettings = field(default_factory=AugmentationSettings)
    pairs: int | None = None
    least_pairs: int = 1
    most_pairs: int | None = None
    validation: ValidationSettings = field(default_factory=ValidationSettings)

    LEAST: ClassVar[dict[str, float]] = TrainingConfig.LEAST | {
        "pairs": 1,
        "least_pairs": 1,
        "most_pairs": 1,
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.detector is not None and self.detector not in DETECTORS:
            raise ValueError(
                f"detector must be one of {', '.join(DETECTORS)}; got {self.detector!r}"
            )
        if self.pretext not in TASKS:
            raise ValueError(f"pretext must be one of {', '.join(TASKS)}; got {self.pretext!r}")
        if not TASKS[self.pretext].has_settings and self.task != RelationSettings():
            raise ValueError(
                f"task is for the pretext eruv only, and pretext is {self.pretext}; got "
                f"{self.task}. Leave task out"
            )
        if self.most_pairs is not None and self.most_pairs < self.least_pairs:
            raise ValueError(
                f"most_pairs must be at least least_pairs {self.least_pairs}; got {self.most_pairs}"
            )
        check_network(self.backbone, self.width, BACKBONES)
        check_input_kind(self.input)
        if self.batch_norm not in ("joint", "per_clip"):
            raise ValueError(f"batch_norm must be joint or per_clip; got {self.batch_norm!r}")

    def num_pairs(self, segments: int) -> int:
        """Length of a training on so many segments, in pairs."""
        if self.pairs is not None:
            return self.pairs
        pairs = max(self.epochs * segments, self.least_pairs)
        return pairs if self.most_pairs is None else min(pairs, self.most_pairs)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes of the pretext task, in the order of the labels."""
        task = TASKS[self.pretext]
        return self.task.relations if task.has_settings else tuple(task.text.classes)


def recipe(name: str) -> PretrainConfig:
    """A committed recipe by name, a file in `eruv.recipes`: laptop, demo, paper_c3d and others.

    Raises:
        EruvError: for another name.
    """
    return PretrainConfig.from_dict(yaml.safe_load(recipe_path(name).read_text()))


def default_recipe() -> PretrainConfig:
    """The best that was measured (docs/learning.md), on every device."""
    return recipe("laptop")
