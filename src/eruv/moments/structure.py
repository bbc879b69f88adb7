"""What is in a library: groups that are alike, what is unlike all else, what is there twice."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from eruv.evaluation.feature_file import Features
from eruv.moments.looks import FACTS
from eruv.moments.sample import WindowSample

COMPONENTS = 50  # principal components hold nearly all that distances tell
FEWEST, MOST_CLUSTERS = 3, 24
TRIED = (3, 4, 6, 8, 12, 16, 24)
SILHOUETTE_WINDOWS = 2000
SILHOUETTE_MARGIN = 0.03  # of silhouette, given up for fewer clusters
NEIGHBOURS = 5
ROWS_AT_ONCE = 1024
# Cosines from which on windows of two shots are nearly the same, of looks and by the encoder.
SAME_LOOK, SAME_VECTOR = 0.98, 0.95
# Of luma from 0 to 1: black is dark and even; a still changes by less than noise does.
BLACK_LIGHT, BLACK_SPREAD, STILL_MOTION = 0.09, 0.03, 0.0008

Numbers = NDArray[np.int64]


def condensed(vectors_NF: Features) -> Features:
    """Vectors by at most 50 principal components, which takes a tenth of the time afterwards."""
    from sklearn.decomposition import PCA

    number = min(COMPONENTS, *vectors_NF.shape)
    pca = PCA(number, svd_solver="covariance_eigh" if len(vectors_NF) > number else "full")
    found: Features = pca.fit_transform(vectors_NF.astype(np.float64)).astype(np.float32)
    return found


def clusters_of(points_NF: Features, number: int | None, seed: int) -> Numbers:
    """Number of the cluster of each point, the largest cluster being 0 (k-means).

    Args:
        points_NF: at least one.
        number: of clusters; None tries some, and takes the fewest with nearly the best
            silhouette.
        seed: of the first centres.
    """
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    distinct = len(np.unique(points_NF, axis=0))
    if distinct <= FEWEST:
        return np.zeros(len(points_NF), np.int64)

    def labelled(count: int) -> Numbers:
        means = KMeans(min(count, distinct), n_init=2, random_state=seed).fit(points_NF)
        return np.asarray(means.labels_, np.int64)

    if number is None:
        tried = [count for count in TRIED if count < distinct]
        chosen = np.random.default_rng(seed).permutation(len(points_NF))[:SILHOUETTE_WINDOWS]
        found = [labelled(count) for count in tried]
        scores = [
            silhouette_score(points_NF[chosen], labels[chosen])
            if 1 < len(set(labels[chosen].tolist())) < len(chosen)
            else -1.0
            for labels in found
        ]
        enough = max(scores) - SILHOUETTE_MARGIN
        labels = next(one for one, score in zip(found, scores, strict=True) if score >= enough)
    else:
        labels = labelled(number)
    order = np.argsort(-np.bincount(labels), kind="stable")
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    return np.asarray(ranks[labels], np.int64)


def representatives(
    sample: WindowSample, points_NF: Features, labels: Numbers, most: int
) -> list[Numbers]:
    """For each cluster, windows nearest to its centre: one of each video, then of other shots."""
    found = []
    for label in range(int(labels.max(initial=-1)) + 1):
        members = np.flatnonzero(labels == label)
        centre = points_NF[members].mean(axis=0)
        near = members[np.argsort(np.linalg.norm(points_NF[members] - centre, axis=1))]
        of_video: dict[str, int] = {}
        of_shot: dict[int, int] = {}
        for window in near:
            of_video.setdefault(sample.video_ids[window], int(window))
            of_shot.setdefault(int(sample.shots[window]), int(window))
        chosen = dict.fromkeys([*of_video.values(), *of_shot.values()])
        found.append(np.array(list(chosen)[:most], np.int64))
    return found


def strangeness(sample: WindowSample, points_NF: Features) -> NDArray[np.float32]:
    """Mean distance of each window to its five nearest windows of other shots (N,)."""
    found = np.zeros(len(sample), np.float32)
    for rows, distances in _distances(points_NF):
        distances[sample.shots[rows][:, None] == sample.shots[None, :]] = np.inf
        near = np.partition(distances, min(NEIGHBOURS, len(sample) - 1), axis=1)[:, :NEIGHBOURS]
        near = np.where(np.isfinite(near), near, np.nan)
        with np.errstate(all="ignore"):
            found[rows] = np.nan_to_num(np.nanmean(near, axis=1)) if near.size else 0.0
    return found


def same_groups(sample: WindowSample) -> list[list[int]]:
    """Groups of windows of different shots that are nearly the same, the largest first.

    Of each shot that belongs to a group, its first such window.
    """
    parent = np.arange(int(sample.shots.max(initial=-1)) + 1)

    def root(shot: int) -> int:
        while parent[shot] != shot:
            parent[shot] = parent[parent[shot]]
            shot = int(parent[shot])
        return shot

    first: dict[int, int] = {}
    for start in range(0, len(sample), ROWS_AT_ONCE):
        rows = np.arange(start, min(start + ROWS_AT_ONCE, len(sample)))
        alike = sample.looks[rows] @ sample.looks.T >= SAME_LOOK
        alike &= sample.shots[rows][:, None] < sample.shots[None, :]
        for row, other in np.argwhere(alike):
            one = int(rows[row])
            if sample.vectors_NF[one] @ sample.vectors_NF[other] < SAME_VECTOR:
                continue
            for window in (one, int(other)):
                first.setdefault(int(sample.shots[window]), window)
            parent[root(int(sample.shots[other]))] = root(int(sample.shots[one]))
    groups: dict[int, list[int]] = {}
    for shot, window in sorted(first.items()):
        groups.setdefault(root(shot), []).append(window)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0]))


def black_windows(sample: WindowSample) -> NDArray[np.bool_]:
    """Which windows are dark and even (N,)."""
    light, spread, _ = (sample.facts[name] for name in FACTS)
    return (light < BLACK_LIGHT) & (spread < BLACK_SPREAD)


def still_windows(sample: WindowSample) -> NDArray[np.bool_]:
    """Which windows show no motion, and are not black (N,)."""
    return (sample.facts["motion"] < STILL_MOTION) & ~black_windows(sample)


def runs(sample: WindowSample, chosen: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last of chosen windows that follow one another in a shot, the longest first."""
    found: list[list[int]] = []
    for window in np.flatnonzero(chosen):
        last = found[-1][1] if found else -2
        if window == last + 1 and sample.shots[window] == sample.shots[last]:
            found[-1][1] = int(window)
        else:
            found.append([int(window), int(window)])
    starts, ends = sample.places["start_s"], sample.places["end_s"]
    found.sort(key=lambda run: (starts[run[0]] - ends[run[1]], run[0]))
    return [(first, last) for first, last in found]


def _distances(points_NF: Features) -> Iterator[tuple[Numbers, Features]]:
    """Distances of some points to all others, some rows after others."""
    squares = (points_NF**2).sum(axis=1)
    for start in range(0, len(points_NF), ROWS_AT_ONCE):
        rows = np.arange(start, min(start + ROWS_AT_ONCE, len(points_NF)))
        squared = squares[rows][:, None] + squares[None, :] - 2 * points_NF[rows] @ points_NF.T
        yield rows, np.sqrt(np.maximum(squared, 0))
