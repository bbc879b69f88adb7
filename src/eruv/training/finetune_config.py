"""All choices of a training on labels, from scratch or from an encoder; the defaults are fact 3."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

from eruv.clips.spec import ClipSize
from eruv.models.backbones import BACKBONES, name_of
from eruv.models.encoder import Encoder
from eruv.models.inputs import InputKind, check_input_kind
from eruv.training.base_config import OptimizerSettings, TrainingConfig, check_network
from eruv.training.schedule import ScheduleSettings

FROM_SCRATCH = "c3d"  # where neither the configuration nor an encoder names a backbone


@dataclass(frozen=True, kw_only=True)
class FinetuneConfig(TrainingConfig):
    """One training on labelled videos.

    Attributes:
        batch_size: clips in a step, in each process.
        epochs: an epoch is one random clip of every training video.
        backbone: c3d, r3d or r2plus1d; default: the encoder's, from scratch c3d.
        width: factor on the channel counts; default: the encoder's, from scratch 1.0.
        input: rgb or residual; default: the encoder's, from scratch rgb.
        size: size of the frames and the crop; default: the encoder's, from scratch fact 2's.
        steps: length of the training in steps instead of epochs.
        held_out: share (below 1) or number of training videos to hold out for validation (fact 3:
            800 for UCF101, 400 for HMDB51); 0 holds out none and keeps the last weights.
            Pre-training has validation.share and validation.held_out_ids instead.
        labels_per_class: labels per class to train with, drawn by seed, held-out videos included;
            by default all.
        validate_steps: steps between two validations; by default once per epoch.
        batch_norm_batches: training batches over which running statistics are recomputed
            before a validation; 0 keeps the running averages.
        optimizer, schedule, seed, threads, compile, precision, loader_workers,
            checkpoint_interval_s: see `TrainingConfig`.
    """

    epochs: int = 150
    optimizer: OptimizerSettings = field(
        default_factory=lambda: OptimizerSettings(learning_rate=1e-3)
    )
    schedule: ScheduleSettings = field(default_factory=lambda: ScheduleSettings(name="constant"))
    backbone: str | None = None
    width: float | None = None
    size: ClipSize | None = None
    input: InputKind | None = None
    steps: int | None = None
    held_out: int | float = 0.1
    labels_per_class: int | None = None
    validate_steps: int | None = None
    batch_norm_batches: int = 0

    LEAST: ClassVar[dict[str, float]] = TrainingConfig.LEAST | {
        "steps": 1,
        "labels_per_class": 1,
        "validate_steps": 1,
        "batch_norm_batches": 0,
        "held_out": 0,
    }
    SECTIONS: ClassVar[Mapping[str, Any]] = {"size": ClipSize()}

    def __post_init__(self) -> None:
        super().__post_init__()
        check_network(self.backbone, self.width, BACKBONES)
        check_input_kind(self.input)
        if self.held_out >= 1 and self.held_out != int(self.held_out):
            raise ValueError(
                f"held_out must be a share below 1 or a whole number of videos; got {self.held_out}"
            )

    def resolved(self, encoder: Encoder | None) -> Self:
        """The same without a None that stands for the encoder's network or the paper's.

        Args:
            encoder: that is started from.
        """
        return replace(
            self,
            backbone=self.backbone or (name_of(encoder.backbone) if encoder else FROM_SCRATCH),
            width=self.width or (encoder.backbone.width if encoder else 1.0),
            size=self.size or (encoder.size if encoder else ClipSize()),
            input=self.input or (encoder.input if encoder else "rgb"),
        )
