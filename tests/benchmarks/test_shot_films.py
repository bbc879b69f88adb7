"""The composer: its truth, on sources of one plain grey each."""

from dataclasses import replace

import av
import numpy as np
import pytest

from shot_cameras import cameras
from shot_families import FAMILIES, WITHOUT_CUTS
from shot_films import (
    FilmSpec,
    compose,
    compose_frames,
    read_truth,
    reporting_specs,
    tuning_specs,
)
from shot_mixing import WIPES, crop, dissolve, flat, through, wipe, zoom
from shot_sources import PictureStore, find_sources


@pytest.fixture(scope="module")
def sources(plain_clips):
    return [one for one in find_sources(plain_clips, "reporting") if one.path.parent == plain_clips]


@pytest.mark.parametrize("family", ["cuts", "similar"])
@pytest.mark.parametrize("fps", [12, 60])
def test_pictures_change_at_the_cuts_and_nowhere_else(sources, family, fps):
    film, pictures = compose_frames(
        FilmSpec(0, "reporting", family, 240, fps), sources, PictureStore()
    )
    lumas = np.array([picture[:240].mean() for picture in pictures])
    assert len(lumas) == film.num_frames
    assert tuple(np.flatnonzero(np.abs(np.diff(lumas)) > 5) + 1) == film.cuts
    assert len(film.cuts) > 2
    assert not film.graduals


@pytest.mark.parametrize("family", ["dissolves", "black-fades", "white-fades", "wipes"])
def test_mixed_frames_are_those_of_the_ranges(sources, family):
    film, frames = compose_frames(
        FilmSpec(3, "reporting", family, 240, 25), sources, PictureStore()
    )
    pictures = list(frames)
    assert film.graduals
    assert not film.cuts
    edges = [0, *(edge for pair in film.graduals for edge in pair), film.num_frames]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        shot = pictures[start:end]
        assert all(np.abs(one[:240].astype(int) - shot[0][:240]).max() <= 1 for one in shot)
    for start, end in film.graduals:
        assert 6 <= end - start <= 40
        before, after = pictures[start - 1], pictures[end]
        for picture in pictures[start:end]:
            assert np.any(picture != before)
            assert np.any(picture != after)


@pytest.mark.parametrize("family", WITHOUT_CUTS)
def test_films_without_cuts_have_none(sources, family):
    heads = [replace(one, path=one.path.with_name("carphone_x.mp4")) for one in sources]
    for one, head in zip(sources, heads, strict=True):
        if not head.path.exists():
            head.path.symlink_to(one.path)
    spec = FilmSpec(0, "reporting", family, 240, 30)
    film, frames = compose_frames(spec, heads if family == "heads" else sources, PictureStore())
    pictures = list(frames)
    assert len(pictures) == film.num_frames == spec.num_frames
    assert film.cuts == film.graduals == ()
    assert {picture.shape for picture in pictures} == {(360, 428)}
    changes = np.abs(np.diff([picture[:240].mean() for picture in pictures]))
    assert (changes.max() > 5) == (family in ("flashes", "lights"))


def test_a_film_is_a_function_of_its_spec(sources):
    spec = FilmSpec(1, "reporting", "mixed", 240, 25)

    def made(spec):
        film, pictures = compose_frames(spec, sources, PictureStore())
        return film, hash(b"".join(picture.tobytes() for picture in pictures))

    assert made(spec) == made(spec)
    assert made(spec)[0].cuts != made(replace(spec, index=1))[0].cuts


def test_files_are_written_once_and_hold_every_frame(plain_clips, tmp_path):
    specs = [FilmSpec(0, "reporting", family, 240, 12) for family in ("cuts", "flashes")]
    films = compose(tmp_path, plain_clips, specs)
    times = {path: path.stat().st_mtime_ns for path in films}
    for path, film in films.items():
        with av.open(str(path)) as container:
            assert sum(1 for _ in container.decode(video=0)) == film.num_frames
        assert read_truth(tmp_path)[path.name] == film
    assert compose(tmp_path, plain_clips, specs) == films
    assert {path: path.stat().st_mtime_ns for path in films} == times
    assert not list(tmp_path.glob("*.part"))


def test_no_camera_is_on_both_sides():
    table = cameras()
    sides: dict[str, set[str]] = {}
    for camera, split in table.values():
        sides.setdefault(camera, set()).add(split)
    assert all(len(splits) == 1 for splits in sides.values())
    names = [name for camera in sides for name in camera.split()]
    assert len(names) == len(set(names))
    assert {split for _, split in table.values()} == {"tuning", "reporting"}


def test_reporting_and_tuning_films_differ_and_all_are_named_once():
    reporting, tuning = reporting_specs(), tuning_specs(indices=2)
    names = [spec.name for spec in [*reporting, *tuning]]
    assert len(names) == len(set(names))
    assert {spec.family for spec in reporting} == {spec.family for spec in tuning} == set(FAMILIES)
    assert {spec.fps for spec in reporting if spec.height == 240} == {12, 25, 30, 60}
    assert len(reporting_specs(small=True)) == len(FAMILIES)


def test_a_wrong_spec_is_refused():
    with pytest.raises(ValueError, match="family must be one of"):
        FilmSpec(0, "tuning", "explosions", 240, 25)


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(16, 236, (360, 428), dtype=np.uint8)


def test_mixing_goes_from_the_old_picture_to_the_new(picture):
    other = np.random.default_rng(1).integers(16, 236, picture.shape, dtype=np.uint8)
    exact = picture + (other.astype(float) - picture) * 0.25
    assert np.abs(dissolve(picture, other, 0.25) - exact).max() <= 0.6
    assert np.array_equal(through(picture, other, 0.5, 16, 0.2), flat(picture, 16))
    for kind in WIPES:
        shares = [
            np.mean(wipe(flat(picture, 16), flat(picture, 200), x, kind)[:240] == 200)
            for x in (0.1, 0.5, 0.9)
        ]
        assert shares == sorted(shares)
        assert 0 < shares[0] < 0.3
        assert 0.7 < shares[2] < 1


def test_crops_take_all_planes_from_the_same_place(picture):
    part = crop(picture, 20, 41, 121, 200)
    assert part.shape == (180, 200)
    whole = av.VideoFrame.from_ndarray(picture, "yuv420p").to_ndarray(channel_last=False)
    assert np.array_equal(part[:120], whole[20:140, 40:240])
    u = whole[240:300].reshape(120, 214)
    assert np.array_equal(part[120:150].reshape(60, 100), u[10:70, 20:120])
    assert zoom(picture, 20, 40, 120, 200).shape == picture.shape
