"""What every training is configured by; pre-training and fine-tuning add to it."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any, ClassVar, Literal, Self

from eruv.training.schedule import ScheduleSettings

Precision = Literal["auto", "fp32", "bf16"]
# Of all validated weights those of the highest accuracy, of the lowest loss, or the last.
Keep = Literal["accuracy", "loss", "last"]


@dataclass(frozen=True)
class OptimizerSettings:
    """How weights follow gradients; the defaults are the paper's (IV-A, fact 3).

    Attributes:
        name: sgd with momentum; or adamw, which learns more from few pairs.
        learning_rate: learning rate, before the schedule's factor.
        momentum: momentum of sgd; the first beta of adamw.
        weight_decay: regularisation.
    """

    name: Literal["sgd", "adamw"] = "sgd"
    learning_rate: float = 0.01
    momentum: float = 0.9
    weight_decay: float = 5e-4

    def __post_init__(self) -> None:
        if self.name not in ("sgd", "adamw"):
            raise ValueError(f"optimizer name must be sgd or adamw; got {self.name!r}")
        if not 0 < self.learning_rate < math.inf:
            raise ValueError(f"learning_rate must be positive and finite; got {self.learning_rate}")
        if not 0 <= self.momentum < 1:
            raise ValueError(f"momentum must be in [0, 1); got {self.momentum}")
        if not self.weight_decay >= 0:
            raise ValueError(f"weight_decay must be at least 0; got {self.weight_decay}")


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """One training, whatever is trained.

    Attributes:
        batch_size: samples in a step, in each process.
        epochs: passes over the training samples.
        optimizer, schedule: see there.
        seed: seed of new weights, the held-out videos and all samples.
        threads: number of torch threads; by default one per core. Fixed when a training starts.
        compile: fuse operations with torch.compile, on CUDA only.
        precision: precision of the forward pass: fp32, bf16, or auto (bf16 on CUDA, fp32 on CPU).
            Fixed when a training starts.
        loader_workers: number of processes that read clips; by default chosen by measuring.
        checkpoint_interval_s: seconds between saved states.
    """

    batch_size: int = 8
    epochs: int = 300
    optimizer: OptimizerSettings = field(default_factory=OptimizerSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    seed: int = 0
    threads: int | None = None
    compile: bool = False
    precision: Precision = "auto"
    loader_workers: int | None = None
    checkpoint_interval_s: float = 60.0

    # Least values of numbers that may also be None.
    LEAST: ClassVar[dict[str, float]] = {
        "batch_size": 1,
        "epochs": 1,
        "threads": 1,
        "loader_workers": 0,
        "checkpoint_interval_s": 0,
    }
    # What a section that is None by default consists of.
    SECTIONS: ClassVar[Mapping[str, Any]] = {}

    def __post_init__(self) -> None:
        for name, least in self.LEAST.items():
            value = getattr(self, name)
            if value is not None and not least <= value < math.inf:
                raise ValueError(f"{name} must be at least {least}; got {value}")
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"seed must be in [0, 2^32); got {self.seed}")
        if self.precision not in ("auto", "fp32", "bf16"):
            raise ValueError(f"precision must be auto, fp32 or bf16; got {self.precision!r}")

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as in run.json."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """A configuration from plain values, as in run.json or a recipe.

        What is missing, in a section too, is this configuration's default.

        Raises:
            ValueError: for an unknown name or a value out of range.
        """
        defaults = {name: value for name, value in vars(cls()).items() if is_dataclass(value)}
        sections = defaults | dict(cls.SECTIONS)
        values = {
            name: _section(sections[name], value)
            if name in sections and value is not None
            else value
            for name, value in stored.items()
        }
        return construct(cls, values)


def _section(default: Any, stored: dict[str, Any]) -> Any:
    # JSON and YAML know lists only.
    values = {
        name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
    }
    earlier = getattr(default, "EARLIER_NAMES", {})
    values = {earlier.get(name, name): value for name, value in values.items()}
    return construct(type(default), asdict(default) | values)


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


def check_network(backbone: str | None, width: float | None, names: Mapping[str, Any]) -> None:
    """Make sure that a backbone has a name among `names` and a width in (0, 4]; None is neither.

    Raises:
        ValueError: if it has not.
    """
    if backbone is not None and backbone not in names:
        raise ValueError(f"backbone must be one of {', '.join(names)}; got {backbone!r}")
    if width is not None and not 0 < width <= 4:
        raise ValueError(f"width must be a factor in (0, 4], 1.0 is the paper's; got {width}")
