"""What the default detector finds in films of many kinds."""

import numpy as np
import pytest

from films_for_tests import pattern
from pictures_for_tests import detect, dissolved, found_in, mixed, planes, real_shots, to_and_fro


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


@pytest.mark.parametrize(
    ("rate", "length"), [(25, 75), (60, 100), (60, 180), (120, 120), (240, 240), (12, 30)]
)
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


@pytest.mark.parametrize("length", [2, 3, 4])
def test_a_montage_of_short_shots_is_cut(length: int) -> None:
    """Also where hardly anything moves within a shot."""
    shots = real_shots()
    montage = [shots[n % 4][5 * (n // 4) + k] for n in range(20) for k in range(length)]
    film = [*shots[2][:30], *montage, *shots[3][30:60]]
    found = found_in(film)
    true = {(place, place) for place in range(30, 31 + 20 * length, length)}
    assert len(true & set(found)) >= 0.9 * len(true)
    assert set(found) <= true


def test_shots_of_a_strobe_are_one() -> None:
    """Every second frame is black for two seconds."""
    shot, black = real_shots()[0], planes(np.full((96, 128), 16, np.uint8))
    film = [black if 40 <= n < 90 and n % 2 else to_and_fro(shot, n) for n in range(130)]
    assert found_in(film) == []


@pytest.mark.parametrize("frames", [6, 15, 40])
def test_fast_zooms_behind_cuts_are_in_their_shots(frames: int) -> None:
    def zoomed(plane: np.ndarray, n: int) -> np.ndarray:
        share = 1 - 0.5 * min(1.0, n / frames)
        y, x = (np.linspace(0, size * share - 1, size // 2).astype(int) for size in plane.shape)
        return plane[np.ix_(y, x)]

    stills = [shot[7] for shot in real_shots(192)]
    film = [[zoomed(plane, n) for plane in still] for still in stills for n in range(50)]
    assert found_in(film) == [(place, place) for place in (50, 100, 150)]


def test_a_last_frame_of_another_shot_is_no_cut() -> None:
    for last in (planes(np.full((96, 128), 16, np.uint8)), real_shots()[3][0]):
        assert detect([*real_shots()[1][:50], last]).shots == [(0, 51)]


def test_the_ends_of_a_file_are_no_transitions() -> None:
    """A film that comes out of black and goes back into it is one shot."""
    black = [
        np.full_like(plane, 16 if n == 0 else 128) for n, plane in enumerate(real_shots()[2][0])
    ]
    shares = np.clip(np.minimum(np.arange(90), np.arange(90)[::-1]) / 20, 0, 1)
    shot = real_shots()[2]
    film = [mixed(black, to_and_fro(shot, n), share) for n, share in enumerate(shares)]
    assert detect(film).shots == [(0, 90)]


def test_a_thing_that_turns_before_black_is_one_shot() -> None:
    """Between pictures that are alike lie others, which are not their sum: no dissolve."""
    film = []
    y, x = np.mgrid[:96, :128]
    inside = (y - 48) ** 2 + (x - 64) ** 2 < 40**2
    globe = pattern(3, 96, 512, 16, 60)
    for n in range(200):
        film.append(np.where(inside, np.roll(globe, n // 2, axis=1)[:, :128], 16).astype(np.uint8))
    assert detect(film).shots == [(0, 200)]
