"""The windows of a table in memory, compared exactly."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from eruv.evaluation.feature_file import Features
from eruv.moments.filters import Condition
from eruv.moments.looks import FACTS

# A table of at most so many windows is held in memory and compared exactly.
MOST_IN_MEMORY = 100_000
ROUNDING = 1e-6  # of sums
PLACES = ("shot", "start", "end", "start_s", "end_s")


class MemoryWindows:
    """All windows of a table as arrays; nothing in it changes, so that threads may share it.

    Args:
        table: with the columns of `VectorTable`.
    """

    def __init__(self, table: pa.Table) -> None:
        ids = table["video_id"].combine_chunks().dictionary_encode()
        if isinstance(ids, pa.ChunkedArray):  # of no row
            ids = pa.array([], pa.string()).dictionary_encode()
        self.ids: list[str] = ids.dictionary.to_pylist()
        self.numbers = {video_id: number for number, video_id in enumerate(self.ids)}
        self.videos: NDArray[np.int64] = ids.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        self.facts = {name: table[name].to_numpy() for name in (*PLACES, *FACTS)}
        self.vectors = {name: matrix_of(table[name]) for name in ("vector", "look")}

    def __len__(self) -> int:
        return len(self.videos)

    def nearest(
        self,
        vectors_QF: Features,
        count: int,
        condition: Condition,
        column: str = "vector",
        least: float = -1.0,
    ) -> list[dict[str, Any]]:
        """The windows most like any of some vectors; see `VectorTable.nearest`."""
        cosines = (self.vectors[column] @ vectors_QF.T).max(axis=1)
        chosen = np.flatnonzero(self.mask(condition) & (cosines >= least - ROUNDING))
        of_chosen = cosines[chosen]
        if count < len(chosen):  # and all that are as near as the last of them
            best = of_chosen >= -np.partition(-of_chosen, count - 1)[count - 1]
            chosen, of_chosen = chosen[best], of_chosen[best]
        # Equal ones in the order of the table, as always.
        order = np.lexsort((chosen, -of_chosen))[:count]
        return [
            self.row(int(chosen[place])) | {"similarity": float(of_chosen[place])}
            for place in order
        ]

    def of_video(
        self, video_id: str, from_s: float | None = None, to_s: float | None = None
    ) -> list[dict[str, Any]]:
        """The windows of a video, in order of time; see `VectorTable.of_video`."""
        chosen = self.videos == self.numbers.get(video_id, -1)
        if from_s is not None:
            chosen &= self.facts["end_s"] > from_s
        if to_s is not None:
            chosen &= self.facts["start_s"] < to_s
        return self._in_order(chosen)

    def around(self, rows: Sequence[dict[str, Any]], reach_s: float) -> list[list[dict[str, Any]]]:
        """The windows around each of some; see `VectorTable.around`."""
        return [
            self._in_order(
                (self.videos == self.numbers[row["video_id"]])
                & (self.facts["shot"] == row["shot"])
                & (np.abs(self.facts["start_s"] - row["start_s"]) <= reach_s)
            )
            for row in rows
        ]

    def _in_order(self, chosen: NDArray[np.bool_]) -> list[dict[str, Any]]:
        places = np.flatnonzero(chosen)
        return [self.row(int(place)) for place in places[np.argsort(self.facts["start"][places])]]

    def row(self, place: int) -> dict[str, Any]:
        """A row, as the table has it."""
        facts = {name: values[place].item() for name, values in self.facts.items()}
        vectors = {name: values[place] for name, values in self.vectors.items()}
        return {"video_id": self.ids[self.videos[place]], **facts, **vectors}

    def mask(self, condition: Condition) -> NDArray[np.bool_]:
        """Which windows satisfy a condition (N,)."""
        found = np.ones(len(self), np.bool_)
        if condition.without_video:
            found &= self.videos != self.numbers.get(condition.without_video, -1)
        own, shots = condition.without_shots
        if own:
            of_query = self.videos == self.numbers.get(own, -1)
            found &= ~(of_query & np.isin(self.facts["shot"], shots))
        if condition.videos is not None:
            numbers = [self.numbers[one] for one in condition.videos if one in self.numbers]
            found &= np.isin(self.videos, numbers)
        if condition.from_s is not None:
            found &= self.facts["start_s"] >= condition.from_s
        if condition.to_s is not None:
            found &= self.facts["end_s"] <= condition.to_s
        return found


def rows_of(table: pa.Table, vectors: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a table; its columns of vectors as arrays."""
    matrices = {name: matrix_of(table[name]) for name in vectors}
    return [
        row | {name: values[place] for name, values in matrices.items()}
        for place, row in enumerate(table.drop_columns(list(vectors)).to_pylist())
    ]


def matrix_of(column: pa.ChunkedArray) -> Features:
    """A column of lists of one length as (N, F)."""
    length = column.type.list_size
    if not len(column):
        return np.empty((0, length), np.float32)
    values = column.combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return np.asarray(values, np.float32).reshape(-1, length)
