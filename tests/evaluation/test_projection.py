"""Points in the plane: those of scikit-learn, with signs that never turn."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from eruv.evaluation.projection import project
from eruv.utils.errors import EruvError


def features(seed: int, samples: int = 30, numbers: int = 12) -> np.ndarray:
    generator = np.random.default_rng(seed)
    scales = generator.uniform(0.1, 3, numbers)
    return (generator.standard_normal((samples, numbers)) * scales + 5).astype(np.float32)


@given(seed=st.integers(0, 500), samples=st.integers(5, 40))
def test_pca_is_that_of_scikit_learn_but_for_signs(seed: int, samples: int) -> None:
    rows = features(seed, samples)
    found = project(rows)
    reference = PCA(2, svd_solver="full").fit(rows.astype(float))
    expected = reference.transform(rows.astype(float))
    np.testing.assert_allclose(np.abs(found.points), np.abs(expected), atol=1e-4)
    shares = [f"{share:.0%} of the variance" for share in reference.explained_variance_ratio_]
    assert [words.split(", ")[1] for words in found.axes] == shares


@given(seed=st.integers(0, 500))
def test_the_greatest_loading_of_an_axis_is_positive_whatever_the_order(seed: int) -> None:
    rows = features(seed)
    points = project(rows).points
    order = np.random.default_rng(seed).permutation(len(rows))
    np.testing.assert_allclose(project(rows[order]).points, points[order], atol=1e-4)
    # What an axis is: the direction along which the points have these coordinates.
    centred = rows - rows.mean(axis=0)
    for axis in points.T:
        loadings = centred.T @ axis
        assert loadings[np.abs(loadings).argmax()] > 0


def test_tsne_is_the_same_for_a_seed_and_keeps_groups_together() -> None:
    rows = np.concatenate([features(0, 20), features(1, 20) + 40])
    found = project(rows, "tsne", seed=3).points
    np.testing.assert_array_equal(project(rows, "tsne", seed=3).points, found)
    near = np.linalg.norm(found[:, None] - found[None], axis=2)
    np.fill_diagonal(near, np.inf)
    assert ((near.argmin(axis=1) < 20) == (np.arange(40) < 20)).all()


def test_few_samples_are_no_obstacle_to_tsne_and_too_few_are_refused() -> None:
    assert project(features(0, 6), "tsne").points.shape == (6, 2)
    with pytest.raises(EruvError, match="at least 5 samples; got 4"):
        project(features(0, 4))


def test_what_is_not_installed_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(EruvError, match=r"not installed: pip install 'eruv\[figures\]'"):
        project(features(0), "umap")


def test_umap_is_the_same_for_a_seed() -> None:
    pytest.importorskip("umap", reason="umap-learn is an extra: pip install 'eruv[figures]'")
    rows = np.concatenate([features(0, 20), features(1, 20) + 40])
    found = project(rows, "umap", seed=3).points
    np.testing.assert_array_equal(project(rows, "umap", seed=3).points, found)
    assert found.shape == (40, 2)


def test_another_method_is_refused() -> None:
    with pytest.raises(EruvError, match="one of pca, tsne, umap; got mds"):
        project(features(0), "mds")
