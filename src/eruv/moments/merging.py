"""Windows that were found become moments: neighbours in time merged, near-duplicates folded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from eruv.evaluation.feature_file import Features
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
        duplicates: moments that are nearly the same, which were folded into this one.
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

    def merged(self, other: "Moment") -> "Moment":
        """Both as one stretch, as similar as the better one."""
        better = max(self, other, key=lambda one: (one.same_footage, one.similarity))
        return replace(
            better,
            start=min(self.start, other.start),
            end=max(self.end, other.end),
            start_s=min(self.start_s, other.start_s),
            end_s=max(self.end_s, other.end_s),
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
            f"a moment lies within its video, from {row['start_s']:.3f} to {row['end_s']:.3f} s; "
            f"got {start_s} to {end_s}"
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


def merge(found: Iterable[Moment], gap_s: float, margin: float) -> list[Moment]:
    """Windows, the best first, become moments; same footage first, then by similarity.

    A moment is its best window, and those of the same shot that touch it and are hardly less
    similar. A window that touches a moment and is less similar is no moment of its own.

    Args:
        found: windows, those of the same footage first, then by similarity.
        gap_s: between windows that touch.
        margin: of similarity to the moment's best window.
    """
    # Of each shot, with the place of the window that was taken in last: ties stay in order.
    shots: dict[tuple[str, int], list[tuple[int, Moment]]] = {}
    for place, window in enumerate(found):
        merged = shots.setdefault((window.video_id, window.shot), [])
        touching = [one for one in merged if one[1].touches(window, gap_s)]
        near = [
            one
            for one in touching
            if one[1].similarity - window.similarity <= margin
            and one[1].same_footage == window.same_footage
        ]
        if touching and not near:
            continue
        for one in near:
            merged.remove(one)
            window = one[1].merged(window)
        merged.append((place, window))
    moments = [one for merged in shots.values() for one in merged]
    moments.sort(key=lambda one: (not one[1].same_footage, -one[1].similarity, one[0]))
    return [moment for _, moment in moments]


def fold(moments: Sequence[Moment], vectors_NF: Features, least: float) -> list[Moment]:
    """Moments that look nearly the same stand under the best of them, as its duplicates.

    Args:
        moments: N of them, best first.
        vectors_NF: of their best windows, of unit length.
        least: cosine of two moments from which on they are nearly the same.
    """
    same = vectors_NF @ vectors_NF.T >= least
    kept: dict[int, list[Moment]] = {}
    for number, moment in enumerate(moments):
        firsts = list(kept)
        alike = np.flatnonzero(same[number, firsts])
        if len(alike):
            kept[firsts[alike[0]]].append(moment)
        else:
            kept[number] = []
    return [replace(moments[number], duplicates=tuple(others)) for number, others in kept.items()]
