"""Histograms of oriented gradients (HOG) of a luma picture, as UoCTTI's (fact 5, vl_hog)."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from eruv.utils.compiled import compiled

CELL = 8
ORIENTATIONS = 9
DIRECTIONS = 2 * ORIENTATIONS
CHANNELS = DIRECTIONS + ORIENTATIONS + 4
CLAMP = 0.2
EPSILON = 1e-4

Floats = NDArray[np.float32]


def hog(luma: NDArray[np.uint8]) -> Floats:
    """UoCTTI HOG: 18 directed, 9 undirected and 4 texture values a cell.

    Args:
        luma: (H, W), H and W multiples of 8 and at least 16.

    Returns:
        (H/8, W/8, 31).

    Raises:
        ValueError: for another type or size.
    """
    if luma.dtype != np.uint8 or luma.ndim != 2:
        raise ValueError(f"luma must be uint8 (H, W); got {luma.dtype} {luma.shape}")
    height, width = luma.shape
    if height % CELL or width % CELL or min(height, width) < 2 * CELL:
        raise ValueError(f"height and width must be multiples of {CELL}; got {height}x{width}")
    return compiled_hog(np.ascontiguousarray(luma), gradient_tables())


@compiled()
def compiled_hog(luma, tables):  # type: ignore[no-untyped-def]
    """`hog` for other compiled code; its input is not checked."""
    bins, magnitudes = tables
    return _normalise(_cell_histograms(luma, bins, magnitudes))


@lru_cache(maxsize=1)
def gradient_tables() -> tuple[NDArray[np.uint8], Floats]:
    """Direction (511, 511) and magnitude of every (dy, dx) of 8-bit luma, from -255 on."""
    steps = np.arange(-255, 256, dtype=np.float64)
    dx, dy = np.meshgrid(steps, steps, indexing="xy")
    angles = np.arange(ORIENTATIONS) * np.pi / ORIENTATIONS
    scores = dx[..., None] * np.cos(angles) + dy[..., None] * np.sin(angles)
    best = np.abs(scores).argmax(axis=-1)
    chosen = np.take_along_axis(scores, best[..., None], axis=-1)[..., 0]
    bins = np.where(chosen >= 0, best, best + ORIENTATIONS).astype(np.uint8)
    return bins, (np.hypot(dx, dy) / 255).astype(np.float32)


@compiled()
def _cell_histograms(luma, bins, magnitudes):  # type: ignore[no-untyped-def]
    """Directed histograms (H/8, W/8, 18): hard in direction, bilinear in space."""
    height, width = luma.shape
    rows, columns = height // CELL, width // CELL
    # A border of cells takes what falls outside, so that the inner loop needs no bounds check.
    cells = np.zeros((rows + 2, columns + 2, DIRECTIONS), np.float32)
    line = np.zeros((columns + 2, DIRECTIONS), np.float32)
    for y in range(1, height - 1):
        # First into the cells of one line, then with the line's weights into two rows of cells.
        line[:] = 0
        for x in range(1, width - 1):
            dx = np.int64(luma[y, x + 1]) - np.int64(luma[y, x - 1]) + 255
            dy = np.int64(luma[y + 1, x]) - np.int64(luma[y - 1, x]) + 255
            magnitude, direction = magnitudes[dy, dx], bins[dy, dx]
            column = (x + CELL // 2) // CELL
            right = np.float32((x + CELL // 2) % CELL + 0.5) / np.float32(CELL)
            line[column, direction] += magnitude * (np.float32(1) - right)
            line[column + 1, direction] += magnitude * right
        row = (y + CELL // 2) // CELL
        below = np.float32((y + CELL // 2) % CELL + 0.5) / np.float32(CELL)
        for column in range(columns + 2):
            for direction in range(DIRECTIONS):
                value = line[column, direction]
                cells[row, column, direction] += value * (np.float32(1) - below)
                cells[row + 1, column, direction] += value * below
    return cells[1:-1, 1:-1]


@compiled()
def _normalise(directed):  # type: ignore[no-untyped-def]
    """Normalise by the four 2×2 blocks round each cell, clamp, and sum up (H/8, W/8, 31)."""
    rows, columns = directed.shape[:2]
    # Energy of every cell; the outer ones are repeated outwards.
    energy = np.empty((rows + 2, columns + 2), np.float32)
    for row in range(rows + 2):
        for column in range(columns + 2):
            cell = directed[min(max(row - 1, 0), rows - 1), min(max(column - 1, 0), columns - 1)]
            total = np.float32(0)
            for o in range(ORIENTATIONS):
                total += (cell[o] + cell[o + ORIENTATIONS]) ** 2
            energy[row, column] = total
    factors = np.empty((rows + 1, columns + 1), np.float32)
    for row in range(rows + 1):
        for column in range(columns + 1):
            block = energy[row, column] + energy[row, column + 1]
            block += energy[row + 1, column] + energy[row + 1, column + 1]
            factors[row, column] = np.float32(1) / np.sqrt(block + np.float32(EPSILON))
    result = np.zeros((rows, columns, CHANNELS), np.float32)
    clamp, half = np.float32(CLAMP), np.float32(0.5)
    texture_scale = np.float32(1 / np.sqrt(DIRECTIONS))
    for row in range(rows):
        for column in range(columns):
            for block in range(4):
                factor = factors[row + block // 2, column + block % 2]
                texture = np.float32(0)
                for o in range(ORIENTATIONS):
                    one = directed[row, column, o] * factor
                    other = directed[row, column, o + ORIENTATIONS] * factor
                    both = min(one + other, clamp)
                    result[row, column, o] += half * min(one, clamp)
                    result[row, column, o + ORIENTATIONS] += half * min(other, clamp)
                    result[row, column, o + DIRECTIONS] += half * both
                    texture += both
                result[row, column, CHANNELS - 4 + block] = texture * texture_scale
    return result
