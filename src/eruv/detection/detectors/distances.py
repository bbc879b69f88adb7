"""Sums and differences of small pictures, compiled."""

import numpy as np

from eruv.utils.compiled import compiled

REORDERED = {"reassoc", "nsz"}


@compiled()
def tile_means(plane, small):  # type: ignore[no-untyped-def]
    """Means of square tiles of 4×4 or 8×8 pixels, into `small`."""
    side = plane.shape[0] // small.shape[0]
    for y in range(small.shape[0]):
        for x in range(small.shape[1]):
            total = 0
            for i in range(side):
                for j in range(side):
                    total += plane[side * y + i, side * x + j]
            small[y, x] = total / np.float32(side * side)


@compiled(fastmath=REORDERED)
def difference(one, other):  # type: ignore[no-untyped-def]
    """Sum of absolute differences of two pictures, float32 (H, W)."""
    total = np.float32(0)
    for y in range(one.shape[0]):
        a, b = one[y], other[y]
        for x in range(one.shape[1]):
            total += abs(a[x] - b[x])
    return total


@compiled()
def byte_difference(one, other):  # type: ignore[no-untyped-def]
    """Sum of absolute differences of two rows of bytes."""
    total = 0
    for i in range(one.size):
        total += int(abs(np.int32(one[i]) - np.int32(other[i])))
    return total


@compiled(fastmath=REORDERED)
def product(one, other):  # type: ignore[no-untyped-def]
    """Sum of products of two pictures, float32 (H, W), in float64."""
    total = np.float64(0)
    for y in range(one.shape[0]):
        a, b = one[y], other[y]
        for x in range(one.shape[1]):
            total += np.float64(a[x]) * np.float64(b[x])
    return total


@compiled(fastmath=REORDERED)
def bend(before, here, after):  # type: ignore[no-untyped-def]
    """Sum of distances of `here` from the mean of the other two: small in a dissolve or fade."""
    total = np.float32(0)
    for y in range(here.shape[0]):
        a, b, c = before[y], here[y], after[y]
        for x in range(here.shape[1]):
            total += abs(a[x] + c[x] - 2 * b[x])
    return total
