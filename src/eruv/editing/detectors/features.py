"""What the learned detector knows about a frame: distances over several spans of time, compiled.

Comes in: yuv420p planes of 96×128, frame by frame. Goes out: one row of numbers a frame.

Row t compares frames t - 1 - k and t + k for several k: a cut shows at once for every k, a flash
for small k only, a dissolve for large k first. Distances that do not mind light (HOG, correlation)
stand beside those that do (luma, colour), and a match of moved blocks tells a pan from a cut.
"""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from eruv.editing.detection import PictureFormat, Plane
from eruv.editing.hog import hog

SPANS = (0, 1, 3, 7, 15, 31)
LINEAR_SPANS = (2, 4, 8)
REACH = max(SPANS)  # frames ahead of t that row t looks at
RING = 128  # frames remembered, at least 2 · REACH + 2
LUMA_SHAPE, COLOUR_SHAPE = (24, 32), (12, 16)
LEVELS = 16  # of a histogram
BLOCK, SEARCH = 8, 7  # of the match of moved blocks, in pixels of the small luma
CALM = 0.03  # mean HOG distance of frames that are nearly the same
PER_SPAN = 5
LANES = 16  # values that are summed side by side
# What is zero in a grey film.
COLOUR_FEATURES = (*(PER_SPAN * n + 3 for n in range(len(SPANS))), PER_SPAN * len(SPANS) + 9)
NUM_FEATURES = PER_SPAN * len(SPANS) + 2 * 2 + 3 + 3 + 2 * len(LINEAR_SPANS)

Floats = NDArray[np.float32]


class FrameFeatures:
    """Rows of features of one stretch of frames; remembers the last 128 frames, no more."""

    picture: ClassVar[PictureFormat] = PictureFormat(96, 128, "yuv420p")

    def __init__(self) -> None:
        self.count = 0
        self.described = 0
        self.tiles = np.zeros((RING, 12, 16, 31), np.float32)
        self.hogs = self.tiles.reshape(RING, -1)  # the same memory
        self.lumas = np.zeros((RING, *LUMA_SHAPE), np.float32)
        self.colours = np.zeros((RING, 2, *COLOUR_SHAPE), np.float32)
        self.levels = np.zeros((RING, LEVELS), np.float32)

    def add(self, planes: Sequence[Plane]) -> list[Floats]:
        """Take the next frame; returns the rows (F,) that can be told now: none or one."""
        slot = self.count % RING
        luma, blue, red = planes
        self.tiles[slot] = hog(luma)
        _summarise(luma, blue, red, self.lumas[slot], self.colours[slot], self.levels[slot])
        self.count += 1
        return self._rows_before(self.count - REACH)

    def finish(self) -> list[Floats]:
        """The rows of the last frames, for which the end stands in for what is not there."""
        return self._rows_before(self.count)

    def _rows_before(self, end: int) -> list[Floats]:
        rows = []
        while self.described < end:
            row = np.empty(NUM_FEATURES, np.float32)
            _describe(
                self.described,
                self.count - 1,
                self.hogs,
                self.tiles,
                self.lumas,
                self.colours,
                self.levels,
                row,
            )
            rows.append(row)
            self.described += 1
        return rows


@njit(cache=True, nogil=True)
def _shrink(plane, small):  # type: ignore[no-untyped-def]
    """Means of 4×4 pixels."""
    for y in range(small.shape[0]):
        for x in range(small.shape[1]):
            total = 0
            for i in range(4):
                for j in range(4):
                    total += plane[4 * y + i, 4 * x + j]
            small[y, x] = total / np.float32(16)


@njit(cache=True, nogil=True)
def _summarise(luma, blue, red, small_luma, colours, levels):  # type: ignore[no-untyped-def]
    """Small pictures of a frame, and the share of its pixels up to each level of luma."""
    _shrink(luma, small_luma)
    _shrink(blue, colours[0])
    _shrink(red, colours[1])
    levels[:] = 0
    for y in range(small_luma.shape[0]):
        for x in range(small_luma.shape[1]):
            levels[int(small_luma[y, x]) * LEVELS // 256] += np.float32(1 / (24 * 32))
    for level in range(1, LEVELS):
        levels[level] += levels[level - 1]


@njit(cache=True, nogil=True)
def _mean_distance(a, b):  # type: ignore[no-untyped-def]
    """Mean absolute difference; both have a multiple of 16 values.

    Sixteen sums side by side take a microsecond more than `fastmath`, but their order is written
    down: with fastmath, code just compiled and code from the cache gave other last digits.
    """
    one, other = a.ravel(), b.ravel()
    sums = np.zeros(LANES, np.float32)
    for start in range(0, one.size, LANES):
        for lane in range(LANES):
            sums[lane] += abs(one[start + lane] - other[start + lane])
    return sums.sum() / np.float32(one.size)


@njit(cache=True, nogil=True)
def _decorrelation(a, b):  # type: ignore[no-untyped-def]
    """1 - correlation of two pictures; 0 where both are flat."""
    one, other = a.ravel(), b.ravel()
    mean_one, mean_other = one.mean(), other.mean()
    product, energy_one, energy_other = np.float32(0), np.float32(0), np.float32(0)
    for i in range(one.size):
        x, y = one[i] - mean_one, other[i] - mean_other
        product += x * y
        energy_one += x * x
        energy_other += y * y
    # Noise of one grey level must not decide how alike two flat pictures are.
    floor = np.float32(one.size)
    return 1 - (product + floor) / np.sqrt((energy_one + floor) * (energy_other + floor))


@njit(cache=True, nogil=True)
def _moved_blocks(before, after):  # type: ignore[no-untyped-def]
    """What is left of the blocks of `after` when `before` may move: mean and share of strangers.

    The best match of each block within ±7 pixels, as a share of the block's own contrast.
    """
    rows, columns = after.shape
    total, strangers, count = np.float32(0), 0, 0
    for top in range(0, rows, BLOCK):
        for left in range(0, columns, BLOCK):
            block = after[top : top + BLOCK, left : left + BLOCK]
            mean = block.mean()
            contrast = np.float32(0)
            for i in range(BLOCK):
                for j in range(BLOCK):
                    contrast += abs(block[i, j] - mean)
            best = np.float32(1e9)
            for y in range(max(0, top - SEARCH), min(rows - BLOCK, top + SEARCH) + 1):
                for x in range(max(0, left - SEARCH), min(columns - BLOCK, left + SEARCH) + 1):
                    rest = np.float32(0)
                    for i in range(BLOCK):
                        for j in range(BLOCK):
                            rest += abs(block[i, j] - before[y + i, x + j])
                    best = min(best, rest)
            share = best / (contrast + np.float32(2 * BLOCK * BLOCK))
            total += min(share, np.float32(4))
            if share > 0.6:
                strangers += 1
            count += 1
    return total / count, np.float32(strangers) / count


@njit(cache=True, nogil=True)
def _bend(before, here, after):  # type: ignore[no-untyped-def]
    """How far `here` is from the mean of the other two: little in a dissolve or a fade."""
    a, b, c = before.ravel(), here.ravel(), after.ravel()
    total = np.float32(0)
    for i in range(a.size):
        total += abs(a[i] + c[i] - 2 * b[i])
    return total / np.float32(a.size)


@njit(cache=True, nogil=True)
def _describe(t, last, hogs, tiles, lumas, colours, levels, row):  # type: ignore[no-untyped-def]
    """Fill the row of frame t; the stretch begins with frame 0 and so far ends with `last`."""
    place = 0
    for span in SPANS:
        a, b = max(t - 1 - span, 0) % RING, min(t + span, last) % RING
        row[place] = 10 * _mean_distance(hogs[a], hogs[b])
        row[place + 1] = np.log1p(_mean_distance(lumas[a], lumas[b])) / 3
        row[place + 2] = _decorrelation(lumas[a], lumas[b])
        row[place + 3] = np.log1p(_mean_distance(colours[a], colours[b])) / 2
        row[place + 4] = 5 * _mean_distance(levels[a], levels[b])
        place += PER_SPAN
    for span in range(2):
        a, b = max(t - 1 - span, 0) % RING, min(t + span, last) % RING
        row[place], row[place + 1] = np.float32(0), np.float32(0)
        # The dearest number of all, and none is needed where hardly anything has changed.
        if row[span * PER_SPAN] > 10 * CALM:
            row[place], row[place + 1] = _moved_blocks(lumas[a], lumas[b])
        place += 2
    a, b = max(t - 1, 0) % RING, t % RING
    parts = np.empty(12, np.float32)
    for part in range(12):
        y, x = part // 4 * 4, part % 4 * 4
        one, other = tiles[a, y : y + 4, x : x + 4], tiles[b, y : y + 4, x : x + 4]
        total = np.float32(0)
        for i in range(4):
            for j in range(4):
                for k in range(31):
                    total += abs(one[i, j, k] - other[i, j, k])
        parts[part] = total / np.float32(4 * 4 * 31)
    parts.sort()
    row[place], row[place + 1], row[place + 2] = 10 * parts[0], 10 * parts[6], 10 * parts[11]
    place += 3
    here = lumas[t % RING]
    row[place] = here.mean() / 128
    row[place + 1] = here.std() / 64
    row[place + 2] = (np.abs(colours[t % RING] - 128)).mean() / 16
    place += 3
    for span in LINEAR_SPANS:
        before, after = lumas[max(t - span, 0) % RING], lumas[min(t + span, last) % RING]
        row[place] = np.log1p(_bend(before, here, after)) / 3
        row[place + 1] = np.log1p(_mean_distance(before, after)) / 3
        place += 2
