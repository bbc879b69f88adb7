"""The built-in films: plans obey the laws of the demo, and files show what was planned.

Covers also: actions, camera, cloth, figure, limbs, motion, photos, plan,
render, skeleton, stage, truth.
"""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from eruv.films import films as films_module
from eruv.films import photos
from eruv.films.actions import ACTIONS
from eruv.films.camera import CAMERAS, MAX_SHIFT, camera_path
from eruv.films.films import DemoFilm, plan_films, read_films, render_films
from eruv.films.plan import FilmPlan
from eruv.films.render import fingerprint, render_film
from eruv.films.stage import Stage
from eruv.utils.errors import EruvError

SEEDS = range(5)


def films_of(split: str, seed: int = 0) -> list[DemoFilm]:
    return [plan.truth() for plan in plan_films(seed) if plan.split == split]


def shorten(plan: FilmPlan, frames: int = 24) -> FilmPlan:
    """Keep three shots of a film, seen by a camera at rest, with a cut and a dissolve between."""
    starts = (0, frames, 2 * frames + 8)
    shots = tuple(
        replace(shot, start=start, end=start + frames, camera="static")
        for shot, start in zip(plan.shots, starts, strict=False)
    )
    return replace(plan, shots=shots)


def decode(path: Path) -> np.ndarray:
    """All frames as (F, 240, 320) grey values."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    return np.stack(frames).astype(np.float32)


@pytest.mark.parametrize("seed", SEEDS)
def test_films_have_the_promised_number_and_length(seed: int) -> None:
    train, held_out = films_of("train", seed), films_of("held_out", seed)
    assert (len(train), len(held_out)) == (20, 10)
    assert len({film.name for film in train + held_out}) == 30
    assert sum(len(film.shots) for film in held_out) >= 80
    for film in train + held_out:
        assert 20 <= film.num_frames / film.fps <= 60
        assert 7 <= len(film.shots) <= 10
        for shot in film.shots:
            assert 60 <= shot.end - shot.start <= 420


@pytest.mark.parametrize("seed", SEEDS)
def test_every_boundary_is_a_cut_or_a_dissolve(seed: int) -> None:
    for plan in plan_films(seed):
        film = plan.truth()
        assert len(film.cuts) + len(film.dissolves) == len(film.shots) - 1
        assert all(8 <= end - start <= 20 for start, end in film.dissolves)
        for before, after in pairwise(plan.shots):
            assert (before.place, before.close) != (after.place, after.close)
    films = [plan.truth() for plan in plan_films(seed)]
    dissolves = sum(len(film.dissolves) for film in films)
    boundaries = sum(len(film.shots) - 1 for film in films)
    assert 0.04 < dissolves / boundaries < 0.25


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("split", ["train", "held_out"])
def test_each_action_is_in_at_least_three_films_and_in_many_guises(seed: int, split: str) -> None:
    names, backgrounds, cameras, figures = (defaultdict(set) for _ in range(4))
    for film in films_of(split, seed):
        for shot in film.shots:
            names[shot.action].add(film.name)
            backgrounds[shot.action].add(shot.background)
            cameras[shot.action].add(shot.camera)
            figures[shot.action].add(shot.figure)
    assert set(names) == set(ACTIONS)
    assert len(ACTIONS) >= 8
    assert min(map(len, names.values())) >= 3
    assert min(map(len, backgrounds.values())) >= 3
    assert min(map(len, cameras.values())) >= 2
    assert min(map(len, figures.values())) >= 3


@pytest.mark.parametrize("seed", SEEDS)
def test_splits_share_no_background_and_no_cloth(seed: int) -> None:
    seen = {}
    for split in ("train", "held_out"):
        shots = [shot for film in films_of(split, seed) for shot in film.shots]
        cloths = {cloth for shot in shots for cloth in shot.figure.split("+")}
        seen[split] = ({shot.background for shot in shots}, cloths)
    assert not seen["train"][0] & seen["held_out"][0]
    assert not seen["train"][1] & seen["held_out"][1]


def test_action_does_not_tell_camera_or_speed() -> None:
    shots = [shot for seed in range(20) for film in films_of("train", seed) for shot in film.shots]
    for action in ACTIONS:
        own = [shot for shot in shots if shot.action == action]
        assert np.mean([shot.speed for shot in own]) == pytest.approx(1.02, abs=0.05)
        for camera in CAMERAS:
            share = np.mean([shot.camera == camera for shot in own])
            assert share == pytest.approx(1 / len(CAMERAS), abs=0.09)


def test_a_plan_depends_on_seed_and_number_only() -> None:
    assert plan_films(3) == plan_films(3)
    assert plan_films(3) != plan_films(4)
    assert plan_films(3, num_train=2, num_held_out=0) == plan_films(3)[:2]
    assert plan_films(3, num_train=0, num_held_out=2) == plan_films(3)[20:22]
    with pytest.raises(ValueError, match="negative"):
        plan_films(-1)


@pytest.mark.parametrize("kind", CAMERAS)
def test_camera_moves_smoothly_and_stays_within_the_background(kind: str) -> None:
    seconds = np.arange(400) / 25
    for seed in range(20):
        path = camera_path(kind, seconds, np.random.default_rng(seed))
        assert np.all(np.abs(path[:, :2]) <= MAX_SHIFT)
        assert path[:, 2].min() >= 1
        assert np.abs(np.diff(path[:, :2], axis=0)).max() < 4
        assert (kind == "static") == (np.ptp(path, axis=0).max() == 0)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_figure_stays_whole_in_motion(action: str) -> None:
    cycles = np.linspace(0, 2, 400, endpoint=False)
    motion = ACTIONS[action].motion(cycles)
    assert np.isfinite(motion.angles).all()
    # At 400 samples for two cycles no joint may leap; one cycle runs into the next.
    assert np.abs(np.diff(motion.angles, axis=0)).max() < 16
    np.testing.assert_allclose(motion.angles[:200], motion.angles[200:], atol=1e-6)


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_shows_within_sixteen_frames(action: str) -> None:
    plan, shot = next(
        (plan, shot)
        for plan in plan_films()
        for shot in plan.shots
        if shot.action == action and shot.camera == "static"
    )
    stage = Stage(plan, shot, shot.start, shot.start + 32)
    clips = np.stack(
        [np.asarray(stage.picture(shot.start + n).convert("L"), np.float32) for n in range(32)]
    )
    for clip in (clips[:16], clips[8:24], clips[16:]):
        moved = np.ptp(clip, axis=0) > 40
        assert moved.mean() > 0.005


def test_a_rendered_film_is_what_was_planned(tmp_path: Path) -> None:
    plan = shorten(plan_films(1, 1, 0)[0])
    path = tmp_path / "film.mp4"
    counted: list[int] = []
    render_film(plan, path, counted.append)
    film, frames = plan.truth(), decode(path)
    assert frames.shape == (film.num_frames, 240, 320)
    assert sum(counted) == film.num_frames
    assert [entry.name for entry in tmp_path.iterdir()] == ["film.mp4"]
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.average_rate == film.fps
    changes = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2))
    (cut,) = film.cuts
    assert changes.argmax() == cut - 1
    assert changes[cut - 1] > 3 * np.delete(changes, cut - 1).max()
    ((start, end),) = film.dissolves
    before, mixed, after = frames[start - 1], frames[start:end].mean(axis=0), frames[end]
    halfway = np.abs(mixed - (before + after) / 2).mean()
    assert halfway < 0.4 * min(np.abs(mixed - before).mean(), np.abs(mixed - after).mean())


def test_rendering_again_gives_the_same_bytes_whatever_was_in_memory(tmp_path: Path) -> None:
    plan = plan_films()[13]
    assert plan.shots[0].camera == "handheld"
    plan = replace(plan, shots=plan.shots[:1])
    rng = np.random.default_rng(0)
    films = set()
    for number in range(4):
        leftovers = [rng.bytes(int(size)) for size in rng.integers(1_000, 400_000, size=60)]
        del leftovers
        render_film(plan, tmp_path / f"{number}.mp4")
        films.add((tmp_path / f"{number}.mp4").read_bytes())
    assert len(films) == 1


def test_only_missing_films_are_rendered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Where output is not buffered, lines of two processes on one pipe could mix.
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    reports: list[tuple[float, float | None]] = []
    monkeypatch.setattr(
        films_module.Progress,
        "update",
        lambda progress, done, details: reports.append((done, progress.total)),
    )
    settings = {"seed": 5, "num_train": 1, "num_held_out": 1}
    films = render_films(tmp_path, **settings)
    total = sum(film.num_frames for film in films)
    assert reports[0] == (0, total)
    assert reports[-1] == (total, total)
    assert reports == sorted(reports)
    assert read_films(tmp_path) == films
    assert {entry.name for entry in tmp_path.iterdir()} == {
        "films.json",
        *(f"{film.name}.mp4" for film in films),
    }
    for film in films:
        assert len(decode(tmp_path / f"{film.name}.mp4")) == film.num_frames

    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.mp4")}
    reports.clear()
    render_films(tmp_path, **settings)
    assert reports == [(total, total)]
    assert stamps == {path: path.stat().st_mtime_ns for path in stamps}


def test_a_film_of_other_parameters_is_not_taken_for_the_wanted_one(tmp_path: Path) -> None:
    wanted, other = plan_films(1, 1, 0)[0], plan_films(2, 1, 0)[0]
    path = tmp_path / "train_00.mp4"
    assert not films_module.is_rendered(wanted, path)
    path.write_bytes(b"not a film")
    assert not films_module.is_rendered(wanted, path)
    render_film(shorten(other), path)
    assert not films_module.is_rendered(wanted, path)
    assert films_module.is_rendered(shorten(other), path)


def test_films_that_exist_stay_valid() -> None:
    """The ids of videos come from their bytes; with another fingerprint all films change."""
    known = "2fa4535db4755a61b595110f2efac00e0886b6ea77b4dc42fb8637b6cfffd8bd"
    assert fingerprint(plan_films(0)[0]) == known


def test_an_error_leaves_no_file(tmp_path: Path) -> None:
    plan = shorten(plan_films(1, 1, 0)[0])

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_film(plan, tmp_path / "film.mp4", interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_worker_is_reported(tmp_path: Path) -> None:
    (tmp_path / "train_00.mp4").mkdir()
    with pytest.raises(EruvError, match=r"train_00\.mp4"):
        render_films(tmp_path, num_train=1, num_held_out=0)


def test_missing_photographs_are_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "find_spec", lambda name: None)
    with pytest.raises(EruvError, match=r"scikit-.*eruv\[demo\]"):
        render_films(tmp_path)


def test_missing_or_damaged_truth_is_reported(tmp_path: Path) -> None:
    with pytest.raises(EruvError, match="render"):
        read_films(tmp_path)
    (tmp_path / "films.json").write_text('[{"name": 1}]', encoding="utf-8")
    with pytest.raises(EruvError, match="damaged"):
        read_films(tmp_path)


def test_workers_must_be_some(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="workers"):
        render_films(tmp_path, workers=0)


def test_films_need_no_torch() -> None:
    check = "import sys, eruv.films.films; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
