"""Axes of a chart: round ticks, and a linear scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most about `most` round values that lie in [low, high]."""
    if not high > low:
        return [low]
    rough = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in STEPS if size * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def time_ticks(seconds: float, most: int = 8) -> list[float]:
    """Round times in [0, seconds]: whole minutes or hours in long videos."""
    for step in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400):
        if seconds / step <= most:
            if seconds < step:
                return ticks(0, seconds, 4)
            return [float(number * step) for number in range(int(seconds / step) + 1)]
    return ticks(0, seconds, most)


@dataclass(frozen=True)
class AxisScale:
    """A linear map from values [low, high] to positions [first, last]."""

    low: float
    high: float
    first: float
    last: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / max(1e-12, self.high - self.low)
        return round(self.first + share * (self.last - self.first), 1)

    @classmethod
    def around(cls, values: Sequence[float], first: float, last: float) -> "AxisScale":
        """A scale that shows all values with a margin on both sides."""
        low, high = min(values), max(values)
        margin = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
        return cls(low - margin, high + margin, first, last)
