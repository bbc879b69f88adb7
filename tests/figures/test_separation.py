"""Numbers beside Fig. 5, against scikit-learn and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import silhouette_score
from sklearn.neighbors import KNeighborsClassifier

from eruv.figures.separation import separation


@given(seed=st.integers(0, 500), spread=st.floats(0, 3))
def test_they_are_those_of_scikit_learn(seed: int, spread: float) -> None:
    generator = np.random.default_rng(seed)
    numbers = generator.integers(0, 3, 24)
    numbers[:6] = [0, 0, 1, 1, 2, 2]
    centres = generator.standard_normal((3, 8))
    rows = (spread * centres[numbers] + generator.standard_normal((24, 8))).astype(np.float32)
    labels = [f"class {number}" for number in numbers]
    found = separation(rows, labels)
    assert found.silhouette == pytest.approx(silhouette_score(rows.astype(float), labels))
    hits = 0
    for left_out in range(24):
        others = [n for n in range(24) if n != left_out]
        near = KNeighborsClassifier(5).fit(rows[others], numbers[others])
        order = near.kneighbors(rows[[left_out]], return_distance=False)[0]
        votes = numbers[others][order].tolist()
        most = max(votes.count(vote) for vote in votes)
        winner = next(vote for vote in votes if votes.count(vote) == most)
        hits += winner == numbers[left_out]
    assert found.neighbour_accuracy == hits / 24
    assert found.chance == np.bincount(numbers).max() / 24


def test_clips_of_one_video_do_not_tell_each_others_class() -> None:
    # Two videos of each class; the clips of a video are alike, the videos of a class are not.
    rows = np.repeat(np.eye(4, dtype=np.float32), 6, axis=0)
    labels = ["a"] * 6 + ["b"] * 6 + ["a"] * 6 + ["b"] * 6
    videos = [0] * 6 + [1] * 6 + [2] * 6 + [3] * 6
    assert separation(rows, labels).neighbour_accuracy == 1.0
    assert separation(rows, labels, videos).neighbour_accuracy < 1.0
    lonely = separation(rows[:12], labels[:12], [0] * 6 + [1] * 6)
    assert lonely.neighbour_accuracy == 0.0


def test_equal_features_and_a_class_of_one_divide_nothing_by_zero() -> None:
    found = separation(np.ones((7, 3), np.float32), ["a"] * 6 + ["b"])
    assert found.silhouette == 0.0
    assert separation(np.eye(3, dtype=np.float32), ["a", "b", "b"]).silhouette == pytest.approx(
        silhouette_score(np.eye(3), ["a", "b", "b"])
    )
