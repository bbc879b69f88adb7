"""Shots below a minimum length: joined to a neighbour, or dropped."""

from bisect import bisect_left
from dataclasses import replace

from eruv.detection.detect import Shot, ShotList
from eruv.detection.detectors.base import Transition

# Containers round times to milliseconds.
TOLERANCE_S = 0.0015


def merge_short(shots: ShotList, least_s: float) -> ShotList:
    """Join every shot that is too short to its more similar neighbour.

    Of its two boundaries the one with the lower score is removed, and frames of a gradual
    transition there become part of the shot. Nothing is joined across a gap.

    Args:
        shots: of a film.
        least_s: length of the shortest shot, in seconds.
    """
    ranges = [(shot.start, shot.end) for shot in shots.shots]
    boundaries = _boundaries(shots)
    # Of the shots joined so far, the last one by the first one, and the reverse.
    last_of, first_of = list(range(len(ranges))), list(range(len(ranges)))

    def is_short(first: int, last: int) -> bool:
        start_s, end_s = shots.times.range(ranges[first][0], ranges[last][1])
        return end_s - start_s + TOLERANCE_S < least_s

    # A boundary that stays has two shots that are long enough, and they can only grow.
    for at in sorted(boundaries, key=lambda at: max(one.score for one in boundaries[at])):
        first, last = first_of[at], last_of[at + 1]
        if any(one.kind == "gap" for one in boundaries[at]):
            continue
        if is_short(first, at) or is_short(at + 1, last):
            last_of[first], first_of[last] = last, first
    merged: list[tuple[int, int]] = []
    removed: set[Transition] = set()
    first = 0
    while first < len(ranges):
        last = last_of[first]
        merged.append((ranges[first][0], ranges[last][1]))
        removed.update(one for at in range(first, last) for one in boundaries[at])
        first = last + 1
    return replace(
        shots,
        shots=tuple(Shot(*part, *shots.times.range(*part)) for part in merged),
        transitions=tuple(one for one in shots.transitions if one not in removed),
    )


def drop_short(shots: ShotList, least_s: float) -> ShotList:
    """Leave out every shot that is too short; the transitions stay.

    Args:
        shots: of a film.
        least_s: length of the shortest shot, in seconds.
    """
    kept = (one for one in shots.shots if one.end_s - one.start_s + TOLERANCE_S >= least_s)
    return replace(shots, shots=tuple(kept))


def _boundaries(shots: ShotList) -> dict[int, list[Transition]]:
    """What lies between shots i and i + 1, by i; transitions at an end of the film are in none."""
    starts = [shot.start for shot in shots.shots]
    found: dict[int, list[Transition]] = {}
    for one in shots.transitions:
        at = bisect_left(starts, one.end) - 1
        if 0 <= at < len(starts) - 1:
            found.setdefault(at, []).append(one)
    return found
