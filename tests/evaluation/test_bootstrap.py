"""A paired bootstrap: known cases, the normal law it approaches, and what pairing is for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.evaluation.bootstrap import Difference, paired_difference

HITS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40)


@given(HITS)
def test_the_mean_is_the_difference_of_accuracies_within_its_interval(
    hits: list[tuple[bool, bool]],
) -> None:
    first, second = zip(*hits, strict=True)
    found = paired_difference([first], [second])
    assert found.mean == pytest.approx((sum(first) - sum(second)) / len(hits))
    assert -1 <= found.low <= found.mean + 1e-12
    assert found.mean - 1e-12 <= found.high <= 1
    turned = paired_difference([second], [first])
    assert (turned.mean, turned.low, turned.high) == pytest.approx(
        (-found.mean, -found.high, -found.low)
    )


def test_it_approaches_the_normal_law() -> None:
    generator = np.random.default_rng(0)
    first, second = generator.random((2, 1000)) < [[0.6], [0.5]]
    found = paired_difference([first.tolist()], [second.tolist()])
    differences = first.astype(float) - second
    half = 1.96 * differences.std() / np.sqrt(1000)
    assert found.low == pytest.approx(differences.mean() - half, abs=0.005)
    assert found.high == pytest.approx(differences.mean() + half, abs=0.005)


def test_methods_that_fail_on_the_same_videos_are_told_apart_sooner() -> None:
    easy = [True] * 50 + [False] * 50
    better = [True] * 55 + [False] * 45
    shuffled = np.random.default_rng(1).permutation(better).tolist()
    paired, unrelated = (paired_difference([one], [easy]) for one in (better, shuffled))
    assert paired.mean == unrelated.mean == pytest.approx(0.05)
    assert paired.low > 0 > unrelated.low


def test_seeds_are_averaged_for_each_video() -> None:
    half = paired_difference([[True, True], [False, False]], [[False, False]])
    assert half == Difference(0.5, 0.5, 0.5)
    assert paired_difference([[True, False]], [[True, False]]) == Difference(0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("first", "second"),
    [([], [[True]]), ([[True]], []), ([[True, True]], [[True]]), ([[]], [[]])],
)
def test_without_the_same_videos_there_is_no_pair(
    first: list[list[bool]], second: list[list[bool]]
) -> None:
    with pytest.raises(ValueError, match="videos"):
        paired_difference(first, second)
