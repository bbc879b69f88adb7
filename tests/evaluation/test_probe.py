"""Frozen features: what they are, that they are kept, and that both measures are honest."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler

import eruv
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.evaluation.features import clips_of
from eruv.evaluation.probe import (
    STRENGTHS,
    WITHOUT_CHOICE,
    ProbeResult,
    linear_probe,
    measure_features,
    nearest_neighbours,
    probe,
)
from eruv.models.encoder import Encoder
from eruv.utils.errors import EruvError


@pytest.fixture(scope="module")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder whose batch norm has seen something."""
    torch.manual_seed(7)
    encoder = Encoder("r3d", 0.05, 32, 43, 32).train()
    encoder(torch.randint(0, 256, (8, 16, 32, 32, 3), dtype=torch.uint8))
    folder = tmp_path_factory.mktemp("probe") / "encoder"
    encoder.save_pretrained(folder)
    return folder


def probed(folder: Path, data: LabelledVideos, **more: int) -> ProbeResult:
    return probe(folder, data, device="cpu", loader_workers=0, **more)


def kept_rows(folder: Path, count: int) -> list[np.ndarray]:
    found = [np.load(path) for path in (folder / "rows").glob("*.npy")]
    return [rows for rows in found if len(rows) == count]


def test_both_encoders_are_measured_on_the_mean_of_the_average_pooled_features(
    encoder_folder: Path, labelled: LabelledVideos
) -> None:
    found = probed(encoder_folder, labelled, neighbours=3)
    assert found.chance == 1 / 3
    encoder = eruv.load(encoder_folder)
    reader = labelled.reader(encoder.size)
    expected = []
    for video in labelled.test:
        clips = torch.from_numpy(reader.read_all(clips_of(video, encoder.size)))
        with torch.no_grad():
            expected.append(encoder.forward_features(clips).mean((2, 3, 4)).mean(0).numpy())
    rows = kept_rows(encoder_folder, len(labelled.test))
    assert len(rows) == 2
    assert any(np.allclose(one, expected, rtol=1e-4, atol=1e-6) for one in rows)
    for name in ("trained", "untrained"):
        # Films of one brightness: any features of pixels tell them apart.
        assert getattr(found, name)["linear_probe"]["top1"] >= 5 / 6
        assert getattr(found, name)["linear_probe"]["top5_of"] == 3
        assert 0 <= getattr(found, name)["knn_top1"] <= 1


def test_features_are_used_again_and_the_result_too(
    encoder_folder: Path, labelled: LabelledVideos, capsys: pytest.CaptureFixture[str]
) -> None:
    first = probed(encoder_folder, labelled, neighbours=3)
    files = sorted((encoder_folder / "rows").glob("*.npy"))
    assert len(files) == 4
    path = encoder_folder / "probe.json"
    assert json.loads(path.read_text()) == first.to_dict()
    path.write_text(json.dumps(first.to_dict() | {"chance": -1.0}))
    assert probed(encoder_folder, labelled, neighbours=3).chance == -1.0  # read, not measured
    capsys.readouterr()
    other = probed(encoder_folder, labelled, neighbours=1)
    assert (other.neighbours, other.chance) == (1, 1 / 3)
    assert "features" not in capsys.readouterr().err  # no clip was read
    assert sorted((encoder_folder / "rows").glob("*.npy")) == files


def test_another_input_has_features_of_its_own(
    encoder_folder: Path, labelled: LabelledVideos, tmp_path: Path
) -> None:
    pictures = probed(encoder_folder, labelled, neighbours=3)
    folder = tmp_path / "encoder"
    shutil.copytree(encoder_folder, folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"input": "residual"}))
    changes = probed(folder, labelled, neighbours=3)
    assert changes.weights != pictures.weights
    assert len(kept_rows(folder, len(labelled.test))) == 4
    assert len(kept_rows(folder, len(labelled.train))) == 4


def test_the_untrained_rival_can_be_left_out(
    encoder_folder: Path, labelled: LabelledVideos
) -> None:
    both = probed(encoder_folder, labelled, neighbours=3)
    alone = probed(encoder_folder, labelled, neighbours=3, beside_untrained=False)
    assert alone.trained == both.trained
    assert alone.untrained is None


def features(seed: int, per_class: int, classes: int, spread: float) -> tuple:
    """Clusters of features (V, 8) with labels and files, two videos a file."""
    generator = np.random.default_rng(seed)
    centres = generator.standard_normal((classes, 8))
    labels = np.repeat(np.arange(classes), per_class)
    rows = centres[labels] + spread * generator.standard_normal((len(labels), 8))
    return rows.astype(np.float32), labels, np.arange(len(labels)) // 2


def test_the_strength_is_the_best_of_cross_validation_within_the_training_videos() -> None:
    train, labels, files = features(0, 12, 3, 2.0)
    test, _, _ = features(1, 5, 3, 2.0)
    found, strength = linear_probe(train, labels, files, test, seed=5)
    splitter = StratifiedGroupKFold(5, shuffle=True, random_state=5)
    accuracy = {}
    for candidate in STRENGTHS:
        right = []
        for inside, outside in splitter.split(train, labels, files):
            assert set(files[inside]).isdisjoint(files[outside])
            mean, deviation = train[inside].mean(0), train[inside].std(0)
            model = LogisticRegression(C=candidate, max_iter=2000)
            model.fit((train[inside] - mean) / deviation, labels[inside])
            right.append(
                (model.predict((train[outside] - mean) / deviation) == labels[outside]).mean()
            )
        accuracy[candidate] = np.mean(right)
    assert accuracy[strength] == pytest.approx(max(accuracy.values()))
    assert len(set(accuracy.values())) > 1  # else any choice would do
    scaler = StandardScaler().fit(train)
    model = LogisticRegression(C=strength, max_iter=2000).fit(scaler.transform(train), labels)
    np.testing.assert_allclose(found, model.predict_log_proba(scaler.transform(test)), atol=1e-6)


def test_a_class_with_one_file_leaves_nothing_to_choose_by() -> None:
    train, labels, files = features(0, 2, 3, 0.1)
    found, strength = linear_probe(train, labels, files, train, seed=0)
    assert strength == WITHOUT_CHOICE
    assert (found.argmax(1) == labels).all()


@given(seed=st.integers(0, 500), k=st.integers(1, 9))
def test_neighbours_vote_by_cosine(seed: int, k: int) -> None:
    train, labels, _ = features(seed, 4, 3, 1.0)
    test, _, _ = features(seed + 1, 2, 3, 1.0)
    found = nearest_neighbours(train, labels, 100 * test, k)  # lengths do not matter
    for row, number in zip(test.astype(float), found, strict=True):
        cosine = train @ row / np.linalg.norm(train.astype(float), axis=1)
        votes = np.bincount(labels[np.argsort(-cosine)[:k]], minlength=3)
        assert votes[number] == votes.max()


def test_more_neighbours_than_videos_are_all_of_them() -> None:
    train, labels, _ = features(0, 2, 3, 1.0)
    assert set(nearest_neighbours(train, labels, train, 1000)) == {0}


def test_a_class_without_a_training_video_is_never_chosen(labelled: LabelledVideos) -> None:
    data = replace(
        labelled, train=tuple(video for video in labelled.train if video.label != "bright")
    )
    generator = np.random.default_rng(0)
    train, test = (
        generator.standard_normal((len(videos), 4)).astype(np.float32)
        for videos in (data.train, data.test)
    )
    found = measure_features(train, test, data, 1, 0)["linear_probe"]
    assert found["class_accuracy"]["bright"] == 0
    assert found["class_accuracy"].keys() == {"dark", "bright", "middle"}


def test_what_cannot_be_probed_is_refused(
    encoder_folder: Path, labelled: LabelledVideos, tmp_path: Path
) -> None:
    with pytest.raises(EruvError, match="`neighbours` must be at least 1; got 0"):
        probed(encoder_folder, labelled, neighbours=0)
    dark = tuple(video for video in labelled.train if video.label == "dark")
    for data in (replace(labelled, test=()), replace(labelled, train=dark)):
        with pytest.raises(EruvError, match="a probe needs training videos of two classes"):
            probed(encoder_folder, data)
    with pytest.raises(EruvError, match="holds no encoder"):
        probed(tmp_path, labelled)
