"""Cells of the paper's tables: a published figure beside what was measured for it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from eruv.reproduction.experiments import Experiment
from eruv.reproduction.wanted import WantedCell

Result = dict[str, Any]
ResultOf = Callable[[Experiment], Result | None]


@dataclass(frozen=True)
class Cell:
    """A published figure and what was measured, in per cent.

    Attributes:
        published: None where the paper has no such figure.
        per_seed: one value a seed; empty where nothing was measured.
        wanted_seeds: how many there were to be.
        splits: how many splits each value is the mean of.
        comparable: whether it was measured with the paper's settings on its data.
    """

    published: float | None
    per_seed: tuple[float, ...] = ()
    wanted_seeds: int = 0
    splits: int = 1
    comparable: bool = True

    @property
    def mean(self) -> float | None:
        return fmean(self.per_seed) if self.per_seed else None

    @property
    def spread(self) -> float | None:
        """Standard deviation over seeds (n - 1); None for fewer than two."""
        return stdev(self.per_seed) if len(self.per_seed) > 1 else None

    @property
    def difference(self) -> float | None:
        """Measured minus published; None where that would say nothing."""
        if self.mean is None or self.published is None or not self.comparable:
            return None
        return self.mean - self.published


def measured(wanted: WantedCell, result_of: ResultOf, comparable: bool = True) -> Cell:
    """Fill a cell from results; a seed without all of them is left out.

    Args:
        wanted: see there.
        result_of: the result of an experiment; None where there is none (yet).
        comparable: see `Cell`.
    """
    values = []
    for experiments in wanted.seeds:
        found = [_figure(result_of(one), wanted.metric) for one in experiments]
        shares = [share for share in found if share is not None]
        if shares and len(shares) == len(found):
            values.append(100 * fmean(shares))
    splits = max((len(experiments) for experiments in wanted.seeds), default=1)
    return Cell(wanted.published, tuple(values), len(wanted.seeds), splits, comparable)


def _figure(result: Result | None, path: tuple[str, ...]) -> float | None:
    """The number at a path of names; None where a name has no value."""
    found: Any = result
    for name in path:
        if found is None:
            return None
        found = found.get(name)
    if found is None or not math.isfinite(found):
        return None
    return float(found)
