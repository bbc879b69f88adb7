"""Films after people's files: their truth, on sources of one plain grey each; and their scores."""

import itertools

import numpy as np
import pytest

from eruv.detection.detectors.base import Transition
from shot_films import Film, FilmSpec, compose_frames, real_specs
from shot_mixing import combed, flat, push
from shot_real_families import REAL_FAMILIES
from shot_real_kinds import KindScore, score_of, told_kinds
from shot_reel import Reel
from shot_sources import PictureStore, find_sources


@pytest.fixture(scope="module")
def sources(plain_clips):
    return [one for one in find_sources(plain_clips, "reporting") if one.path.parent == plain_clips]


def made(family, fps, sources, seed=0):
    film, pictures = compose_frames(
        FilmSpec(seed, "reporting", family, 240, fps), sources, PictureStore()
    )
    return film, [picture[:240].astype(np.int16) for picture in pictures]


@pytest.mark.parametrize(
    ("family", "fps"), [("montage", 25), ("photographs", 1), ("photographs", 25), ("soft", 12)]
)
def test_pictures_change_where_the_truth_says(family, fps, sources):
    film, lumas = made(family, fps, sources)
    assert len(lumas) == film.num_frames
    steps = [np.abs(a - b).max() for a, b in itertools.pairwise(lumas)]
    told = set(film.cuts) | {n for start, end in film.graduals for n in range(start, end + 1)}
    assert {n + 1 for n in np.flatnonzero(np.array(steps) > 4)} <= told
    assert set(film.cuts) <= {n + 1 for n in np.flatnonzero(np.array(steps) > 4)}
    assert all(1 <= end - start <= 4 for start, end in film.graduals)


@pytest.mark.parametrize("family", ["slides", "screens", "strobes"])
def test_written_pages_change_at_their_cuts(family, sources):
    film, lumas = made(family, 5 if family != "strobes" else 25, sources)
    assert len(lumas) == film.num_frames
    assert bool(film.cuts) == (family != "strobes")
    for cut in film.cuts:
        assert np.abs(lumas[cut] - lumas[cut - 1]).mean() > 0.3


def test_every_rate_of_every_family_is_named_once():
    names = [spec.name for spec in real_specs("reporting", indices=2)]
    assert len(names) == len(set(names))
    assert {spec.family for spec in real_specs("tuning")} == set(REAL_FAMILIES)


def test_a_held_reel_shows_every_picture_so_often():
    reel = Reel([2], [(3, 5)], 6, ["wipe"], [lambda: iter(np.arange(6, dtype=np.uint8))])
    held = reel.held([2, 3])
    assert [int(one) for one in held.pictures()] == [0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 5]
    assert held.kinds == ["wipe"]
    assert (held.num_frames, held.cuts, held.graduals) == (15, [5], [(7, 12)])


@pytest.fixture
def both():
    """Two pictures that are plain in all planes."""
    one = np.empty((360, 428), np.uint8)
    return flat(one, 40), flat(one, 200)


@pytest.mark.parametrize(
    ("side", "axis", "first"), [(0, 1, 40), (1, 1, 200), (2, 0, 40), (3, 0, 200)]
)
def test_a_push_shows_so_much_of_either(both, side, axis, first):
    old, new = both
    mixed = push(old, new, 0.25, side)[:240]
    assert np.mean(mixed == 200) == pytest.approx(0.25, abs=0.01)
    assert mixed[0, 0] == first
    assert len(np.unique(mixed, axis=axis)[0 if axis == 0 else slice(None)].ravel()) > 1
    assert np.array_equal(push(old, new, 0.25, side)[240:], old[240:])


def test_a_combed_picture_has_rows_of_both(both):
    old, new = both
    mixed = combed(old, new, 0.1)[:240]
    assert np.all(mixed[0::2] == 40)
    assert np.all(mixed[1::2] == 200)


def test_a_dissolve_in_two_pieces_is_counted_and_overlaps_are_shares():
    spec = FilmSpec(0, "reporting", "soft", 240, 25)
    film = Film(spec, 200, (50,), ((100, 120),), 23, 48, 1, ("dissolve",))
    whole = score_of(
        film, [Transition(50, 50, "cut", 1.0), Transition(100, 110, "dissolve", 1.0, 0.9)]
    )
    assert whole.told == 1
    assert (whole.true, whole.found, whole.matched, whole.pieces) == (2, 2, 2, 0)
    assert whole.overlap == pytest.approx(0.5)
    parts = [Transition(100, 105, "dissolve", 1.0), Transition(110, 120, "wipe", 1.0)]
    broken = score_of(film, parts)
    assert broken.told == 0
    assert [kind for _, kind, _ in told_kinds(film, parts)] == ["wipe"]
    assert told_kinds(film, []) == [("dissolve", "", 0.0)]
    assert (broken.matched, broken.pieces) == (1, 1)
    assert (whole + broken).f1 == pytest.approx(2 * 3 / 8)
    assert KindScore().f1 == 1
