"""Vectors of the moments of a library by one encoder: a table of its catalogue."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa

from eruv.evaluation.feature_file import Features
from eruv.library.catalogue import Library
from eruv.library.rows import ENCODERS, SCHEMAS, VECTORS
from eruv.models.clip_encoder import encoder_digest
from eruv.moments.embedded_by import EmbeddedBy
from eruv.moments.filters import Condition
from eruv.moments.looks import FACTS, LENGTH
from eruv.moments.memory import matrix_of, rows_of
from eruv.moments.vectors import INDEX_ROUNDING, without_near_duplicates
from eruv.utils.atomic import replace_text

# Partitions of an index that are visited; see docs/benchmarks/search_index.md.
PROBES = 20
# Further windows to find where those of the query itself do not count.
OWN_WINDOWS = 128


class VectorTable:
    """Windows of 16 frames with their vectors, of unit length; a video appears whole.

    Args:
        library: that the videos are in.
        made_by: what makes the vectors.
    """

    def __init__(self, library: Library, made_by: EmbeddedBy) -> None:
        self.library, self.made_by = library, made_by
        self.schema = pa.schema(
            [
                *SCHEMAS["segments"],
                ("vector", pa.list_(pa.float32(), made_by.num_features)),
                ("look", pa.list_(pa.float32(), LENGTH)),
                *((name, pa.float32()) for name in FACTS),
            ]
        )
        self.table = library.table(f"{VECTORS}{made_by.key}", self.schema)

    @classmethod
    def of_library(cls, library: Library, run: Path | str | None = None) -> Self:
        """The table of a run's encoder, or the latest one.

        Raises:
            EruvError: if there is none.
        """
        weights = None if run is None else encoder_digest(run)
        return cls(library, EmbeddedBy.choose(library, weights))

    def __len__(self) -> int:
        return int(self.table.count_rows())

    def read_all(self) -> pa.Table:
        """All rows, in memory."""
        return self.table.to_arrow()

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pa.Table]:
        """Some columns, in the order of the rows, in batches of at most `rows`."""
        return self.table.batches(columns, rows)

    def take_rows(self, rows: Sequence[int]) -> pa.Table:
        """Some rows, by their places in the table."""
        return self.table.take_offsets(list(rows)).to_arrow()

    def save_made_by(self) -> None:
        """Write down what the vectors are made with; the latest is what a search takes."""
        path = self.library.folder / ENCODERS / f"{self.made_by.key}.json"
        path.parent.mkdir(exist_ok=True)
        replace_text(path, json.dumps(asdict(self.made_by), indent=2) + "\n")

    def videos(self) -> set[str]:
        """Ids of the videos that have vectors."""
        found = self.table.search().select(["video_id"]).limit(len(self)).to_arrow()
        return set(found["video_id"].unique().to_pylist())

    def add(
        self,
        windows: Sequence[dict[str, Any]],
        vectors_NF: Features,
        looks: Features,
        facts: Features,
    ) -> None:
        """Append windows, of whole videos, with vectors, looks (N, 108) and facts (N, 3)."""
        columns = pa.Table.from_pylist(list(windows), SCHEMAS["segments"]).columns
        lists = [
            pa.FixedSizeListArray.from_arrays(
                pa.array(np.ascontiguousarray(values, np.float32).ravel()), values.shape[1]
            )
            for values in (vectors_NF, looks)
        ]
        numbers = [pa.array(column) for column in np.ascontiguousarray(facts.T, np.float32)]
        self.table.add(pa.Table.from_arrays([*columns, *lists, *numbers], schema=self.schema))

    def remove(self, video_ids: Iterable[str]) -> None:
        """Forget videos; ids are hexadecimal digests, so safe inside a filter."""
        for video_id in video_ids:
            self.table.delete(f"video_id = '{video_id}'")

    def compact(self) -> None:
        """Merge the small files that commits leave."""
        self.table.compact()

    def of_video(
        self, video_id: str, from_s: float | None = None, to_s: float | None = None
    ) -> list[dict[str, Any]]:
        """The windows of a video, in order of time; an id is a digest, so safe in the filter.

        Args:
            video_id: of the video.
            from_s, to_s: only windows that overlap these seconds; None for no bound.
        """
        where = f"video_id = '{video_id}'"
        where += "" if from_s is None else f" AND end_s > {float(from_s)!r}"
        where += "" if to_s is None else f" AND start_s < {float(to_s)!r}"
        found = self.table.search().where(where).limit(len(self)).to_list()
        return sorted(found, key=lambda row: row["start"])

    def around(self, rows: Sequence[dict[str, Any]], reach_s: float) -> list[list[dict[str, Any]]]:
        """For each of some windows those of its shot around it, in order of time.

        Args:
            rows: windows of the table.
            reach_s: seconds from the start of a window to those of the windows around it.
        """
        if not rows:
            return []
        ids = ", ".join(sorted({repr(row["video_id"]) for row in rows}))
        ranges = " OR ".join(
            f"(video_id = '{row['video_id']}' AND shot = {row['shot']} AND "
            f"start_s >= {row['start_s'] - reach_s!r} AND start_s <= {row['start_s'] + reach_s!r})"
            for row in rows
        )
        query = self.table.search().where(f"video_id IN ({ids}) AND ({ranges})").limit(len(self))
        names = SCHEMAS["segments"].names
        found = query.select([*names, "vector", "look"]).to_arrow()
        shots: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for row in rows_of(found, ("vector", "look")):
            shots.setdefault((row["video_id"], row["shot"]), []).append(row)
        for of_shot in shots.values():
            of_shot.sort(key=lambda row: row["start"])
        return [
            [one for one in of_shot if abs(one["start_s"] - row["start_s"]) <= reach_s]
            for row in rows
            for of_shot in [shots[row["video_id"], row["shot"]]]
        ]

    def nearest(
        self,
        vectors_QF: Features,
        count: int,
        condition: Condition,
        column: str = "vector",
        least: float = -1.0,
    ) -> list[dict[str, Any]]:
        """The windows most like any of some vectors; best first.

        With an index they are the nearest of those that it visits; similarities are exact.

        Args:
            vectors_QF: of unit length.
            count: at most so many; fewer where the query's own windows are among them.
            condition: which windows count.
            column: vector, or look.
            least: cosine from which on they count.

        Returns:
            Rows without facts, with `similarity`, the cosine with the vector that fits best.
        """
        rows, whole = self._chosen(vectors_QF, count, condition, column, least, own=False)
        if not whole:  # the query's own took their places
            rows, _ = self._chosen(vectors_QF, count, condition, column, least, own=True)
        if not rows:
            return []
        # Vectors last: reading them takes most of the time. They come in any order.
        reading = self.table.take_row_ids(list(rows)).select(["vector", "look"])
        taken = reading.with_row_id().to_arrow()
        vectors = {name: matrix_of(taken[name]) for name in ("vector", "look")}
        cosines = (vectors[column] @ vectors_QF.T).max(axis=1)
        plain = [rows[number] for number in taken["_rowid"].to_pylist()]
        return [
            plain[place]
            | {name: values[place] for name, values in vectors.items()}
            | {"similarity": float(cosines[place])}
            for place in np.argsort(-cosines, kind="stable")
            if cosines[place] >= least
        ]

    def _chosen(
        self,
        vectors_QF: Features,
        count: int,
        condition: Condition,
        column: str,
        least: float,
        own: bool,
    ) -> tuple[dict[int, dict[str, Any]], bool]:
        """Rows without vectors by their numbers, best first, and whether none is left out."""
        most = count + (OWN_WINDOWS if condition.leaves_some_out and not own else 0)
        sought = list(vectors_QF) if least > -1 else without_near_duplicates(vectors_QF)
        query = self.table.search(sought, vector_column_name=column)
        query = query.distance_type("cosine").limit(most).with_row_id(True)
        farthest = 1 - least + INDEX_ROUNDING if least > -1 else np.inf
        if least > -1:
            # By the index a distance is the square of a chord: twice as large, until refined.
            query = query.refine_factor(1).distance_range(upper_bound=2 * farthest)
        if where := condition.sql(own):
            # As many parts of the index as it takes: what fits may lie far from the query.
            query = query.where(where, prefilter=True)
            query = query.minimum_nprobes(PROBES).maximum_nprobes(0)
        else:
            query = query.nprobes(PROBES)
        found = query.select([*SCHEMAS["segments"].names, "_distance"]).to_arrow()
        chosen = found.sort_by("_distance")
        names = [*SCHEMAS["segments"].names, "_distance", "_rowid"]
        rows: dict[int, dict[str, Any]] = {}
        seen: set[int] = set()
        for row in chosen.select(names).to_pylist():
            if row.pop("_distance") > farthest or len(seen) == most or len(rows) == count:
                break
            number = row.pop("_rowid")
            seen.add(number)
            if not condition.leaves_out(row["video_id"], row["shot"]):
                rows.setdefault(number, row)
        return rows, len(rows) == count or len(seen) < most
