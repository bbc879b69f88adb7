"""How sure a cut must be, by what changes there and around, on films drawn here."""

import numpy as np

from eruv.detection.detectors.cut_rules import (
    CLEAR_MIDPOINT,
    FOUND_MIDPOINT,
    MIDPOINT,
    cut_midpoints,
    luma_is_still,
    only_colours_change,
)
from eruv.detection.detectors.features import FrameFeatures
from films_for_tests import pattern

Film = list[list[np.ndarray]]


def planes(luma: np.ndarray, blue: int = 128) -> list[np.ndarray]:
    return [luma, np.full((48, 64), blue, np.uint8), np.full((48, 64), 128, np.uint8)]


def rows_of(film: Film) -> np.ndarray:
    features = FrameFeatures()
    return np.stack([row for frame in film for row in features.add(frame)] + features.finish())


def swung(start: int, step: int, count: int) -> Film:
    """A camera that swings over a wide scene."""
    scene = np.concatenate([pattern(seed, 96, 128) for seed in range(32)], axis=1)
    return [planes(scene[:, start + step * n :][:, :128].copy()) for n in range(count)]


def test_a_cut_between_shots_that_hardly_move_is_clear() -> None:
    midpoints = cut_midpoints(rows_of([*swung(0, 1, 30), *swung(2000, 1, 30)]))
    assert midpoints[30] == np.float32(CLEAR_MIDPOINT)
    assert (np.delete(midpoints, 30) >= MIDPOINT).all()


def test_where_a_camera_swings_no_cut_is_clear() -> None:
    """Not even where no block of a picture is found in the next."""
    midpoints = cut_midpoints(rows_of([*swung(0, 1, 20), *swung(20, 100, 20), *swung(2020, 1, 20)]))
    assert (midpoints[21:39] >= MIDPOINT).all()


def test_where_a_strobe_ends_the_shot_is_that_of_before() -> None:
    shot, black = swung(0, 0, 60), planes(np.full((96, 128), 16, np.uint8))
    film = [black if 20 <= n < 40 and n % 2 else picture for n, picture in enumerate(shot)]
    assert cut_midpoints(rows_of(film))[40] == np.float32(FOUND_MIDPOINT)


def test_what_a_key_frame_sharpens_is_found_again() -> None:
    fine = np.clip(
        pattern(3, 96, 128) + np.random.default_rng(0).normal(0, 12, (96, 128)), 0, 255
    ).astype(np.uint8)
    midpoints = cut_midpoints(rows_of([planes(pattern(3, 96, 128))] * 30 + [planes(fine)] * 30))
    assert midpoints[30] == np.float32(FOUND_MIDPOINT)


def test_colours_change_alone_where_luma_stands_still() -> None:
    still, other = pattern(1, 96, 128), pattern(2, 96, 128)
    for second, blue, alone in ((still, 160, True), (other, 160, False), (still, 128, False)):
        rows = rows_of([planes(still)] * 30 + [planes(second, blue)] * 30)
        found = np.flatnonzero(only_colours_change(rows)).tolist()
        assert found == (list(range(27, 34)) if alone else []), (blue, alone)
        assert luma_is_still(rows)[30] == (second is still)
