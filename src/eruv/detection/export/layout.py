"""A film laid out as a timeline: shots, transitions and what is neither, each within one file."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eruv.detection.detect import ShotList
from eruv.detection.export.rows import ShotRow, shot_rows


@dataclass(frozen=True)
class Item:
    """Frames [start, end) of a film, one after another in it.

    Attributes:
        start, end: counted over the whole film.
        file: which of the film's files they are in.
        file_start: the first frame of that file.
        shot: that they are of; None for others.
        is_transition: whether they are of a gradual transition.
        begins: whether a shot or transition begins here, and not in the file before.
    """

    start: int
    end: int
    file: Path
    file_start: int
    shot: ShotRow | None = None
    is_transition: bool = False
    begins: bool = True

    @property
    def title(self) -> str:
        if self.shot is not None:
            return f"shot {self.shot.shot}"
        return "gradual transition" if self.is_transition else "no shot"


def layout(shots: ShotList) -> list[Item]:
    """Items that together are the film from its first frame to the last that was looked at."""
    spans: list[tuple[int, int, ShotRow | None]] = [
        (row.start, row.end, row) for row in shot_rows(shots)
    ]
    spans += [(one.start, one.end, None) for one in shots.transitions if one.kind == "gradual"]
    spans.sort(key=lambda span: span[:2])
    items: list[Item] = []
    reached = 0
    for start, end, row in [*spans, (shots.num_frames, shots.num_frames, None)]:
        items += _within_files(shots, reached, start, None, False)
        items += _within_files(shots, start, end, row, row is None)
        reached = max(reached, end)
    return items


def file_ranges(shots: ShotList) -> list[tuple[Path, int, int]]:
    """The files of a film, each with its first and end frame."""
    if not shots.joined:
        return [(shots.path, 0, shots.num_frames)]
    ends = [*(one.first for one in shots.joined[1:]), shots.num_frames]
    return [(one.path, one.first, end) for one, end in zip(shots.joined, ends, strict=True)]


def _within_files(
    shots: ShotList, start: int, end: int, row: ShotRow | None, is_transition: bool
) -> Iterator[Item]:
    """Items of one file each, for frames [start, end)."""
    ranges = file_ranges(shots)
    firsts = [first for _, first, _ in ranges]
    at = start
    while at < end:
        file, first, file_end = ranges[bisect_right(firsts, at) - 1]
        until = min(end, file_end)
        yield Item(at, until, file, first, row, is_transition, at == start)
        at = until
