"""A film laid out as a timeline: shots, transitions and what is neither, each within one file."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.detection.detect import ShotList
from eruv.detection.detectors.base import Transition
from eruv.detection.export.rows import ShotRow, shot_rows


@dataclass(frozen=True)
class Item:
    """Frames [start, end) of a film, one after another in it.

    Attributes:
        start, end: counted over the whole film.
        file: which of the film's files they are in.
        file_start: the first frame of that file.
        shot: that they are of; None for others.
        transition: the gradual transition that they are of; None for others.
        begins: whether a shot or transition begins here, and not in the file before.
    """

    start: int
    end: int
    file: Path
    file_start: int
    shot: ShotRow | None = None
    transition: Transition | None = None
    begins: bool = True

    @property
    def title(self) -> str:
        if self.shot is not None:
            return f"shot {self.shot.shot}"
        return "no shot" if self.transition is None else self.transition.kind


def layout(shots: ShotList) -> list[Item]:
    """Items that together are the film from its first frame to the last that was analysed."""
    spans: list[ShotRow | Transition] = [*shot_rows(shots)]
    spans += [one for one in shots.transitions if one.is_gradual]
    spans.sort(key=lambda span: (span.start, span.end))
    items: list[Item] = []
    reached = 0
    for span in spans:
        items += _within_files(shots, reached, span.start, None)
        items += _within_files(shots, span.start, span.end, span)
        reached = max(reached, span.end)
    items += _within_files(shots, reached, shots.num_frames, None)
    return items


def between_shots(items: Sequence[Item]) -> Iterator[tuple[Item, bool]]:
    """Each item, and whether it is a whole transition between two shots, all in one file."""
    for at, item in enumerate(items):
        around = items[max(0, at - 1) : at + 2]
        yield (
            item,
            (
                item.transition is not None
                and (item.start, item.end) == (item.transition.start, item.transition.end)
                and len(around) == 3
                and all(one.shot is not None for one in (around[0], around[2]))
                and len({one.file_start for one in around}) == 1
            ),
        )


def file_ranges(shots: ShotList) -> list[tuple[Path, int, int]]:
    """The files of a film, each with its first and end frame."""
    if not shots.joined:
        return [(shots.path, 0, shots.num_frames)]
    ends = [*(one.first for one in shots.joined[1:]), shots.num_frames]
    return [(one.path, one.first, end) for one, end in zip(shots.joined, ends, strict=True)]


def _within_files(
    shots: ShotList, start: int, end: int, of: ShotRow | Transition | None
) -> Iterator[Item]:
    """Items of one file each, for frames [start, end)."""
    ranges = file_ranges(shots)
    firsts = [first for _, first, _ in ranges]
    row = of if isinstance(of, ShotRow) else None
    transition = of if isinstance(of, Transition) else None
    at = start
    while at < end:
        file, first, file_end = ranges[bisect_right(firsts, at) - 1]
        until = min(end, file_end)
        yield Item(at, until, file, first, row, transition, at == start)
        at = until
