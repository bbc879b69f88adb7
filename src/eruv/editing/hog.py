"""UoCTTI histograms of oriented gradients of a batch of luma frames (fact 5, vl_hog).

Comes in: uint8 luma (B, H, W). Goes out: float32 HOG (B, H/8, W/8, 31).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

CELL = 8
ORIENTATIONS = 9
CLAMP = 0.2
EPSILON = 1e-4
LEVELS = 511  # a difference of two 8-bit values is one of -255 ... 255


def hog(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """UoCTTI HOG: 18 directed, 9 undirected and 4 texture values a cell.

    Args:
        luma: (B, H, W), H and W multiples of 8 and at least 16.

    Returns:
        (B, H/8, W/8, 31).

    Raises:
        ValueError: for another type or size.
    """
    if luma.dtype != np.uint8 or luma.ndim != 3:
        raise ValueError(f"luma is uint8 (B, H, W); got {luma.dtype} {luma.shape}")
    height, width = luma.shape[1:]
    if height % CELL or width % CELL or min(height, width) < 2 * CELL:
        raise ValueError(f"height and width are multiples of {CELL}; got {height}x{width}")
    return _normalise(_cell_histograms(luma))


@lru_cache(maxsize=1)
def _gradient_tables() -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Directed orientation bin and magnitude of every possible (dx, dy) of 8-bit luma."""
    steps = np.arange(-255, 256, dtype=np.float64)
    dx, dy = np.meshgrid(steps, steps, indexing="xy")
    angles = np.arange(ORIENTATIONS) * np.pi / ORIENTATIONS
    scores = dx[..., None] * np.cos(angles) + dy[..., None] * np.sin(angles)
    best = np.abs(scores).argmax(axis=-1)
    chosen = np.take_along_axis(scores, best[..., None], axis=-1)[..., 0]
    bins = np.where(chosen >= 0, best, best + ORIENTATIONS).astype(np.uint8)
    magnitudes = (np.hypot(dx, dy) / 255).astype(np.float32)
    return bins.ravel(), magnitudes.ravel()


@lru_cache(maxsize=4)
def _row_weights(size: int) -> NDArray[np.float32]:
    """Bilinear weights (cells, size): how much a row of pixels adds to a row of cells."""
    centres = (np.arange(size) + 0.5) / CELL - 0.5
    cells = np.arange(size // CELL)
    weights = np.clip(1 - np.abs(centres[None, :] - cells[:, None]), 0, None)
    return weights.astype(np.float32)


@lru_cache(maxsize=4)
def _column_scatter(height: int, width: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """For pixels (H, W): the first of the two cells that a pixel's column adds to, its weight.

    Cells are counted from -1, so that both neighbours always exist.
    """
    centres = (np.arange(width) + 0.5) / CELL - 0.5
    first = np.floor(centres).astype(np.intp)
    weight = (1 - (centres - first)).astype(np.float32)
    rows = np.arange(height)[:, None] * (width // CELL + 2)
    return rows + first + 1, np.broadcast_to(weight, (height, width)).copy()


def _cell_histograms(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Directed histograms (B, H/8, W/8, 18): hard in orientation, bilinear in space."""
    batch, height, width = luma.shape
    bins, magnitudes = _gradient_tables()
    cells, weights = _column_scatter(height, width)
    row_weights = _row_weights(height)
    columns = width // CELL + 2
    bin_size = height * columns
    histograms = np.empty((batch, height // CELL, width // CELL, 2 * ORIENTATIONS), np.float32)
    signed = luma.astype(np.int32)
    for index in range(batch):
        # One frame at a time keeps every intermediate in the processor's cache.
        gradient = np.full((height, width), 255 * LEVELS + 255, np.int32)
        frame = signed[index]
        gradient[1:-1, 1:-1] += (frame[2:, 1:-1] - frame[:-2, 1:-1]) * LEVELS
        gradient[1:-1, 1:-1] += frame[1:-1, 2:] - frame[1:-1, :-2]
        magnitude = magnitudes.take(gradient)
        first = bins.take(gradient) * np.intp(bin_size) + cells
        near = magnitude * weights
        size = 2 * ORIENTATIONS * bin_size
        sums = np.bincount(first.ravel(), near.ravel(), minlength=size)
        sums[1:] += np.bincount(first.ravel(), (magnitude - near).ravel(), minlength=size)[:-1]
        by_column = sums.reshape(2 * ORIENTATIONS, height, columns)[:, :, 1:-1]
        by_cell = row_weights @ by_column.astype(np.float32)  # (18, H/8, W/8)
        histograms[index] = by_cell.transpose(1, 2, 0)
    return histograms


def _normalise(directed: NDArray[np.float32]) -> NDArray[np.float32]:
    """Normalise by the four 2×2 blocks round each cell, clamp, and sum up (B, h, w, 31)."""
    undirected = directed[..., :ORIENTATIONS] + directed[..., ORIENTATIONS:]
    energy = np.pad(np.square(undirected).sum(-1), ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows = energy[:, :-1] + energy[:, 1:]
    blocks = rows[:, :, :-1] + rows[:, :, 1:]  # (B, h + 1, w + 1)
    factors = 1 / np.sqrt(blocks + EPSILON)
    height, width = directed.shape[1:3]
    values = np.concatenate([directed, undirected], axis=-1)
    result = np.zeros((*directed.shape[:3], 31), np.float32)
    for texture, (top, left) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        factor = factors[:, top : top + height, left : left + width, None]
        clamped = np.minimum(values * factor, CLAMP)
        result[..., :27] += clamped
        result[..., 27 + texture] = clamped[..., 18:].sum(-1)
    result[..., :27] *= 0.5
    result[..., 27:] /= np.sqrt(18)
    return result
