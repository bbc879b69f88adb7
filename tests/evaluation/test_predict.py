"""Prediction: any file, read directly, with the pixels that a library would give.

Covers also: saved_result.
"""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import eruv
from eruv.cli.main import main
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.evaluation.predict import best_labels
from eruv.evaluation.recognition import recognition
from eruv.library.direct import read_directly
from eruv.media.proxy import ProxySettings
from eruv.training.run_folder import RunFolder
from eruv.utils.errors import EruvError
from films_for_tests import encode, pattern, yuv_frame
from labelled_for_tests import CLASSES, LEVELS, TINY_FINETUNE, train_classifier


@pytest.fixture(scope="module")
def model(labelled: LabelledVideos, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A classifier that has learned its three classes."""
    folder = tmp_path_factory.mktemp("predict") / "model"
    return train_classifier(labelled, folder, replace(TINY_FINETUNE, steps=60, validate_steps=20))


def film_of(data: LabelledVideos, number: int) -> Path:
    return data.library.paths()[data.video_ids[number]][0]


def two_shots(path: Path) -> Path:
    """40 dark frames and 30 bright ones, at 20 a second."""
    frames = [
        yuv_frame(np.roll(pattern(number, 72, 96, *LEVELS[label]), step // 6, axis=1))
        for number, (label, count) in enumerate((("dark", 40), ("bright", 30)))
        for step in range(count)
    ]
    return encode(path, frames, rate=20)


def test_a_file_is_read_to_the_pixels_of_a_library(
    labelled: LabelledVideos, tmp_path: Path
) -> None:
    number = labelled.test[1].video
    settings = labelled.library.settings.proxy
    video = read_directly(film_of(labelled, number), tmp_path, settings)
    kept = labelled.library.proxy_path(labelled.video_ids[number])
    assert video.proxy.read_bytes() == kept.read_bytes()
    assert video.spans(by_shot=False) == [(0, video.shots.num_frames)]


def test_predictions_are_those_of_recognition(model: RunFolder, labelled: LabelledVideos) -> None:
    recognition(model.folder, labelled, device="cpu", loader_workers=0)
    (part,) = (model.folder / "rows").glob("*.npy")
    scores = torch.from_numpy(np.load(part)).softmax(1)
    found = eruv.predict(
        model.folder, [film_of(labelled, video.video) for video in labelled.test], device="cpu"
    )
    by_path = {one.path: one for one in found.videos}
    assert len(by_path) == len(labelled.test) == 6
    for video, row in zip(labelled.test, scores, strict=True):
        result = by_path[str(film_of(labelled, video.video))]
        (one,) = result.predictions
        best = int(row.argmax())
        assert (one.label, result.frames) == (CLASSES[best], video.end)
        assert one.score == pytest.approx(float(row[best]), abs=1e-5)
        assert (one.start, one.end) == (0, video.end)
        assert (one.start_s, one.end_s) == pytest.approx((0, video.end / 25))
        assert [label.label for label in one.best] == [
            CLASSES[place] for place in row.argsort(descending=True)
        ]
        assert sum(label.score for label in one.best) == pytest.approx(1)
        assert result.seconds > 0
    assert [by_path[str(film_of(labelled, video.video))].predictions[0].label
            for video in labelled.test] == [video.label for video in labelled.test]  # fmt: skip


def test_shots_are_told_apart_with_their_times(model: RunFolder, tmp_path: Path) -> None:
    film = two_shots(tmp_path / "film.mp4")
    found = eruv.predict(model.folder, [film], shots=True, device="cpu")
    rows = found.videos[0].predictions
    assert [(row.label, row.start, row.end) for row in rows] == [
        ("dark", 0, 40),
        ("bright", 40, 70),
    ]
    assert [(row.start_s, row.end_s) for row in rows] == [(0, 2), (2, 3.5)]
    (whole,) = eruv.predict(model.folder, [film], device="cpu").videos[0].predictions
    assert (whole.start, whole.end) == (0, 70)


def test_what_cannot_be_read_is_reported_and_does_not_stop_the_rest(
    model: RunFolder, labelled: LabelledVideos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    broken, missing = tmp_path / "broken.mp4", tmp_path / "missing.mp4"
    broken.write_bytes(b"no video at all")
    film = film_of(labelled, labelled.test[0].video)
    found = eruv.predict(model.folder, [broken, film, missing], device="cpu")
    assert [one.path for one in found.videos] == [str(film)]
    assert [one.path for one in found.unreadable] == [str(missing), str(broken)]
    assert "does not exist" in found.unreadable[0].reason
    assert "not a video file" in found.unreadable[1].reason
    with pytest.raises(EruvError, match=r"does not exist.*; .*broken.mp4: not a video file"):
        eruv.predict(model.folder, [broken, missing], device="cpu")
    assert not list((tmp_path / "temporary").iterdir())


def test_damaged_files_are_read_around_their_damage(
    model: RunFolder, labelled: LabelledVideos, tmp_path: Path
) -> None:
    # A film whose end is gone, in a container that needs none.
    film = tmp_path / "film.ts"
    frames = [yuv_frame(pattern(step, 72, 96)) for step in range(60)]
    encode(film, frames, options={"preset": "ultrafast", "g": "10"})
    content = bytearray(film.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4000] = bytes(4000)
    film.write_bytes(content)
    found = eruv.predict(model.folder, [film], device="cpu")
    (damage,) = found.damaged
    assert damage["path"] == str(film)
    assert damage["failed_packets"] > 0
    assert found.videos[0].frames < 60


def test_the_proxies_of_the_training_are_made_again(
    model: RunFolder, labelled: LabelledVideos
) -> None:
    classifier = eruv.load_classifier(model.folder)
    assert ProxySettings(**classifier.details["proxy"]) == labelled.library.settings.proxy


def test_best_labels_are_at_most_five_with_scores_that_sum_up() -> None:
    logits = torch.tensor([0.0, 3.0, 1.0, 2.0, -1.0, 0.5])
    found = best_labels(logits, ("a", "b", "c", "d", "e", "f"))
    assert [one.label for one in found] == ["b", "d", "c", "f", "a"]
    assert found[0].score == pytest.approx(float(torch.exp(logits)[1] / torch.exp(logits).sum()))


def test_nothing_to_predict_from_or_with_is_refused(model: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(EruvError, match="holds no classifier"):
        eruv.predict(tmp_path, [tmp_path])
    with pytest.raises(EruvError, match="`threads` must be at least 0"):
        eruv.predict(model.folder, [tmp_path], threads=-1)


def test_the_command_line_shows_rows_and_prints_json(
    model: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = two_shots(tmp_path / "film.mp4")
    words = ["predict", str(model.folder), str(film), "--shots", "--device", "cpu"]
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    assert lines[0] == ["video", "label", "score", "start", "end", "took", "(s)"]
    assert [*lines[1][:2], *lines[1][3:5]] == ["film.mp4", "dark", "0:00:00.000", "0:00:02.000"]
    assert [lines[2][0], *lines[2][2:4]] == ["bright", "0:00:02.000", "0:00:03.500"]
    (tmp_path / "broken.mp4").write_bytes(b"none")
    with pytest.raises(SystemExit) as end:
        main([*words[:3], str(tmp_path / "broken.mp4"), *words[3:], "--json", "--strict"])
    assert end.value.code == 3
    found = json.loads(capsys.readouterr().out)
    assert [len(one["predictions"]) for one in found["videos"]] == [2]
    assert len(found["unreadable"]) == 1
