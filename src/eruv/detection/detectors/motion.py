"""Distances of small pictures, as they are or if the camera or parts of them moved, compiled."""

import numpy as np

from eruv.utils.compiled import compiled

BLOCK, SEARCH = 8, 7  # sides of blocks and of their search, in pixels of the small luma
UNMATCHED = 0.6  # least difference of a block without a match, as a share of its contrast
NOISE = 2  # grey levels that a flat picture may differ by
LEAST_OVERLAP = 0.3  # of two frames of one pan, of the picture
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
def largest_difference(one, other):  # type: ignore[no-untyped-def]
    """Largest absolute difference of two pictures, float32 (H, W)."""
    largest = np.float32(0)
    for y in range(one.shape[0]):
        a, b = one[y], other[y]
        for x in range(one.shape[1]):
            largest = max(largest, abs(a[x] - b[x]))
    return largest


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
def second_difference(before, here, after):  # type: ignore[no-untyped-def]
    """Sum of absolute second differences over time: small in a dissolve or fade."""
    total = np.float32(0)
    for y in range(here.shape[0]):
        a, b, c = before[y], here[y], after[y]
        for x in range(here.shape[1]):
            total += abs(a[x] + c[x] - 2 * b[x])
    return total


@compiled()
def moved_blocks(before, after):  # type: ignore[no-untyped-def]
    """Difference of `after` from `before` after block matching.

    Args:
        before, after: float32 (24, 32).

    Returns:
        Mean over the blocks of the best match's difference as a share of the block's contrast,
        and the share of blocks that match nothing within 7 pixels.
    """
    rows, columns = after.shape
    total, unmatched, count = np.float32(0), 0, 0
    for top in range(0, rows, BLOCK):
        for left in range(0, columns, BLOCK):
            block = after[top : top + BLOCK, left : left + BLOCK]
            best = np.float32(np.inf)
            for y in range(max(0, top - SEARCH), min(rows - BLOCK, top + SEARCH) + 1):
                for x in range(max(0, left - SEARCH), min(columns - BLOCK, left + SEARCH) + 1):
                    best = min(
                        best, _difference_of_blocks(block, before[y : y + BLOCK, x : x + BLOCK])
                    )
            share = best / (_contrast(block) + np.float32(NOISE * BLOCK * BLOCK))
            total += min(share, np.float32(4))
            if share > UNMATCHED:
                unmatched += 1
            count += 1
    return total / count, np.float32(unmatched) / count


@compiled(fastmath=REORDERED)
def _difference_of_blocks(one, other):  # type: ignore[no-untyped-def]
    """`difference` of blocks, whose size is known when this is compiled."""
    total = np.float32(0)
    for y in range(BLOCK):
        a, b = one[y], other[y]
        for x in range(BLOCK):
            total += abs(a[x] - b[x])
    return total


@compiled()
def _contrast(picture):  # type: ignore[no-untyped-def]
    """Sum of distances from the mean."""
    mean, total = picture.mean(), np.float32(0)
    for value in picture.ravel():
        total += abs(value - mean)
    return total


@compiled()
def _residual(before, after, down, right):  # type: ignore[no-untyped-def]
    """Mean difference where `after[y, x]` meets `before[y + down, x + right]`, and the overlap."""
    rows, columns = after.shape
    top, bottom = max(0, -down), min(rows, rows - down)
    left, end = max(0, -right), min(columns, columns - right)
    total = difference(
        after[top:bottom, left:end], before[top + down : bottom + down, left + right : end + right]
    )
    count = (bottom - top) * (end - left)
    return total / np.float32(count), np.float32(count) / np.float32(after.size)


@compiled()
def shifted(coarse_before, coarse_after, before, after):  # type: ignore[no-untyped-def]
    """Difference of `after` from `before` after compensation of a pan.

    The best shift of the coarse luma (12, 16) is refined on the fine one (24, 32).

    Returns:
        The difference in the overlap as a share of the contrast, and the overlap as a share of
        the picture.
    """
    rows, columns = coarse_after.shape
    best, best_down, best_right = np.float32(np.inf), 0, 0
    for down in range(1 - rows, rows):
        for right in range(1 - columns, columns):
            if (rows - abs(down)) * (columns - abs(right)) < LEAST_OVERLAP * rows * columns:
                continue
            residual, _ = _residual(coarse_before, coarse_after, down, right)
            if residual < best:
                best, best_down, best_right = residual, down, right
    best, best_overlap = np.float32(np.inf), np.float32(0)
    for down in range(2 * best_down - 1, 2 * best_down + 2):
        for right in range(2 * best_right - 1, 2 * best_right + 2):
            residual, overlap = _residual(before, after, down, right)
            if residual < best:
                best, best_overlap = residual, overlap
    contrast = _contrast(after) / np.float32(after.size)
    return min(best / (contrast + np.float32(NOISE)), np.float32(4)), best_overlap
