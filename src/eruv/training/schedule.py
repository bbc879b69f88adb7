"""The learning rate over a training."""

import math
from dataclasses import dataclass
from typing import Literal

# By what share a loss must be lower to count: the default of torch's ReduceLROnPlateau.
THRESHOLD = 1e-4

ScheduleName = Literal["plateau", "cosine", "constant"]


@dataclass(frozen=True)
class ScheduleSettings:
    """How the learning rate changes (fact 3).

    Attributes:
        name: `plateau` cuts it when the validation loss stops falling; `cosine` takes it to zero
            over the whole training; `constant` leaves it.
        warmup: share of the steps over which it rises from zero.
        patience: validations without a loss lower by a ten-thousandth before a cut (plateau).
        factor: factor of a cut (plateau).
        minimum: lowest learning rate (plateau).
    """

    name: ScheduleName = "plateau"
    warmup: float = 0.0
    patience: int = 50
    factor: float = 0.1
    minimum: float = 1e-7

    def __post_init__(self) -> None:
        if self.name not in ("plateau", "cosine", "constant"):
            raise ValueError(f"schedule must be plateau, cosine or constant; got {self.name!r}")
        if not 0 <= self.warmup < 1:
            raise ValueError(f"warmup must be a share of the steps in [0, 1); got {self.warmup}")
        if self.patience < 1 or not 0 < self.factor < 1:
            raise ValueError(
                f"patience must be at least 1 and factor in (0, 1); "
                f"got {self.patience} and {self.factor}"
            )
        if not self.minimum >= 0:
            raise ValueError(f"minimum must be a learning rate of at least 0; got {self.minimum}")


class Schedule:
    """The learning rate of every step; its state is three numbers.

    Args:
        settings: see there.
        learning_rate: before any factor.
        total_steps: of the whole training.
    """

    def __init__(self, settings: ScheduleSettings, learning_rate: float, total_steps: int) -> None:
        self.settings = settings
        self.learning_rate = learning_rate
        self.total_steps = total_steps
        self.state: dict[str, float] = {"lowest": math.inf, "bad": 0, "cuts": 0}

    def rate(self, step: int) -> float:
        """Learning rate of the step with this number, from 0."""
        settings = self.settings
        warmup_steps = round(settings.warmup * self.total_steps)
        if step < warmup_steps:
            return self.learning_rate * (step + 1) / warmup_steps
        if settings.name == "cosine":
            share = (step - warmup_steps) / max(1, self.total_steps - warmup_steps)
            return self.learning_rate * (1 + math.cos(math.pi * share)) / 2
        if settings.name == "plateau":
            cut = self.learning_rate * settings.factor ** self.state["cuts"]
            return max(settings.minimum, cut)
        return self.learning_rate

    def validated(self, loss: float) -> None:
        """Take note of a validation loss."""
        if self.settings.name != "plateau":
            return
        if loss < self.state["lowest"] * (1 - THRESHOLD):
            self.state.update(lowest=loss, bad=0)
            return
        self.state["bad"] += 1
        if self.state["bad"] > self.settings.patience:
            self.state["cuts"] += 1
            self.state["bad"] = 0
