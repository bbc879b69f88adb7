"""Moments are made of windows by rules that know nothing of how many are asked for."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from eruv.moments.filters import Condition
from eruv.moments.memory import MemoryWindows
from eruv.moments.merging import Moment
from eruv.moments.query import Query
from eruv.moments.ranking import SIMILARITY_MARGIN, nearest_moments, ranked

GAP_S = 0.5
NAMES = {video: [Path(f"/films/{video}.mp4")] for video in "ab"}


def directions(turns: Sequence[float]) -> NDArray[np.float32]:
    return np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)


def windows_of(turns: Sequence[int], looks: Sequence[int]) -> MemoryWindows:
    """Ten windows a shot, two shots a video, a second apart; 0.4 s follow the sixth of each."""
    rows: list[dict[str, Any]] = []
    for number in range(len(turns)):
        within = number % 20
        start = 25 * within + 10 * (within % 10 > 5)
        rows.append(
            {
                "video_id": "ab"[number // 20],
                "shot": within // 10,
                "start": start,
                "end": start + 16,
            }
            | {"start_s": start / 25, "end_s": (start + 16) / 25}
            | {"light": 0.5, "spread": 0.5, "motion": 0.5}
        )
    table = pa.Table.from_pylist(rows)
    for name, vectors in (
        ("vector", directions(np.array(turns) / 10)),
        ("look", directions(np.array(looks) / 2)),
    ):
        column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), 2)
        table = table.append_column(name, column)
    return MemoryWindows(table)


def moments(windows: MemoryWindows, count: int, k: int, **more: Any) -> list[Moment]:
    query = Query(directions([0.0]), directions([0.0]))
    more = {"duplicates": False, "condition": Condition()} | more
    condition = more.pop("condition")
    return nearest_moments(windows, query, condition, NAMES, count=count, k=k, gap_s=GAP_S, **more)


# Neighbours are often alike, and many windows equally near.
turns = st.lists(st.integers(0, 9), min_size=1, max_size=40)


@given(
    turns=turns,
    look=st.lists(st.integers(0, 3), min_size=40, max_size=40),
    sizes=st.tuples(*[st.integers(1, 40)] * 4),
    duplicates=st.booleans(),
    shortest_s=st.sampled_from([0.0, 1.0]),
    from_s=st.sampled_from([None, 2.5]),
)
def test_the_first_moments_are_the_same_however_many_are_asked_for(
    turns: list[int],
    look: list[int],
    sizes: tuple[int, int, int, int],
    duplicates: bool,
    shortest_s: float,
    from_s: float | None,
) -> None:
    windows = windows_of(turns, look[: len(turns)])
    (fewer, more), (k, larger) = sorted(sizes[:2]), sorted(sizes[2:])
    asked = {
        "duplicates": duplicates,
        "condition": Condition(from_s=from_s),
        "accept": lambda one: one.end_s - one.start_s >= shortest_s,
    }
    few, many = moments(windows, fewer, k, **asked), moments(windows, more, larger, **asked)
    assert len(few) <= len(many)
    for one, other in zip(few, many, strict=False):
        assert replace(one, duplicates=()) == replace(other, duplicates=())
        assert one.duplicates == other.duplicates[: len(one.duplicates)]


@given(turns=turns)
def test_a_moment_is_all_that_touches_its_best_window_and_is_hardly_less_similar(
    turns: list[int],
) -> None:
    windows = windows_of(turns, [5] * len(turns))  # of other footage
    found = moments(windows, len(turns), len(turns), duplicates=True)
    similar = np.cos(np.array(turns) / 10)
    order = [one.similarity for one in found]
    assert order == sorted(order, reverse=True)
    for rank, one in enumerate(found):
        inside, others = [], []
        for place in range(len(turns)):
            row = windows.row(place)
            if (row["video_id"], row["shot"]) == (one.video_id, one.shot):
                within = one.start_s <= row["start_s"] < row["end_s"] <= one.end_s
                (inside if within else others).append((row, float(similar[place])))
        assert all(one.similarity - value <= SIMILARITY_MARGIN + 1e-6 for _, value in inside)
        assert max(value for _, value in inside) == pytest.approx(one.similarity, abs=1e-6)
        for row, value in others:  # what was left beside it is less similar, or a better moment's
            beside = row["start_s"] <= one.end_s + GAP_S and one.start_s <= row["end_s"] + GAP_S
            better = any(
                (two.video_id, two.shot) == (one.video_id, one.shot)
                and row["start_s"] <= two.end_s + GAP_S
                and two.start_s <= row["end_s"] + GAP_S
                for two in found[:rank]
            )
            assert not beside or better or one.similarity - value > SIMILARITY_MARGIN - 1e-6


def test_same_footage_stands_before_what_is_alike() -> None:
    vectors = np.eye(2, dtype=np.float32)[:1]
    row = {"video_id": "a", "vector": [0.5, 0.8]}
    same = [row | {"start": 1, "similarity": 0.99}, row | {"start": 2, "similarity": 0.5}]
    alike = [row | {"start": 3, "similarity": 0.9}, row | {"start": 1, "similarity": 0.5}]
    found = ranked(same, alike, vectors)
    assert [(one["start"], one["same_footage"]) for one in found] == [(1, True), (3, False)]
    assert found[0]["similarity"] == pytest.approx(0.5)


def test_what_looks_the_same_is_grouped_under_the_best() -> None:
    windows = windows_of([0] * 10 + [2] * 10 + [1] * 10, [2] * 10 + [4] * 10 + [2] * 10)
    found = moments(windows, 30, 30)
    assert [(one.video_id, one.shot) for one in found] == [("a", 0), ("a", 1)]
    others = [(one.video_id, one.start) for one in found[0].duplicates]
    assert others == [("a", 160), ("b", 0), ("b", 160)]  # each shot has a gap in its middle
    assert len(moments(windows, 30, 30, duplicates=True)) == 6


def test_a_window_that_is_not_among_the_nearest_belongs_to_the_moment_as_well() -> None:
    windows = windows_of([0, 0, 0, 9, 9], [5] * 5)
    (one,) = moments(windows, 1, 5)
    assert (one.start, one.end) == (0, 66)
