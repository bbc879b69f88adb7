"""Choose the queries that the retrieval page shows: best, worst and random ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eruv.evaluation.retrieval import MeasuredRetrieval

SHOWN_NEIGHBOURS = 5
QUERIES_IN_GROUP = 6


@dataclass(frozen=True)
class Group:
    """A group of queries on the page: title, explanation and numbers."""

    title: str
    explanation: str
    queries: list[int]


def chosen_groups(
    measured: MeasuredRetrieval, labels: Sequence[str], seed: int, count: int = QUERIES_IN_GROUP
) -> list[Group]:
    """Groups of queries; all of them in one group where they are few.

    The best have most right ones among the five nearest, the worst have their first right one
    furthest away; ties go to the most similar nearest neighbour. Both cover as many classes as
    they can. The random ones are drawn from all queries.

    Args:
        measured: what retrieval found.
        labels: of the queries.
        seed: of the random ones.
        count: of queries in each group.
    """
    total = len(labels)
    if total <= 3 * count:
        return [Group("All queries", "In the order of the data set.", list(range(total)))]
    right, similarity = measured.right, measured.neighbours.similarity[:, 0]
    score = right[:, :SHOWN_NEIGHBOURS].sum(axis=1)
    first = rank_of_first_match(measured)
    best = np.lexsort((-similarity, -score))
    worst = np.lexsort((-similarity, -first))
    random = np.random.default_rng(seed).choice(total, count, replace=False)
    spread = [_spread(order.tolist(), measured, labels, count) for order in (best, worst)]
    return [
        Group("Best", "Most of the nearest are right.", [n for n in spread[0] if score[n]]),
        Group("Worst", "The first right one is furthest away.", [n for n in spread[1] if first[n]]),
        Group("Drawn at random", f"From all queries, with seed {seed}.", sorted(random.tolist())),
    ]


def rank_of_first_match(measured: MeasuredRetrieval) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Rank, from 0, of each query's first right neighbour; the number of neighbours if none is."""
    found = measured.right.any(axis=1)
    return np.where(found, measured.right.argmax(axis=1), measured.right.shape[1])


def _spread(
    order: Sequence[int], measured: MeasuredRetrieval, labels: Sequence[str], count: int
) -> list[int]:
    """The first of an order, one of each class before a second of any, one clip of each video."""
    videos: dict[int, int] = {}
    for query in order:
        videos.setdefault(query // measured.rows_per_video, query)
    rounds: dict[str, int] = {}
    keys = []
    for place, query in enumerate(videos.values()):
        turn = rounds.get(labels[query], 0)
        rounds[labels[query]] = turn + 1
        keys.append((turn, place, query))
    return [query for _, _, query in sorted(keys)[:count]]
