"""Which queries are shown: the best, the worst, some at random, of as many classes as there are."""

import numpy as np
import pytest

from eruv.evaluation.features import Level
from eruv.evaluation.neighbours import Neighbours
from eruv.evaluation.retrieval import MeasuredRetrieval
from eruv.reports.neighbour_choice import chosen_groups, rank_of_first_match


def measured(right: np.ndarray, level: Level = "video") -> MeasuredRetrieval:
    """Similarity falls from query to query, and from neighbour to neighbour."""
    queries, k = right.shape
    similarity = 1 - np.arange(queries * k, dtype=np.float32).reshape(queries, k) / 10_000
    positions = np.zeros((queries, k), np.int64)
    return MeasuredRetrieval(level, Neighbours(positions, similarity), right, {}, {}, {}, 8)


def rows(*numbers: list[int], queries: int = 40, k: int = 50) -> np.ndarray:
    """Right neighbours of the first queries; those of the others are number 20."""
    found = np.zeros((queries, k), bool)
    found[:, 20] = True
    for query, right in enumerate(numbers):
        found[query] = False
        found[query, right] = True
    return found


def test_best_have_most_right_ones_and_worst_the_last_first_one() -> None:
    right = rows([0, 1, 2], [], [0, 1, 2, 3, 4], [49], [4], [1, 7], [])
    labels = [f"class {number}" for number in range(40)]
    best, worst, random = chosen_groups(measured(right), labels, seed=0, count=3)
    assert best.queries == [2, 0, 4]
    assert worst.queries == [1, 6, 3]
    assert len(set(random.queries)) == 3
    assert rank_of_first_match(measured(right))[:7].tolist() == [0, 50, 0, 49, 4, 1, 50]
    again = [chosen_groups(measured(right), labels, seed, 3)[2].queries for seed in range(9)]
    assert again[0] == random.queries
    assert len({tuple(one) for one in again}) > 1


def test_each_class_comes_once_before_any_comes_twice() -> None:
    right = rows(*([[0, 1, 2, 3, 4]] * 40))
    labels = ["a"] * 30 + ["b"] * 5 + ["c"] * 5
    best, _, _ = chosen_groups(measured(right), labels, seed=0, count=5)
    assert best.queries == [0, 30, 35, 1, 31]


def test_of_a_video_one_clip_is_shown() -> None:
    right = rows(*([[0]] * 40))
    best, _, _ = chosen_groups(measured(right, "clip"), ["a"] * 40, seed=0, count=3)
    assert best.queries == [0, 10, 20]


def test_a_group_holds_only_what_its_name_says() -> None:
    best, worst, _ = chosen_groups(measured(rows(*([[9]] * 40))), ["a"] * 40, seed=0, count=3)
    assert best.queries == []
    assert len(worst.queries) == 3
    best, worst, _ = chosen_groups(measured(rows(*([[0]] * 40))), ["a"] * 40, seed=0, count=3)
    assert len(best.queries) == 3
    assert worst.queries == []


@pytest.mark.parametrize("queries", [1, 9])
def test_few_queries_are_all_shown(queries: int) -> None:
    (group,) = chosen_groups(measured(rows(queries=queries)), ["a"] * queries, seed=0, count=3)
    assert group.queries == list(range(queries))
