"""All choices of a training on labels, from scratch or from an encoder; the defaults are fact 3."""

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from eruv.clips.spec import ClipSize
from eruv.models.backbones import BACKBONES, Backbone
from eruv.models.encoder import Encoder
from eruv.training.config import OptimizerSettings, construct
from eruv.training.schedule import ScheduleSettings

FROM_SCRATCH = "c3d"  # where neither the configuration nor an encoder names a backbone

_AT_LEAST = {
    "batch_size": 1,
    "epochs": 1,
    "steps": 1,
    "labels_per_class": 1,
    "validate_steps": 1,
    "threads": 1,
    "loader_workers": 0,
    "batch_norm_batches": 0,
    "checkpoint_interval_s": 0,
    "held_out": 0,
}


@dataclass(frozen=True)
class FinetuneConfig:
    """One training on labelled videos.

    Attributes:
        backbone: c3d, r3d or r2plus1d; None takes that of the encoder, from scratch c3d.
        width: factor on the channel counts; None takes that of the encoder, from scratch 1.0.
        size: of the frames and the crop; None takes that of the encoder, from scratch fact 2's.
        batch_size: clips in a step, in each process.
        epochs: an epoch is one random clip of every training video.
        steps: length of the training in steps instead.
        held_out: of the training list, for validation: below 1 a share, else a number (fact 3:
            800 for UCF101, 400 for HMDB51); 0 holds nothing out and keeps the last weights.
        labels_per_class: train with so few labels, drawn by seed; what is held out comes from
            them too. None takes all.
        validate_steps: steps between two validations; None for once an epoch.
        batch_norm_batches: training batches over which running statistics are recomputed
            before a validation; 0 keeps the running averages.
        optimizer, schedule: see there.
        seed: of the new weights, the held-out videos, the order and the clips.
        threads: of torch; None for all cores. Fixed when a training starts.
        compile: fuse operations with torch.compile, on CUDA only (not measured).
        loader_workers: processes that read clips; None chooses.
        checkpoint_interval_s: seconds between saved states.
    """

    backbone: str | None = None
    width: float | None = None
    size: ClipSize | None = None
    batch_size: int = 8
    epochs: int = 150
    steps: int | None = None
    held_out: int | float = 0.1
    labels_per_class: int | None = None
    validate_steps: int | None = None
    batch_norm_batches: int = 0
    optimizer: OptimizerSettings = field(
        default_factory=lambda: OptimizerSettings(learning_rate=1e-3)
    )
    schedule: ScheduleSettings = field(default_factory=lambda: ScheduleSettings(name="constant"))
    seed: int = 0
    threads: int | None = None
    compile: bool = False
    loader_workers: int | None = None
    checkpoint_interval_s: float = 60.0

    def __post_init__(self) -> None:
        if self.backbone is not None and self.backbone not in BACKBONES:
            raise ValueError(f"backbone is one of {', '.join(BACKBONES)}; got {self.backbone!r}")
        if self.width is not None and not 0 < self.width <= 4:
            raise ValueError(f"width is a factor in (0, 4], 1.0 is the paper's; got {self.width}")
        for name, least in _AT_LEAST.items():
            value = getattr(self, name)
            if value is not None and not least <= value < math.inf:
                raise ValueError(f"{name} is at least {least}; got {value}")
        if self.held_out >= 1 and self.held_out != int(self.held_out):
            raise ValueError(
                f"held_out is a share below 1 or a whole number of videos; got {self.held_out}"
            )
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"seed is in [0, 2^32); got {self.seed}")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as in run.json."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """A configuration from plain values, as in run.json or a recipe; the rest are defaults.

        Raises:
            ValueError: for an unknown name or a value out of range.
        """
        base = cls()
        sections: dict[str, Any] = {
            "size": ClipSize(),
            "optimizer": base.optimizer,
            "schedule": base.schedule,
        }
        values = {
            # What a section leaves out is this configuration's default, not the section's.
            name: construct(type(sections[name]), asdict(sections[name]) | value)
            if name in sections and value is not None
            else value
            for name, value in stored.items()
        }
        return construct(cls, values)

    def resolved(self, encoder: Encoder | None, threads: int) -> Self:
        """The same without a None that stands for the encoder's or this machine's.

        Args:
            encoder: that is started from.
            threads: of torch, where none are configured.
        """
        return replace(
            self,
            backbone=self.backbone or (name_of(encoder.backbone) if encoder else FROM_SCRATCH),
            width=self.width or (encoder.backbone.width if encoder else 1.0),
            size=self.size or (encoder.size if encoder else ClipSize()),
            threads=self.threads or threads,
        )


def name_of(backbone: Backbone) -> str:
    """The name of a backbone in `BACKBONES`."""
    return next(name for name, kind in BACKBONES.items() if type(backbone) is kind)
