"""Cut shots into segments of K frames (III-A)."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class SegmentSettings:
    """Sizes of segments, in frames (IV-A).

    Attributes:
        length: K, of every segment but the last of a shot.
        minimum: length of the shortest last segment (fact 5).
    """

    length: int = 300
    minimum: int = 48

    def __post_init__(self) -> None:
        if not 1 <= self.minimum <= self.length:
            raise ValueError(
                f"segments have 1 <= minimum <= length frames; "
                f"got minimum {self.minimum}, length {self.length}"
            )


@dataclass(frozen=True)
class Segment:
    """Frames [start, end) of the shot with this number."""

    shot: int
    start: int
    end: int


def cut_segments(shots: Iterable[tuple[int, int]], settings: SegmentSettings) -> list[Segment]:
    """Segments of `length` frames; the rest of a shot is one, too, from `minimum` frames on."""
    segments = []
    for shot, (first, last) in enumerate(shots):
        for start in range(first, last, settings.length):
            end = min(start + settings.length, last)
            if end - start >= settings.minimum:
                segments.append(Segment(shot, start, end))
    return segments
