"""Features of a frame for the learned detector: distances over several spans of time, compiled."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detectors.base import PictureFormat, Plane
from eruv.detection.detectors.motion import (
    byte_difference,
    difference,
    largest_difference,
    moved_blocks,
    product,
    second_difference,
    shifted,
    tile_means,
)
from eruv.detection.hog import compiled_hog, gradient_tables
from eruv.utils.compiled import compiled

SPANS = (0, 1, 3, 7, 15, 31, 63)
LINEAR_SPANS = (1, 2, 4, 8, 16, 32)
BLOCK_SPANS = (0,)  # indices of SPANS with block matching
PAN_SPANS = (1, 2, 3)  # likewise, with compensation of a pan
SMALL_SPANS = (0, 1, 2)  # likewise, with features of small changes
REACH = max(SPANS)  # frames ahead of t that row t looks at
BATCH = 16
RING = 160  # frames stored, at least 2 · REACH + BATCH + 2
LUMA_SHAPE, COLOUR_SHAPE = (24, 32), (12, 16)
LEVELS = 16  # of a histogram
# HOG is stored in bytes: no value is above 0.2 · 9 / sqrt(18) = 0.425.
HOG_VALUES, HOG_LEVELS = 12 * 16 * 31, 600
HOG_SCALE = 10 / (HOG_LEVELS * HOG_VALUES)
# Mean HOG distances of frames that are nearly the same.
CALM_BLOCKS, CALM_CAMERA = 0.03, 0.05
LEAST_CHANGE = 0.002  # likewise, which cannot be seen
PER_SPAN = 5
_AFTER_MOTION = PER_SPAN * len(SPANS) + 2 * len(BLOCK_SPANS) + 2 * len(PAN_SPANS)
# Zero in a grey film.
COLOUR_FEATURES = (*(PER_SPAN * n + 3 for n in range(len(SPANS))), _AFTER_MOTION + 5)
# Of frame t itself, or of frames on either side of it; the others are of the step to it.
FRAME_FEATURES = tuple(range(_AFTER_MOTION + 3, _AFTER_MOTION + 6 + 2 * len(LINEAR_SPANS)))
NUM_FEATURES = _AFTER_MOTION + 3 + 3 + 2 * len(LINEAR_SPANS) + 2 * len(SMALL_SPANS)

Floats = NDArray[np.float32]


class FrameFeatures:
    """Rows of features of one span of frames; stores the last 160 frames.

    Row t compares frames t - 1 - k and t + k for several k: a cut shows at once for every k, a
    flash for small k only, a dissolve for large k first. HOG and correlation are robust to light,
    luma and colour are not, and a match of moved blocks tells a pan from a cut.

    Compiled code takes 16 frames at a time and releases the GIL for the decoder's thread.
    """

    picture: ClassVar[PictureFormat] = PictureFormat(96, 128, "yuv420p")

    def __init__(self) -> None:
        height, width = self.picture.height, self.picture.width
        self.count = 0  # frames stored so far
        self.rows_done = 0
        self.waiting = 0  # frames in the batch
        self.batch = (
            np.empty((BATCH, height, width), np.uint8),
            np.empty((BATCH, height // 2, width // 2), np.uint8),
            np.empty((BATCH, height // 2, width // 2), np.uint8),
        )
        self.memory = (
            np.zeros((RING, HOG_VALUES), np.uint8),
            np.zeros((RING, *LUMA_SHAPE), np.float32),
            np.zeros((RING, *COLOUR_SHAPE), np.float32),
            np.zeros((RING, 2, *COLOUR_SHAPE), np.float32),
            np.zeros((RING, LEVELS), np.float32),
            np.zeros((RING, 2)),
        )

    def add(self, planes: Sequence[Plane]) -> list[Floats]:
        """Add the next frame; returns the rows (F,) that are now complete: none or several."""
        for batch, plane in zip(self.batch, planes, strict=True):
            batch[self.waiting] = plane
        self.waiting += 1
        if self.waiting < BATCH:
            return []
        self._remember_batch()
        return self._rows_before(self.count - REACH)

    def finish(self) -> list[Floats]:
        """The rows of the last frames; the last frame stands for those beyond the end."""
        self._remember_batch()
        return self._rows_before(self.count)

    def _remember_batch(self) -> None:
        luma, blue, red = (planes[: self.waiting] for planes in self.batch)
        _remember(luma, blue, red, gradient_tables(), self.count, self.memory)
        self.count += self.waiting
        self.waiting = 0

    def _rows_before(self, end: int) -> list[Floats]:
        rows = np.empty((max(0, end - self.rows_done), NUM_FEATURES), np.float32)
        _fill_rows(self.rows_done, self.count - 1, self.memory, rows)
        self.rows_done += len(rows)
        return list(rows)


@compiled()
def _remember(lumas, blues, reds, tables, first, memory):  # type: ignore[no-untyped-def]
    """Store frames, the first of which is number `first`."""
    hogs, small_lumas, coarse, colours, levels, sums = memory
    for n in range(len(lumas)):
        slot = (first + n) % RING
        _summarise(
            (lumas[n], blues[n], reds[n]),
            compiled_hog(lumas[n], tables),
            hogs[slot],
            small_lumas[slot],
            coarse[slot],
            colours[slot],
            levels[slot],
            sums[slot],
        )


@compiled()
def _fill_rows(first, last, memory, rows):  # type: ignore[no-untyped-def]
    """Fill the rows of frames from number `first` on, in a span that so far ends with `last`."""
    hogs, lumas, coarse, colours, levels, sums = memory
    for n in range(len(rows)):
        _fill_row(first + n, last, hogs, lumas, coarse, colours, levels, sums, rows[n])


@compiled()
def _summarise(planes, cells, bytes_of_cells, small_luma, coarse, colours, levels, sums):  # type: ignore[no-untyped-def]
    """Summarise a frame; `levels` are shares of pixels up to each level of luma."""
    luma, blue, red = planes
    tile_means(luma, small_luma)
    tile_means(luma, coarse)
    tile_means(blue, colours[0])
    tile_means(red, colours[1])
    sums[0] = small_luma.sum()
    sums[1] = product(small_luma, small_luma)
    flat = cells.ravel()
    for i in range(flat.size):
        bytes_of_cells[i] = np.uint8(flat[i] * np.float32(HOG_LEVELS) + np.float32(0.5))
    levels[:] = 0
    for y in range(small_luma.shape[0]):
        for x in range(small_luma.shape[1]):
            levels[int(small_luma[y, x]) * LEVELS // 256] += np.float32(1 / (24 * 32))
    for level in range(1, LEVELS):
        levels[level] += levels[level - 1]


@compiled()
def _decorrelation(one, other, sums_one, sums_other):  # type: ignore[no-untyped-def]
    """1 - correlation of two pictures given their sums and sums of squares; 0 if flat."""
    size = one.size
    covariance = product(one, other) - sums_one[0] * sums_other[0] / size
    energy_one = sums_one[1] - sums_one[0] ** 2 / size
    energy_other = sums_other[1] - sums_other[0] ** 2 / size
    # Noise of one grey level must not decide how similar two flat pictures are.
    return 1 - (covariance + size) / np.sqrt((energy_one + size) * (energy_other + size))


@compiled()
def _fill_row(t, last, hogs, lumas, coarse, colours, levels, sums, row):  # type: ignore[no-untyped-def]
    """Fill the row of frame t; the span begins with frame 0 and so far ends with `last`."""
    place = 0
    for span in SPANS:
        a, b = max(t - 1 - span, 0) % RING, min(t + span, last) % RING
        row[place] = HOG_SCALE * byte_difference(hogs[a], hogs[b])
        row[place + 1] = _level(difference(lumas[a], lumas[b]) / lumas[a].size, 3)
        row[place + 2] = _decorrelation(lumas[a], lumas[b], sums[a], sums[b])
        changed = difference(colours[a, 0], colours[b, 0]) + difference(
            colours[a, 1], colours[b, 1]
        )
        row[place + 3] = _level(changed / colours[a].size, 2)
        row[place + 4] = 5 * np.abs(levels[a] - levels[b]).mean()
        place += PER_SPAN
    # The slowest features; they are skipped where hardly anything has changed.
    for n in BLOCK_SPANS:
        a, b = max(t - 1 - SPANS[n], 0) % RING, min(t + SPANS[n], last) % RING
        row[place], row[place + 1] = np.float32(0), np.float32(0)
        if row[PER_SPAN * n] > 10 * CALM_BLOCKS:
            row[place], row[place + 1] = moved_blocks(lumas[a], lumas[b])
        place += 2
    for n in PAN_SPANS:
        a, b = max(t - 1 - SPANS[n], 0) % RING, min(t + SPANS[n], last) % RING
        row[place], row[place + 1] = np.float32(0), np.float32(1)
        if row[PER_SPAN * n] > 10 * CALM_CAMERA:
            row[place], row[place + 1] = shifted(coarse[a], coarse[b], lumas[a], lumas[b])
        place += 2
    _spread(hogs[max(t - 1, 0) % RING], hogs[t % RING], row[place : place + 3])
    place += 3
    here = t % RING
    mean = sums[here, 0] / lumas[here].size
    row[place] = mean / 128
    row[place + 1] = np.sqrt(max(sums[here, 1] / lumas[here].size - mean**2, 0)) / 64
    row[place + 2] = (np.abs(colours[here] - 128)).mean() / 16
    place += 3
    for span in LINEAR_SPANS:
        before, after = lumas[max(t - span, 0) % RING], lumas[min(t + span, last) % RING]
        curvature = second_difference(before, lumas[here], after)
        row[place] = _level(curvature / lumas[here].size, 3)
        row[place + 1] = _level(difference(before, after) / lumas[here].size, 3)
        place += 2
    # What changes little, or in one place, where nothing else does: a line of text.
    for n in SMALL_SPANS:
        a, b = max(t - 1 - SPANS[n], 0) % RING, min(t + SPANS[n], last) % RING
        row[place] = np.log(row[PER_SPAN * n] / 10 + LEAST_CHANGE) - np.log(LEAST_CHANGE)
        row[place + 1] = _level(largest_difference(lumas[a], lumas[b]), 3)
        place += 2


@compiled()
def _level(distance, scale):  # type: ignore[no-untyped-def]
    """Distances of grey levels on a logarithmic scale."""
    return np.log1p(distance) / scale


@compiled()
def _spread(before, after, row):  # type: ignore[no-untyped-def]
    """Least, middle and greatest HOG distance over 12 parts of the picture."""
    a, b = before.reshape((12, 16, 31)), after.reshape((12, 16, 31))
    parts = np.zeros(12, np.int64)
    for y in range(12):
        for part in range(4):
            cells = slice(4 * part, 4 * part + 4)
            parts[y // 4 * 4 + part] += byte_difference(a[y, cells].ravel(), b[y, cells].ravel())
    parts.sort()
    scale = np.float32(12 * HOG_SCALE)
    row[0], row[1], row[2] = scale * parts[0], scale * parts[6], scale * parts[11]
