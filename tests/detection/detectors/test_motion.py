"""Moved blocks and swung cameras, against direct loops and against pictures that did move."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.detection.detectors.motion import BLOCK, LEAST_OVERLAP, SEARCH, moved_blocks, shifted
from films_for_tests import pattern


def small(luma: np.ndarray, tile: int = 4) -> np.ndarray:
    """Means of tiles, as the detector sees a picture."""
    rows, columns = (side // tile for side in luma.shape)
    means = luma.reshape(rows, tile, columns, tile).mean(axis=(1, 3))
    return means.astype(np.float32)


def swung(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    return shifted(small(before, 8), small(after, 8), small(before), small(after))


@pytest.mark.parametrize("right", [0, 4, 7, 12])
def test_a_block_is_found_where_it_went(right: int) -> None:
    wide = small(pattern(3, 96, 240))
    rest, unmatched = moved_blocks(wide[:, 8 : 8 + 32].copy(), wide[:, 8 + right :][:, :32].copy())
    other, all_unmatched = moved_blocks(wide[:, :32].copy(), small(pattern(4, 96, 128)))
    assert all_unmatched > 0.5
    if right <= SEARCH:
        assert rest < 0.4 * other
    else:
        assert unmatched > 0.5


def test_moved_blocks_are_those_of_a_direct_search() -> None:
    before, after = small(pattern(1, 96, 128)), small(pattern(2, 96, 128))
    shares = []
    for top in range(0, 24, BLOCK):
        for left in range(0, 32, BLOCK):
            block = after[top : top + BLOCK, left : left + BLOCK]
            rests = [
                np.abs(block - before[y : y + BLOCK, x : x + BLOCK]).sum()
                for y in range(max(0, top - SEARCH), min(24 - BLOCK, top + SEARCH) + 1)
                for x in range(max(0, left - SEARCH), min(32 - BLOCK, left + SEARCH) + 1)
            ]
            contrast = np.abs(block - block.mean()).sum()
            shares.append(min(min(rests) / (contrast + 2 * BLOCK * BLOCK), 4))
    rest, unmatched = moved_blocks(before, after)
    assert rest == pytest.approx(np.mean(shares), rel=1e-5)
    assert unmatched == pytest.approx(np.mean(np.array(shares) > 0.6))


@settings(deadline=None, max_examples=25)
@given(down=st.integers(-40, 40), right=st.integers(-60, 60))
def test_a_swing_is_found_as_far_as_frames_overlap(down: int, right: int) -> None:
    scene = pattern(5, 96 + 80, 128 + 120)
    before, after = scene[40:136, 60:188], scene[40 + down : 136 + down, 60 + right : 188 + right]
    overlap = (96 - abs(down)) * (128 - abs(right)) / (96 * 128)
    rest, found = swung(before, after)
    stranger, _ = swung(before, pattern(6, 96, 128))
    if overlap > LEAST_OVERLAP + 0.1:
        assert rest < 0.6 * stranger
        assert found == pytest.approx(overlap, abs=0.08)


def test_the_same_picture_leaves_nothing() -> None:
    picture = pattern(7, 96, 128)
    assert moved_blocks(small(picture), small(picture)) == (0, 0)
    assert swung(picture, picture) == (0, 1)


def test_flat_pictures_are_alike_but_for_their_light() -> None:
    grey, white = (np.full((96, 128), level, np.uint8) for level in (100, 235))
    assert swung(grey, grey)[0] == 0
    assert swung(grey, white)[0] == 4
