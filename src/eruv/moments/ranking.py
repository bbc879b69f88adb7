"""Nearest windows become moments, the same footage first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from eruv.evaluation.feature_file import Features
from eruv.moments.filters import Condition
from eruv.moments.merging import Moment, grown, moment_of
from eruv.moments.query import Query
from eruv.moments.vectors import INDEX_ROUNDING

# Windows that touch belong to one moment if their similarity differs by no more.
SIMILARITY_MARGIN = 0.02
# Cosine of looks from which on a window shows the query's footage, in whatever encoding.
SAME_FOOTAGE = 0.97
# Cosine of looks from which on two moments of the library look nearly the same.
SAME_LOOK = 0.98
# Windows of the same footage that stand first; a number of moments must not change it.
MOST_SAME = 256
# Seconds from the best window of a moment to the farthest that it has.
REACH_S = 60.0
# Windows whose surroundings are read together.
READ_TOGETHER = 32

Row = dict[str, Any]
Shot = tuple[str, int]


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
    ) -> list[Row]:
        """Those most like any of some vectors, best first, with `similarity` from `least` on."""

    def of_video(
        self, video_id: str, from_s: float | None = None, to_s: float | None = None
    ) -> list[Row]:
        """Those of a video, in order of time; only those that meet a stretch of it, if given."""

    def around(self, rows: Sequence[Row], reach_s: float) -> list[list[Row]]:
        """For each of some windows those of its shot that begin near it, in order of time."""


def nearest_moments(
    windows: Windows,
    query: Query,
    condition: Condition,
    names: Mapping[str, Sequence[Path]],
    *,
    count: int,
    k: int,
    gap_s: float,
    duplicates: bool,
    accept: Callable[[Moment], bool] = lambda moment: True,
) -> list[Moment]:
    """The moments that the nearest windows of a query make, best first.

    Each window, from the nearest on, that touches no moment yet makes one: with the windows around
    it that are hardly less similar, whether they are among the nearest or not. So a moment is the
    same whatever `count` and `k` are.

    Args:
        windows: that are searched.
        query: what is looked for.
        condition: which windows count.
        names: of the files of each video that may be found, by id; the first names it.
        count: windows that are looked at.
        k: moments at most.
        gap_s: between windows that touch.
        duplicates: list moments that look nearly the same one by one; else they stand under the
            best of them, as far as they are looked at.
        accept: which moments count.
    """
    same: list[Row] = []
    if len(query.looks):
        same = windows.nearest(query.looks, MOST_SAME, condition, "look", SAME_FOOTAGE)
    alike = windows.nearest(query.vectors_QF, count, condition)
    found = [row for row in ranked(same, alike, query.vectors_QF) if row["video_id"] in names]
    kept: list[_Kept] = []
    floor = alike[-1]["similarity"] if 0 < count <= len(alike) else -np.inf
    all_same = len(same) < MOST_SAME
    surroundings = _Surroundings(windows, query, condition, found, floor, all_same)
    for moment, look in _grown(found, surroundings, names, gap_s):
        if not accept(moment):
            continue
        twin = None if duplicates else next((one for one in kept if one.looks_like(look)), None)
        if twin is not None:
            twin.duplicates.append(moment)
        elif len(kept) == k:
            break
        else:
            kept.append(_Kept(moment, look))
    return [replace(one.moment, duplicates=tuple(one.duplicates)) for one in kept]


def _grown(
    found: Sequence[Row],
    surroundings: "_Surroundings",
    names: Mapping[str, Sequence[Path]],
    gap_s: float,
) -> Iterator[tuple[Moment, Features]]:
    """Moments with the looks of their best windows, as the windows found make them."""
    shots: dict[Shot, list[Moment]] = {}
    for place, row in enumerate(found):
        path = str(names[row["video_id"]][0])
        earlier = shots.setdefault(_shot(row), [])
        if any(moment_of(row, path).touches(one, gap_s) for one in earlier):
            continue
        around = surroundings.of(place)
        best = next(one for one in around if one["start"] == row["start"])
        # The cosine that it was found by: that of other sums differs in its last bits.
        first = moment_of(best | {"similarity": row["similarity"]}, path)
        beside = [moment_of(one, path) for one in around]
        moment = grown(first, beside, earlier, gap_s, SIMILARITY_MARGIN)
        earlier.append(moment)
        yield moment, best["look"]


@dataclass(frozen=True)
class _Kept:
    moment: Moment
    look: Features
    duplicates: list[Moment] = field(default_factory=list)

    def looks_like(self, look: Features) -> bool:
        return bool(self.look @ look >= SAME_LOOK)


@dataclass
class _Surroundings:
    """The windows around each one found: read only where a moment may have some not found.

    Attributes:
        floor: similarity from which on all windows are found.
        all_same: whether all windows of the same footage are found.
    """

    windows: Windows
    query: Query
    condition: Condition
    found: Sequence[Row]
    floor: float
    all_same: bool

    def __post_init__(self) -> None:
        self.read: dict[Shot, list[tuple[float, list[Row]]]] = {}
        self.listed: dict[Shot, list[Row]] = {}
        for row in self.found:
            self.listed.setdefault(_shot(row), []).append(row)
        for rows in self.listed.values():
            rows.sort(key=lambda row: int(row["start"]))

    def of(self, place: int) -> list[Row]:
        """Those of the window at a place among the found, with similarity and `same_footage`."""
        row = self.found[place]
        rows = self.listed[_shot(row)] if self._are_found(row) else self._known(row)
        if rows is None:
            self._read(place)
            rows = self._known(row)
            assert rows is not None
        return [one for one in rows if abs(one["start_s"] - row["start_s"]) <= REACH_S]

    def _are_found(self, row: Row) -> bool:
        """Whether all that a moment of this window may have is found."""
        if not self.all_same:
            return False
        least: float = row["similarity"] - SIMILARITY_MARGIN - INDEX_ROUNDING
        return row["same_footage"] or least > self.floor

    def _known(self, row: Row) -> list[Row] | None:
        for centre_s, rows in self.read.get(_shot(row), ()):
            if abs(row["start_s"] - centre_s) <= REACH_S:
                return rows
        return None

    def _read(self, place: int) -> None:
        """Read what is around a window and around some that come after it."""
        chosen: dict[Shot, Row] = {}
        for row in self.found[place:]:
            if not self._are_found(row) and self._known(row) is None:
                chosen.setdefault(_shot(row), row)
            if len(chosen) == READ_TOGETHER:
                break
        around = self.windows.around(list(chosen.values()), 2 * REACH_S)
        for (shot, row), rows in zip(chosen.items(), around, strict=True):
            centre = row["start_s"], self._compared(rows)
            self.read.setdefault(shot, []).append(centre)

    def _compared(self, rows: Sequence[Row]) -> list[Row]:
        rows = [row for row in rows if self.condition.within(row["start_s"], row["end_s"])]
        cosines = (np.array([row["vector"] for row in rows]) @ self.query.vectors_QF.T).max(axis=1)
        same = np.zeros(len(rows), np.bool_)
        if len(self.query.looks):
            looks = np.array([row["look"] for row in rows])
            same = (looks @ self.query.looks.T).max(axis=1) >= SAME_FOOTAGE
        return [
            row | {"similarity": float(cosine), "same_footage": bool(one)}
            for row, cosine, one in zip(rows, cosines, same, strict=True)
        ]


def _shot(row: Row) -> Shot:
    return row["video_id"], row["shot"]


def ranked(same: Sequence[Row], alike: Sequence[Row], vectors_QF: Features) -> list[Row]:
    """Windows of the same footage first, by their looks, then those that are alike.

    Args:
        same: rows with their cosine of looks as `similarity`, best first; those below
            `SAME_FOOTAGE` are dropped.
        alike: rows with the encoder's cosine.
        vectors_QF: of the query.
    """
    first = []
    for row in same:
        if row["similarity"] >= SAME_FOOTAGE:
            cosine = float((vectors_QF @ np.array(row["vector"], np.float32)).max())
            first.append(row | {"similarity": cosine, "same_footage": True})
    known = {(row["video_id"], row["start"]) for row in first}
    rest = [
        row | {"same_footage": False}
        for row in alike
        if (row["video_id"], row["start"]) not in known
    ]
    return [*first, *rest]
