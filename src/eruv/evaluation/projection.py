"""Features become points in the plane, the same ones every time."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eruv.evaluation.feature_file import Features
from eruv.utils.errors import EruvError

FEWEST_SAMPLES = 5


@dataclass(frozen=True)
class Projection:
    """Points (N, 2), and words for both axes."""

    points: NDArray[np.float64]
    axes: tuple[str, str]


def project(features: Features, method: str = "pca", seed: int = 0) -> Projection:
    """Points of features in the plane.

    Args:
        features: (N, F).
        method: pca, as in the paper; tsne or umap.
        seed: of tsne and umap; pca needs none.

    Raises:
        EruvError: for another method, too few samples, or a method that is not installed.
    """
    if method not in METHODS:
        raise EruvError(f"the method must be one of {', '.join(METHODS)}; got {method}.")
    if len(features) < FEWEST_SAMPLES:
        raise EruvError(
            f"a picture of features needs at least {FEWEST_SAMPLES} samples; got {len(features)}."
        )
    return METHODS[method](features, seed)


def _pca(features: Features, seed: int) -> Projection:
    """Principal components; the sign of an axis is that of its greatest loading."""
    from sklearn.decomposition import PCA  # it takes a second to import

    pca = PCA(2, svd_solver="full").fit(features.astype(np.float64))
    axes = pca.components_
    signs = np.where(axes[[0, 1], np.abs(axes).argmax(axis=1)] < 0, -1, 1)
    shares = np.nan_to_num(pca.explained_variance_ratio_)
    words = [f"component {n}, {share:.0%} of the variance" for n, share in enumerate(shares, 1)]
    points = pca.transform(features.astype(np.float64)) * signs
    return Projection(points, (words[0], words[1]))


def _tsne(features: Features, seed: int) -> Projection:
    from sklearn.manifold import TSNE

    # Far fewer samples than its default of 30 neighbours allow no more.
    perplexity = min(30.0, (len(features) - 1) / 3)
    embedding = TSNE(n_components=2, init="pca", perplexity=perplexity, random_state=seed, n_jobs=1)
    points = embedding.fit_transform(features.astype(np.float64))
    return Projection(points, ("t-SNE, first coordinate", "t-SNE, second coordinate"))


def _umap(features: Features, seed: int) -> Projection:
    try:
        from umap import UMAP
    except ImportError as error:
        raise EruvError(
            "UMAP needs umap-learn, which is not installed: pip install 'eruv[figures]'"
        ) from error
    neighbours = min(15, len(features) - 1)
    embedding = UMAP(n_components=2, n_neighbors=neighbours, random_state=seed, n_jobs=1)
    points = np.asarray(embedding.fit_transform(features), np.float64)
    return Projection(points, ("UMAP, first coordinate", "UMAP, second coordinate"))


METHODS: dict[str, Callable[[Features, int], Projection]] = {
    "pca": _pca,
    "tsne": _tsne,
    "umap": _umap,
}
