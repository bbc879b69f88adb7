"""A sample of the windows of a table, to look at a library as a whole."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from eruv.evaluation.feature_file import Features
from eruv.moments.looks import FACTS
from eruv.moments.memory import PLACES, matrix_of
from eruv.moments.merging import Moment
from eruv.moments.table import VectorTable


class WindowSample:
    """Windows as arrays, in the order of videos and time.

    Args:
        rows: of a table of vectors.
        names: of the files of each video, by id; windows of others are left out.

    Attributes:
        video_ids: of each window.
        vectors_NF, looks: of the windows, of unit length.
        places: shot, start, end, start_s and end_s (N,), by name.
        facts: light, spread and motion (N,), by name; see `eruv.moments.looks`.
        shots: a number for each window, the same for windows of one shot.
    """

    def __init__(self, rows: pa.Table, names: Mapping[str, Sequence[Path]]) -> None:
        rows = rows.sort_by([("video_id", "ascending"), ("start", "ascending")])
        known = pa.array([one in names for one in rows["video_id"].to_pylist()], pa.bool_())
        rows = rows.filter(known)
        self.video_ids: list[str] = rows["video_id"].to_pylist()
        self.vectors_NF: Features = matrix_of(rows["vector"])
        self.looks: Features = matrix_of(rows["look"])
        self.places: dict[str, NDArray[Any]] = {one: rows[one].to_numpy() for one in PLACES}
        self.facts: dict[str, NDArray[np.float32]] = {one: rows[one].to_numpy() for one in FACTS}
        _, videos = np.unique(np.array(self.video_ids, object), return_inverse=True)
        _, self.shots = np.unique(
            np.stack([videos, self.places["shot"]], axis=1) if len(videos) else np.empty((0, 2)),
            axis=0,
            return_inverse=True,
        )
        self.names = names

    def __len__(self) -> int:
        return len(self.video_ids)

    @classmethod
    def of(
        cls, table: VectorTable, names: Mapping[str, Sequence[Path]], most: int, seed: int
    ) -> "WindowSample":
        """All windows of a table, or so many that are drawn from it, the same every time."""
        total = len(table)
        if total <= most:
            return cls(table.read_all(), names)
        drawn = np.random.default_rng(seed).choice(total, most, replace=False)
        return cls(table.take_rows(np.sort(drawn).tolist()), names)

    def moment(self, window: int, similarity: float = 1.0) -> Moment:
        """A window as a moment."""
        return self.span(window, window, similarity)

    def span(self, first: int, last: int, similarity: float = 1.0) -> Moment:
        """Windows of one shot, from one to another, as a moment."""
        places = {name: self.places[name][first].item() for name in ("shot", "start", "start_s")}
        ends = {name: self.places[name][last].item() for name in ("end", "end_s")}
        video_id = self.video_ids[first]
        return Moment(
            path=str(self.names[video_id][0]),
            video_id=video_id,
            similarity=similarity,
            same_footage=False,
            best_s=places["start_s"],
            **places,
            **ends,
        )
