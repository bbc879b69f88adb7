"""Features that distinguish kinds of transitions, measured on thumbnails, compiled."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detectors.base import Plane
from eruv.detection.detectors.motion import REORDERED, tile_means
from eruv.utils.compiled import compiled

ROWS, COLUMNS = 24, 32  # of a small luma; blue and red are half as large
LUMA, COLOUR = ROWS * COLUMNS, ROWS * COLUMNS // 4
BYTES = LUMA + 2 * COLOUR
MOMENTS = 16  # of a transition that are looked at, at most
BLACK, WHITE, GREY = 16, 235, 128
NOISE = 4  # grey levels that two pictures of one thing differ by
NUM_KIND_FEATURES = 19
# By number: how far pictures lie from the sum of both ends; how far the ends are apart.
FROM_SUM, APART = 0, 14

Thumbnail = NDArray[np.uint8]
Floats = NDArray[np.float32]


def thumbnail_of(planes: Sequence[Plane]) -> Thumbnail:
    """A picture in 1152 bytes: (24, 32) of luma, then (12, 16) of blue and of red."""
    small = np.empty(BYTES, np.uint8)
    luma, blue, red = planes
    _shrink(luma, blue, red, small)
    return small


def kind_features(thumbnails: NDArray[np.uint8], frames: int) -> Floats:
    """Features of a transition, (F,).

    Args:
        thumbnails: (N, 1152), those of the last picture before it, of all its pictures, and of the
            first one after it; N is at least 3.
        frames: how many it takes.
    """
    moments = np.unique(np.linspace(1, len(thumbnails) - 2, MOMENTS).round().astype(int))
    chosen = thumbnails[[0, *moments, len(thumbnails) - 1]].astype(np.float32)
    features = np.empty(NUM_KIND_FEATURES, np.float32)
    _measure(chosen, features)
    features[-3:] = np.log(frames), float(frames <= 4), np.log(len(thumbnails) - 2)
    return features


@compiled()
def _shrink(luma, blue, red, small):  # type: ignore[no-untyped-def]
    means = np.empty((ROWS, COLUMNS), np.float32)
    tile_means(luma, means)
    small[:LUMA] = means.ravel().astype(np.uint8)
    halves = np.empty((ROWS // 2, COLUMNS // 2), np.float32)
    tile_means(blue, halves)
    small[LUMA : LUMA + COLOUR] = halves.ravel().astype(np.uint8)
    tile_means(red, halves)
    small[LUMA + COLOUR :] = halves.ravel().astype(np.uint8)


@compiled(fastmath=REORDERED)
def _distance(one, other):  # type: ignore[no-untyped-def]
    """Mean absolute difference of rows of numbers."""
    total = np.float32(0)
    for i in range(one.size):
        total += abs(one[i] - other[i])
    return total / np.float32(one.size)


@compiled()
def _share(old, new, here):  # type: ignore[no-untyped-def]
    """Weight of the new picture in the blend of two that is nearest to this one."""
    along, square = np.float32(0), np.float32(1e-3)
    for i in range(here.size):
        step = new[i] - old[i]
        along += step * (here[i] - old[i])
        square += step * step
    return min(np.float32(1), max(np.float32(0), along / square))


@compiled()
def _mixed(old, new, here):  # type: ignore[no-untyped-def]
    """How this picture is made of two: as their sum, and as parts of either.

    Returns:
        Mean distance from the nearest sum; mean distance from the nearer one, cell by cell; how
        much of the cells lies between both, from 0 to 1; and how much would in that sum.
    """
    share = _share(old, new, here)
    apart, parts, between, steps = np.float32(0), np.float32(0), np.float32(0), np.float32(1e-3)
    for i in range(here.size):
        step = new[i] - old[i]
        apart += abs(here[i] - old[i] - share * step)
        parts += min(abs(here[i] - old[i]), abs(here[i] - new[i]))
        size = abs(step)
        if size > NOISE:
            own = min(np.float32(1), max(np.float32(0), (here[i] - old[i]) / step))
            between += size * 4 * own * (1 - own)
            steps += size
    count = np.float32(here.size)
    return apart / count, parts / count, between / steps, 4 * share * (1 - share)


@compiled(fastmath=REORDERED)
def _pushed(old, new, here, moved, side):  # type: ignore[no-untyped-def]
    """Mean distance from the picture in which the new one has pushed the old one out so far.

    Pictures are (24, 32); sides are left, right, up and down.
    """
    total = np.float32(0)
    for y in range(ROWS):
        for x in range(COLUMNS):
            if side == 0:
                other = old[y, x + moved] if x + moved < COLUMNS else new[y, x + moved - COLUMNS]
            elif side == 1:
                other = old[y, x - moved] if x >= moved else new[y, x - moved + COLUMNS]
            elif side == 2:
                other = old[y + moved, x] if y + moved < ROWS else new[y + moved - ROWS, x]
            else:
                other = old[y - moved, x] if y >= moved else new[y - moved + ROWS, x]
            total += abs(here[y, x] - other)
    return total / np.float32(LUMA)


@compiled()
def _least_pushed(old, new, here):  # type: ignore[no-untyped-def]
    best = np.float32(np.inf)
    for side in range(4):
        for moved in range(1, COLUMNS if side < 2 else ROWS):
            best = min(best, _pushed(old, new, here, moved, side))
    return best


@compiled()
def _detail(luma):  # type: ignore[no-untyped-def]
    """Mean step between neighbours of a picture (24, 32)."""
    total = np.float32(0)
    for y in range(ROWS - 1):
        for x in range(COLUMNS - 1):
            total += abs(luma[y, x] - luma[y, x + 1]) + abs(luma[y, x] - luma[y + 1, x])
    return total / np.float32(LUMA)


@compiled()
def _from_flat(thumbnail, luma):  # type: ignore[no-untyped-def]
    """Mean distance from a picture of one grey."""
    total = np.float32(0)
    for i in range(LUMA):
        total += abs(thumbnail[i] - np.float32(luma))
    for i in range(LUMA, BYTES):
        total += abs(thumbnail[i] - np.float32(GREY))
    return total / np.float32(BYTES)


@compiled()
def _suddenness(thumbnails):  # type: ignore[no-untyped-def]
    """The largest step of a cell as a share of all its steps, in the mean over what changes."""
    largest, all_steps = np.float32(0), np.float32(1e-3)
    for i in range(LUMA):
        most, total = np.float32(0), np.float32(0)
        for t in range(1, len(thumbnails)):
            step = abs(thumbnails[t, i] - thumbnails[t - 1, i])
            total += step
            most = max(most, step)
        largest += most
        all_steps += total
    return largest / all_steps


@compiled()
def _measure(thumbnails, row):  # type: ignore[no-untyped-def]
    """Fill all but the last three of the features of a transition."""
    last = len(thumbnails) - 1
    old, new = thumbnails[0], thumbnails[last]
    old_luma, new_luma = old[:LUMA].reshape(ROWS, COLUMNS), new[:LUMA].reshape(ROWS, COLUMNS)
    apart = _distance(old, new) + np.float32(NOISE)
    row[:] = 0
    black, white, flat = np.float32(255), np.float32(255), np.float32(255)
    sharpness, sums = (_detail(old_luma) + _detail(new_luma)) / 2 + 1, np.zeros(6, np.float32)
    least_detail = np.float32(np.inf)
    for t in range(1, last):
        here = thumbnails[t]
        luma = here[:LUMA].reshape(ROWS, COLUMNS)
        rest, parts, between, expected = _mixed(old, new, here)
        sums[0] += rest / apart
        sums[1] += parts / apart
        sums[2] += between
        sums[3] += expected
        sums[4] += _least_pushed(old_luma, new_luma, luma) / apart
        sums[5] += _distance(thumbnails[t], thumbnails[t - 1]) / apart
        black, white = min(black, _from_flat(here, BLACK)), min(white, _from_flat(here, WHITE))
        flat = min(flat, _from_flat(here, luma.mean()))
        least_detail = min(least_detail, _detail(luma))
    for n in range(6):
        row[n] = sums[n] / np.float32(last - 1)
    row[6] = row[2] / (row[3] + np.float32(0.05))
    row[7] = _suddenness(thumbnails)
    row[8] = np.log1p(black)
    row[9] = np.log1p(white)
    row[10] = np.log1p(flat)
    row[11] = np.log1p(min(_from_flat(old, BLACK), _from_flat(new, BLACK)))
    row[12] = np.log1p(min(_from_flat(old, WHITE), _from_flat(new, WHITE)))
    row[13] = np.log(least_detail / sharpness + np.float32(0.02))
    row[14] = np.log1p(apart)
    row[15] = np.log(np.float32(last))
