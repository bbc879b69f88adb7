"""How sure a difference between two methods is that were tested on the same videos."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 5000
# What lies outside a 95 % interval, on either side.
TAIL = 0.025
# Of 10,000 test videos, a block of draws is 40 MB.
BLOCK = 500


@dataclass(frozen=True)
class Difference:
    """A difference of two accuracies, first minus second, with its 95 % interval."""

    mean: float
    low: float
    high: float


def paired_difference(
    first: Sequence[Sequence[bool]], second: Sequence[Sequence[bool]], seed: int = 0
) -> Difference:
    """A paired bootstrap over test videos (Efron and Tibshirani 1993, percentile interval).

    It tells how much the figure would vary with other test videos; how much it varies with the
    seeds of training is the spread over them.

    Args:
        first, second: whether each of the same V videos, in the same order, was right, in each
            run of a method: any number of runs, over which a video's share is taken.
        seed: of the draws.

    Raises:
        ValueError: if there is no run or no video, or for different numbers of videos.
    """
    if not first or not second or len({len(run) for run in (*first, *second)}) != 1:
        raise ValueError("both methods need runs on the same videos")
    if not first[0]:
        raise ValueError("there are no videos")
    differences_V = np.mean(first, axis=0, dtype=float) - np.mean(second, axis=0, dtype=float)
    means = _means_of_draws(differences_V, np.random.default_rng(seed))
    low, high = np.quantile(means, [TAIL, 1 - TAIL])
    return Difference(float(differences_V.mean()), float(low), float(high))


def _means_of_draws(
    values_V: NDArray[np.float64], generator: np.random.Generator
) -> NDArray[np.float64]:
    """The mean of each draw of V values with replacement, (DRAWS,)."""
    count = len(values_V)
    return np.concatenate(
        [
            values_V[generator.integers(count, size=(BLOCK, count))].mean(axis=1)
            for _ in range(DRAWS // BLOCK)
        ]
    )
