"""Nearest windows become moments, the same footage first."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from eruv.evaluation.feature_file import Features
from eruv.moments.filters import Condition
from eruv.moments.merging import Moment, fold, merge, moment_of
from eruv.moments.query import Query

# Of similarity, within which windows that touch belong to one moment.
HARDLY_LESS = 0.02
# Cosine of looks from which on two windows show the same footage.
SAME_LOOK = 0.98


class Windows(Protocol):
    """All windows of a table."""

    def __len__(self) -> int: ...

    def nearest(
        self,
        vectors_QF: Features,
        count: int,
        condition: Condition,
        column: str = "vector",
        least: float = -1.0,
    ) -> list[dict[str, Any]]:
        """Those most like any of some vectors, best first, with `similarity` from `least` on."""

    def of_video(self, video_id: str) -> list[dict[str, Any]]:
        """Those of a video, in order of time."""


def nearest_moments(
    windows: Windows,
    query: Query,
    condition: Condition,
    names: Mapping[str, Sequence[Path]],
    *,
    count: int,
    gap_s: float,
    duplicates: bool,
) -> list[Moment]:
    """The moments that the nearest windows of a query make.

    Args:
        windows: that are searched.
        query: what is looked for.
        condition: which windows count.
        names: of the files of each video that may be found, by id; the first names it.
        count: windows that are looked at.
        gap_s: between windows that touch.
        duplicates: list moments that look nearly the same one by one.
    """
    same = []
    if len(query.looks):
        same = windows.nearest(query.looks, count, condition, "look", SAME_LOOK)
    alike = windows.nearest(query.vectors_QF, count, condition)
    found = [row for row in ranked(same, alike, query.vectors_QF) if row["video_id"] in names]
    shown = (moment_of(row, str(names[row["video_id"]][0])) for row in found)
    moments = merge(shown, gap_s, HARDLY_LESS)
    if not moments or duplicates:
        return moments
    looks = {(row["video_id"], row["start_s"]): row["look"] for row in found}
    best = np.array([looks[one.video_id, one.best_s] for one in moments], np.float32)
    return fold(moments, best, SAME_LOOK)


def ranked(
    same: Sequence[dict[str, Any]], alike: Sequence[dict[str, Any]], vectors_QF: Features
) -> list[dict[str, Any]]:
    """Windows of the same footage first, then those that are alike, by the encoder's cosine.

    Args:
        same: rows with their cosine of looks as `similarity`; those below `SAME_LOOK` are dropped.
        alike: rows with the encoder's cosine.
        vectors_QF: of the query.
    """
    first = []
    for row in same:
        if row["similarity"] >= SAME_LOOK:
            cosine = float((vectors_QF @ np.array(row["vector"], np.float32)).max())
            first.append(row | {"similarity": cosine, "same_footage": True})
    first.sort(key=lambda row: -row["similarity"])
    known = {(row["video_id"], row["start"]) for row in first}
    rest = [
        row | {"same_footage": False}
        for row in alike
        if (row["video_id"], row["start"]) not in known
    ]
    return [*first, *rest]
