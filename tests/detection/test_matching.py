"""Blocks are found again where they went, and not in another picture."""

import numpy as np
import pytest

from eruv.detection.matching import halve, matching_blocks
from films_for_tests import pattern


def test_halving_takes_means() -> None:
    luma = np.random.default_rng(0).integers(0, 256, (96, 128), dtype=np.uint8)
    means = luma.reshape(48, 2, 64, 2).mean(axis=(1, 3))
    assert np.array_equal(halve(luma), np.floor(means + 0.5).astype(np.uint8))


@pytest.mark.parametrize(("down", "right"), [(0, 0), (5, 9), (-8, 12)])
def test_a_moved_picture_is_found_again(down: int, right: int) -> None:
    wide = pattern(3, 80, 100)
    before = wide[16:64, 18:82].copy()
    after = wide[16 + down : 64 + down, 18 + right : 82 + right].copy()
    darker = (after * 0.7).astype(np.uint8)
    assert matching_blocks(before, after) > 80
    assert matching_blocks(before, darker) > 80


def test_another_picture_is_not() -> None:
    assert matching_blocks(pattern(3, 48, 64), pattern(4, 48, 64)) < 20


def test_a_flat_picture_proves_nothing() -> None:
    flat = np.full((48, 64), 90, np.uint8)
    assert matching_blocks(flat, flat) == 0
