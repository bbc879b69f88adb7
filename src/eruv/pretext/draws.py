"""Uniform draws among segments, for all tasks."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from eruv.pretext.segment_arrays import Integers, Segments, narrow

MOST_DRAWS = 16  # of a segment, on average, until one is allowed
PART = 1_000_000  # segments looked at together when they are counted

# From a first segment up to an end: for each of them, whether it allows something.
Allows = Callable[[int, int], NDArray[np.bool_]]


class SegmentSubset:
    """The segments that allow something, for uniform draws among them.

    They are listed where they are few; else drawing until one is allowed gives the same law
    without a list.

    Args:
        total: number of segments.
        allows: tells which of them are meant.

    Attributes:
        count: of the segments that are meant.
        listed: their numbers where they are few, else None.
    """

    def __init__(self, total: int, allows: Allows) -> None:
        self.total = total
        self.allows = allows
        self.count = sum(int(mask.sum()) for mask in parts(total, allows))
        self.listed = self._list() if self.count * MOST_DRAWS < total else None

    def draw(self, generator: np.random.Generator) -> int:
        """The number of one of them; there must be one."""
        if self.listed is not None:
            return int(self.listed[generator.integers(len(self.listed))])
        while True:
            number = int(generator.integers(self.total))
            if self.allows(number, number + 1)[0]:
                return number

    def _list(self) -> Integers:
        found = [np.flatnonzero(mask) for mask in parts(self.total, self.allows)]
        return narrow(np.concatenate([numbers + PART * n for n, numbers in enumerate(found)]))


def parts(total: int, allows: Allows) -> Iterator[NDArray[np.bool_]]:
    """Masks of all segments, a million at a time."""
    for first in range(0, total, PART):
        yield allows(first, min(first + PART, total))


def require_length(segments: Segments, frames: int) -> None:
    """Make sure that every segment has at least so many frames.

    Raises:
        ValueError: if one has not.
    """

    def too_short(first: int, end: int) -> NDArray[np.bool_]:
        return segments.end[first:end] - segments.start[first:end] < frames

    count = sum(int(mask.sum()) for mask in parts(len(segments), too_short))
    if count:
        raise ValueError(
            f"segments must have at least {frames} frames here; got {count} shorter ones. "
            f"Leave them out first, with Segments.select"
        )


def draw_start(segments: Segments, number: int, frames: int, generator: np.random.Generator) -> int:
    """First of so many frames of a segment, uniform over those that fit."""
    start, end = int(segments.start[number]), int(segments.end[number])
    return start + int(generator.integers(end - start - frames + 1))


def draw_apart(
    segments: Segments, number: int, frames: int, generator: np.random.Generator
) -> list[int]:
    """First frames of two clips of a segment that share no frame, uniform over all such pairs."""
    start, end = int(segments.start[number]), int(segments.end[number])
    low, high = np.sort(generator.choice(end - start - 2 * frames + 2, size=2, replace=False))
    starts = [start + int(low), start + int(high) - 1 + frames]
    if generator.integers(2):
        starts.reverse()
    return starts


def draw_outside(
    inside: tuple[int, int], outside: tuple[int, int], generator: np.random.Generator
) -> int | None:
    """A number of one range that is not in another range within it; None where there is none."""
    count = (inside[1] - inside[0]) - (outside[1] - outside[0])
    if not count:
        return None
    drawn = inside[0] + int(generator.integers(count))
    return drawn if drawn < outside[0] else drawn + outside[1] - outside[0]


def group(offsets: Integers, number: int) -> tuple[int, int]:
    """First segment and end of a shot or video."""
    return int(offsets[number]), int(offsets[number + 1])


def sizes(offsets: Integers, groups: Integers) -> Integers:
    """Numbers of segments of shots or videos."""
    return offsets[groups + 1] - offsets[groups]
