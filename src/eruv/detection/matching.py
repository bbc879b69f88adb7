"""Match blocks of one picture in another, to tell camera motion from a cut."""

import numpy as np

from eruv.utils.compiled import compiled

BLOCK = 12
STEP = 4
LEAST_CORRELATION = 0.8
LEAST_DEVIATION = 3.0  # a flat block matches anything


@compiled()
def halve(luma):  # type: ignore[no-untyped-def]
    """Means of 2×2 pixels, (H, W) → (H/2, W/2)."""
    half = np.empty((luma.shape[0] // 2, luma.shape[1] // 2), np.uint8)
    for y in range(half.shape[0]):
        for x in range(half.shape[1]):
            above = np.int32(luma[2 * y, 2 * x]) + luma[2 * y, 2 * x + 1]
            below = np.int32(luma[2 * y + 1, 2 * x]) + luma[2 * y + 1, 2 * x + 1]
            half[y, x] = (above + below + 2) // 4
    return half


@compiled()
def matching_blocks(before, after):  # type: ignore[no-untyped-def]
    """Number of textured 12×12 blocks, every 4 pixels, that `after` has within a quarter picture.

    A block is found where the normalised cross-correlation is at least 0.8. The reference searches
    as far: a quarter of the height and width.
    """
    height, width = before.shape
    found = 0
    for top in range(0, height - BLOCK + 1, STEP):
        for left in range(0, width - BLOCK + 1, STEP):
            if _is_found(before, after, top, left, height // 4, width // 4):
                found += 1
    return found


@compiled()
def _is_found(before, after, top, left, reach_y, reach_x):  # type: ignore[no-untyped-def]
    height, width = before.shape
    count = BLOCK * BLOCK
    block = before[top : top + BLOCK, left : left + BLOCK].astype(np.float32)
    block -= block.mean()
    energy = (block * block).sum()
    if energy < count * LEAST_DEVIATION**2:
        return False
    for y in range(max(0, top - reach_y), min(height - BLOCK, top + reach_y) + 1):
        for x in range(max(0, left - reach_x), min(width - BLOCK, left + reach_x) + 1):
            product, total, squares = np.float32(0), np.float32(0), np.float32(0)
            for i in range(BLOCK):
                for j in range(BLOCK):
                    value = np.float32(after[y + i, x + j])
                    product += block[i, j] * value
                    total += value
                    squares += value * value
            other = squares - total * total / count
            if product > 0 and product * product >= LEAST_CORRELATION**2 * energy * other:
                return True
    return False
