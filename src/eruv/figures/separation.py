"""How well features separate classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eruv.evaluation.feature_file import Features

NEIGHBOURS = 5


@dataclass(frozen=True)
class Separation:
    """How classes lie in the space of the features, not in the picture.

    Attributes:
        silhouette: mean over the samples, from -1 to 1; Euclidean distance (Rousseeuw 1987).
        neighbour_accuracy: accuracy of a vote of the five nearest neighbours.
        chance: accuracy of always guessing the largest class.
    """

    silhouette: float
    neighbour_accuracy: float
    chance: float


def separation(
    features: Features, labels: Sequence[str], groups: Sequence[int] | None = None
) -> Separation:
    """Measure how well features separate classes.

    Args:
        features: (N, F), of at least two classes.
        labels: N classes.
        groups: N numbers, for example of the videos that samples are from; a sample is not
            classified by others of its group. None puts each into a group of its own.
    """
    from sklearn.metrics import silhouette_score  # it takes a second to import

    numbers, counts = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)[1:]
    distances = _distances(features)
    own = np.arange(len(labels)) if groups is None else np.asarray(groups)
    alone = len(counts) == len(labels)  # a silhouette needs two samples of some class
    silhouette = 0.0 if alone else silhouette_score(distances, numbers, metric="precomputed")
    return Separation(
        float(silhouette),
        _neighbour_accuracy(distances, numbers, own),
        float(counts.max() / len(numbers)),
    )


def _neighbour_accuracy(
    distances: NDArray[np.float64], labels: NDArray[np.int64], groups: NDArray[np.int64]
) -> float:
    hits = []
    for sample, row in enumerate(distances):
        others = np.flatnonzero(groups != groups[sample])
        near = others[np.argsort(row[others], kind="stable")[:NEIGHBOURS]]
        votes = np.bincount(labels[near], minlength=1)
        # Of classes with equally many votes the one whose sample is nearest.
        winner = next((label for label in labels[near] if votes[label] == votes.max()), -1)
        hits.append(winner == labels[sample])
    return float(np.mean(hits))


def _distances(features: Features) -> NDArray[np.float64]:
    rows = features.astype(np.float64)
    return np.sqrt([((rows - row) ** 2).sum(axis=1) for row in rows])
