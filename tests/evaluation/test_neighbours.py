"""The nearest of many: the same in blocks as by plain loops, ties included."""

import math
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from eruv.evaluation import neighbours
from eruv.evaluation.feature_file import Features
from eruv.evaluation.neighbours import nearest


def nearest_by_hand(queries: Features, gallery: Features, k: int) -> list[list[int]]:
    """Plain loops: every cosine, sorted; of equal ones the first."""
    found = []
    for query in queries.tolist():
        cosines = []
        for position, other in enumerate(gallery.tolist()):
            product = length = other_length = 0.0
            for a, b in zip(query, other, strict=True):
                product += a * b
                length += a * a
                other_length += b * b
            both = math.sqrt(length) * math.sqrt(other_length)
            cosines.append((-product / both if both else 0.0, position))
        found.append([position for _, position in sorted(cosines)[:k]])
    return found


@pytest.fixture(params=[(3, 2), (4, 7), (4096, 1024)])
def blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    monkeypatch.setattr(neighbours, "GALLERY_BLOCK", request.param[0])
    monkeypatch.setattr(neighbours, "QUERY_BLOCK", request.param[1])
    return request.param


@pytest.mark.parametrize("seed", range(5))
def test_they_are_those_of_plain_loops_and_of_scikit_learn(
    blocks: tuple[int, int], seed: int
) -> None:
    generator = np.random.default_rng(seed)
    gallery = generator.standard_normal((23, 6)).astype(np.float32)
    queries = generator.standard_normal((9, 6)).astype(np.float32)
    found = nearest(queries, gallery, 10)
    assert found.positions.tolist() == nearest_by_hand(queries, gallery, 10)
    distances, order = NearestNeighbors(metric="cosine").fit(gallery).kneighbors(queries, 10)
    assert found.positions.tolist() == order.tolist()
    np.testing.assert_allclose(found.similarity, 1 - distances, atol=1e-6)


@given(
    seed=st.integers(0, 1000),
    gallery_size=st.integers(1, 40),
    query_size=st.integers(1, 12),
    k=st.integers(1, 50),
    gallery_block=st.integers(1, 45),
)
def test_of_equally_near_ones_the_first_is_the_nearest_however_blocks_fall(
    seed: int, gallery_size: int, query_size: int, k: int, gallery_block: int
) -> None:
    # Features of ±1 in four places have a length of 2, so all cosines are exact, and many equal.
    generator = np.random.default_rng(seed)
    gallery = generator.choice([-1, 1], (gallery_size, 4)).astype(np.float32)
    queries = generator.choice([-1, 1], (query_size, 4)).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "GALLERY_BLOCK", gallery_block)
        patch.setattr(neighbours, "QUERY_BLOCK", 5)
        found = nearest(queries, gallery, k)
    assert found.positions.tolist() == nearest_by_hand(queries, gallery, k)
    exact = np.take_along_axis(queries @ gallery.T / 4, found.positions, axis=1)
    assert (found.similarity == exact).all()


def test_features_of_nothing_are_far_from_everything_and_divide_nothing_by_zero() -> None:
    gallery = np.array([[-1, 0], [0, 0], [2, 0]], np.float32)
    queries = np.array([[0, 0], [3, 0]], np.float32)
    found = nearest(queries, gallery, 3)
    assert found.positions.tolist() == [[0, 1, 2], [2, 1, 0]]
    assert found.similarity.tolist() == [[0, 0, 0], [1, 0, -1]]


def test_files_larger_than_the_memory_allowed_are_searched_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "GALLERY_BLOCK", 64)
    monkeypatch.setattr(neighbours, "QUERY_BLOCK", 16)
    path = tmp_path / "gallery.npy"
    written = np.lib.format.open_memmap(path, "w+", np.float32, (4000, 1000))
    written[:] = np.random.default_rng(0).standard_normal(written.shape)
    written.flush()
    queries = np.array(written[17:4000:100])
    shares: list[float] = []
    tracemalloc.start()
    found = nearest(queries, np.load(path, mmap_mode="r"), 2, on_share=shares.append)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.positions[:, 0].tolist() == list(range(17, 4000, 100))
    assert peak < 2_000_000  # of 16 MB
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
