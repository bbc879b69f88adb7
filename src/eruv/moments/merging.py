"""Windows that were found become moments, each with its neighbours in time."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from eruv.utils.errors import EruvError
from eruv.utils.results import Result


@dataclass(frozen=True)
class Moment(Result):
    """A stretch of a shot.

    Attributes:
        path: of the video's file; its other names are not listed.
        video_id: in the library.
        shot: number of the shot, from 0.
        start, end: frames [start, end).
        start_s, end_s: seconds, by the file's clock.
        similarity: cosine of its best window with the query, by the encoder.
        same_footage: whether it shows what the query shows, perhaps in another encoding.
        best_s: where that window begins.
        duplicates: moments that look nearly the same, of which this one is the best.
    """

    path: str
    video_id: str
    shot: int
    start: int
    end: int
    start_s: float
    end_s: float
    similarity: float
    same_footage: bool
    best_s: float
    duplicates: tuple["Moment", ...] = field(default=())

    def touches(self, other: "Moment", gap_s: float) -> bool:
        """Whether another stretch of the same shot overlaps, or follows within `gap_s`."""
        return (
            (self.video_id, self.shot) == (other.video_id, other.shot)
            and self.start_s <= other.end_s + gap_s
            and other.start_s <= self.end_s + gap_s
        )


def moment_of(row: dict[str, Any], path: str) -> Moment:
    """A window of a table of vectors."""
    names = ("video_id", "shot", "start", "end", "start_s", "end_s", "similarity", "same_footage")
    return Moment(path=path, best_s=row["start_s"], **{name: row[name] for name in names})


def moment_of_seconds(row: dict[str, Any], path: str, start_s: float, end_s: float) -> Moment:
    """Seconds of a video as a moment, see `Searcher.moment`.

    Args:
        row: of the video, in the catalogue.
        path: of its file.
        start_s, end_s: by the file's clock.

    Raises:
        EruvError: if the seconds are out of order or beyond the video.
    """
    if not row["start_s"] - 1 < end_s or not start_s < min(end_s, row["end_s"]):
        raise EruvError(
            f"a moment must lie within its video, from {row['start_s']:.3f} to {row['end_s']:.3f} "
            f"s; got {start_s} to {end_s}"
        )
    middle = (start_s + min(end_s, row["end_s"])) / 2
    spans = row["shots_s"]
    shot = max(0, int(np.searchsorted([first for first, _ in spans], middle, side="right")) - 1)
    (first, last), (first_s, last_s) = row["shots"][shot], spans[shot]
    frame_s = (last_s - first_s) / max(1, last - first)
    start, end = (
        first + int(np.clip(round((seconds - first_s) / frame_s), 0, last - first))
        for seconds in (start_s, end_s)
    )
    start = min(start, last - 1)
    end = max(end, start + 1)
    times = (first_s + (start - first) * frame_s, first_s + (end - first) * frame_s)
    return Moment(
        path, row["video_id"], shot, start, end, *times, similarity=1.0, same_footage=True,
        best_s=times[0],
    )  # fmt: skip


def grown(
    best: Moment,
    around: Sequence[Moment],
    earlier: Sequence[Moment],
    gap_s: float,
    margin: float,
) -> Moment:
    """A moment: its best window, and those before and after it that are hardly less similar.

    Args:
        best: window.
        around: windows of its shot in order of time, among them `best`; those that are less
            similar may be missing.
        earlier: better moments of the shot; windows that touch them are theirs.
        gap_s: between windows that touch.
        margin: of similarity to the best window.
    """
    moment = best
    place = [one.start for one in around].index(best.start)
    for beside in (around[place + 1 :], around[:place][::-1]):
        for window in beside:
            if not window.touches(moment, gap_s):
                break
            if (
                window.same_footage != best.same_footage
                or best.similarity - window.similarity > margin
                or any(window.touches(one, gap_s) for one in earlier)
            ):
                continue
            moment = replace(
                moment,
                start=min(moment.start, window.start),
                end=max(moment.end, window.end),
                start_s=min(moment.start_s, window.start_s),
                end_s=max(moment.end_s, window.end_s),
            )
    return moment
