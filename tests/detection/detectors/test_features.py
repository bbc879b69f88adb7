"""Rows of features: one a frame, from the frames near it alone, telling what they should."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eruv.detection.detectors.features import (
    BATCH,
    BLOCK_SPANS,
    COLOUR_FEATURES,
    LINEAR_SPANS,
    NUM_FEATURES,
    PAN_SPANS,
    PER_SPAN,
    REACH,
    SMALL_SPANS,
    SPANS,
    FrameFeatures,
)
from films_for_tests import pattern

Film = list[list[np.ndarray]]


def planes(luma: np.ndarray, blue: int = 128, red: int = 128) -> list[np.ndarray]:
    return [luma, np.full((48, 64), blue, np.uint8), np.full((48, 64), red, np.uint8)]


def film_of(*shots: tuple[int, int]) -> Film:
    """Still shots: number of a pattern, number of frames."""
    return [planes(pattern(seed, 96, 128)) for seed, count in shots for _ in range(count)]


def rows_of(film: Film) -> np.ndarray:
    features = FrameFeatures()
    rows = [row for frame in film for row in features.add(frame)] + features.finish()
    return np.array(rows)


@pytest.mark.parametrize("count", [1, 2, REACH, REACH + 1, 100])
def test_there_is_one_row_a_frame(count: int) -> None:
    assert rows_of(film_of((1, count))).shape == (count, NUM_FEATURES)


def test_rows_come_as_soon_as_a_batch_allows() -> None:
    features = FrameFeatures()
    told = np.cumsum([len(features.add(frame)) for frame in film_of((1, 5 * BATCH))])
    seen = np.arange(1, 5 * BATCH + 1)
    assert told.tolist() == np.maximum(0, seen // BATCH * BATCH - REACH).tolist()
    assert len(features.finish()) == REACH


def test_a_cut_shows_in_every_span_and_nowhere_else() -> None:
    rows = rows_of(film_of((1, 80), (2, 80)))
    for number, span in enumerate(SPANS):
        seen = np.flatnonzero(rows[:, PER_SPAN * number] > 0)
        assert seen.tolist() == list(range(80 - span, 80 + span + 1))


def test_a_line_of_text_on_a_still_stands_out() -> None:
    """Hardly anything changes on average, but all of it in one place."""
    page = pattern(1, 96, 128) // 4
    lined = page.copy()
    lined[40:44, 20:40] = 230
    row = rows_of([planes(page)] * 20 + [planes(lined)] * 20)[20]
    change, largest = row[-2 * len(SMALL_SPANS) :][:2]
    assert row[1] < 0.5
    assert change > 0.5
    assert largest > 1.5


def test_a_flash_shows_in_the_short_spans_only() -> None:
    film = film_of((1, 60))
    film[30] = planes(np.full((96, 128), 230, np.uint8))
    row = rows_of(film)[30]
    distances = row[[PER_SPAN * number for number in range(len(SPANS))]]
    assert distances[0] > 0.3
    assert not distances[1:].any()


def test_light_changes_luma_but_not_its_pattern() -> None:
    bright = pattern(1, 96, 128) // 2 + 60
    film = [planes(bright)] * 30 + [planes((bright - 30).astype(np.uint8))] * 30
    row = rows_of(film)[30]
    assert row[1] > 1
    assert row[2] == pytest.approx(0, abs=0.01)


def test_colour_alone_is_seen() -> None:
    luma = pattern(1, 96, 128)
    row = rows_of([planes(luma)] * 30 + [planes(luma, red=200)] * 30)[30]
    assert row[3] > 1
    assert not row[[0, 1, 4]].any()


def test_a_grey_film_has_no_colour_features() -> None:
    rows = rows_of(film_of((1, 30), (2, 30)))
    assert not rows[:, COLOUR_FEATURES].any()
    others = [n for n in range(NUM_FEATURES) if n not in COLOUR_FEATURES]
    assert rows[:, others].any(axis=0).sum() > len(others) - 3
    coloured = rows_of([planes(pattern(1, 96, 128), red=90 + n) for n in range(60)])
    assert coloured[30, COLOUR_FEATURES].all()


def test_a_swing_of_the_camera_is_told_from_a_dissolve() -> None:
    """Frames 8 apart of a pan show the same things; those of a dissolve do not."""
    scene = pattern(3, 96, 400)
    pan = [planes(scene[:, 6 * n : 6 * n + 128].copy()) for n in range(40)]
    one, other = pattern(1, 96, 128).astype(float), pattern(2, 96, 128).astype(float)
    shares = np.arange(40) / 39
    mix = [planes(np.rint(one + (other - one) * share).astype(np.uint8)) for share in shares]
    start = PER_SPAN * len(SPANS) + 2 * len(BLOCK_SPANS)
    swung, mixed = (
        rows_of(film)[20, start : start + 2 * len(PAN_SPANS)].reshape(-1, 2) for film in (pan, mix)
    )
    assert swung[1, 0] < 0.5 * mixed[2, 0]
    moved = [6 * (2 * SPANS[number] + 1) / 128 for number in PAN_SPANS]
    assert swung[:, 1] == pytest.approx(1 - np.array(moved), abs=0.08)


def test_a_dissolve_does_not_bend() -> None:
    one, other = pattern(1, 96, 128).astype(float), pattern(2, 96, 128).astype(float)
    shares = np.clip((np.arange(80) - 30) / 20, 0, 1)
    film = [planes(np.rint(one + (other - one) * share).astype(np.uint8)) for share in shares]
    place = NUM_FEATURES - 2 * len(SMALL_SPANS) - 2 * len(LINEAR_SPANS)
    place += 2 * LINEAR_SPANS.index(8)
    curvature, difference = rows_of(film)[40][place : place + 2]
    assert difference > 1
    assert curvature < 0.5 * difference


def test_a_row_depends_on_near_frames_only() -> None:
    film = film_of(*((seed, 30) for seed in range(1, 7)))
    rows, t = rows_of(film), 90
    near = rows_of(film[t - REACH - 1 : t + REACH + 1])
    assert np.array_equal(near[REACH + 1], rows[t])


def test_code_from_the_cache_gives_the_bits_of_code_just_compiled(tmp_path: Path) -> None:
    script = (
        "import hashlib, numpy as np\n"
        "from eruv.detection.detectors.features import FrameFeatures\n"
        "rng, features = np.random.default_rng(0), FrameFeatures()\n"
        "shapes = [(96, 128), (48, 64), (48, 64)]\n"
        "rows = [row for _ in range(80)\n"
        "        for row in features.add([rng.integers(0, 256, s, np.uint8) for s in shapes])]\n"
        "print(hashlib.sha256(np.stack(rows).tobytes()).hexdigest())\n"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    call = [sys.executable, "-c", script]
    compiled, cached = (
        subprocess.run(call, env=environment, check=True, capture_output=True).stdout
        for _ in range(2)
    )
    assert compiled == cached
