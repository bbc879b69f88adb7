"""Recognition by ten clips: what is averaged, and that every figure is the right one."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sklearn.metrics
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchmetrics.functional.classification import (
    multiclass_accuracy,
    multiclass_confusion_matrix,
)

import eruv
from eruv.clips.spec import ClipSpec
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.evaluation.recognition import Recognition, correct_videos, recognition, scores
from eruv.models.classifier import Classifier
from eruv.training.run_folder import RunFolder
from eruv.utils.errors import EruvError
from labelled_for_tests import CLASSES, TINY_FINETUNE, train_classifier


@pytest.fixture(scope="module")
def model(labelled: LabelledVideos, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A tiny classifier; tests may measure it anew."""
    folder = tmp_path_factory.mktemp("recognition") / "model"
    return train_classifier(labelled, folder, replace(TINY_FINETUNE, steps=2, validate_steps=2))


def measured(model: RunFolder, data: LabelledVideos) -> Recognition:
    return recognition(model.folder, data, device="cpu", loader_workers=0)


@given(seed=st.integers(0, 10_000), num_classes=st.integers(2, 12), num_videos=st.integers(1, 40))
def test_figures_are_those_of_torchmetrics_and_scikit_learn(
    seed: int, num_classes: int, num_videos: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(num_videos, num_classes, generator=generator)
    labels = torch.randint(0, num_classes, (num_videos,), generator=generator)
    classes = tuple(f"class {number}" for number in range(num_classes))
    found = scores(logits, labels, classes)
    top = min(5, num_classes)
    assert found["top5_of"] == top
    for name, k in (("top1", 1), ("top5", top)):
        other = multiclass_accuracy(logits, labels, num_classes, average="micro", top_k=k)
        assert torch.tensor(found[name], dtype=torch.float32) == other
        right = [int(one) in row.argsort()[-k:] for one, row in zip(labels, logits, strict=True)]
        assert found[name] == sum(right) / num_videos
    numbers = np.arange(num_classes)
    predicted = logits.argmax(1)
    assert found["top1"] == sklearn.metrics.accuracy_score(labels, predicted)
    if num_classes > top:
        assert found["top5"] == sklearn.metrics.top_k_accuracy_score(
            labels, logits, k=top, labels=numbers
        )
    assert found["confusion"] == multiclass_confusion_matrix(logits, labels, num_classes).tolist()
    assert (
        found["confusion"]
        == sklearn.metrics.confusion_matrix(labels, predicted, labels=numbers).tolist()
    )
    by_class = multiclass_accuracy(logits, labels, num_classes, average=None)
    recall = sklearn.metrics.recall_score(
        labels, predicted, labels=numbers, average=None, zero_division=np.nan
    )
    for number, value in enumerate(found["class_accuracy"].values()):
        if number in labels:
            assert torch.tensor(value, dtype=torch.float32) == by_class[number]
            assert value == recall[number]
        else:
            assert value is None
    assert found["mean_class_accuracy"] == pytest.approx(np.nanmean(recall), abs=1e-12)


def logits_by_hand(model: RunFolder, data: LabelledVideos) -> torch.Tensor:
    classifier = eruv.load_classifier(model.folder)
    reader = data.reader(classifier.size)
    rows = []
    for video in data.test:
        length = video.end
        centres = np.linspace(8, length - 8, 10) if length > 16 else np.full(10, 8.0)
        clips = [
            reader.read(
                ClipSpec(
                    video.video,
                    tuple((int(centre - 8) + step) % length for step in range(16)),
                    (0, 5),
                )
            )
            for centre in centres
        ]
        with torch.no_grad():
            rows.append(
                torch.stack([classifier(torch.from_numpy(clip)[None])[0] for clip in clips]).mean(0)
            )
    return torch.stack(rows)


def test_a_video_is_the_mean_of_the_logits_of_its_ten_clips(
    model: RunFolder, labelled: LabelledVideos
) -> None:
    found = measured(model, labelled)
    logits = logits_by_hand(model, labelled)
    (part,) = (model.folder / "rows").glob("*.npy")
    np.testing.assert_allclose(np.load(part), logits.numpy(), rtol=1e-4, atol=1e-5)
    labels = torch.tensor([CLASSES.index(video.label) for video in labelled.test])
    right = (logits.argmax(1) == labels).tolist()
    assert found.top1 == np.mean(right)
    assert correct_videos(model.folder, labelled) == right
    assert (found.videos, found.top5, found.top5_of) == (6, 1.0, 3)
    assert list(found.class_accuracy) == list(CLASSES)
    assert [sum(row) for row in found.confusion] == [2, 2, 2]
    assert found.chance == 1 / 3


def test_the_result_is_kept_until_something_changes(
    model: RunFolder, labelled: LabelledVideos, tmp_path: Path
) -> None:
    path = model.folder / "recognition.json"
    first = measured(model, labelled)
    assert json.loads(path.read_text()) == first.to_dict()
    path.write_text(json.dumps(first.to_dict() | {"loss": -1.0}))
    assert measured(model, labelled).loss == -1.0  # read, not measured
    fewer = measured(model, replace(labelled, test=labelled.test[:-1]))
    assert (fewer.videos, fewer.loss > 0) == (5, True)
    longer = train_classifier(
        labelled, tmp_path / "other", replace(TINY_FINETUNE, steps=3, validate_steps=3)
    )
    for name in ("model.safetensors", "config.json"):
        (longer.folder / name).replace(model.folder / name)
    again = measured(model, labelled)
    assert again.weights != first.weights
    assert again.loss not in (-1.0, first.loss)


def test_another_input_is_measured_anew(
    model: RunFolder, labelled: LabelledVideos, tmp_path: Path
) -> None:
    pictures = measured(model, labelled)
    copy = RunFolder(tmp_path / "copy")
    shutil.copytree(model.folder, copy.folder)
    config = json.loads((copy.folder / "config.json").read_text())
    (copy.folder / "config.json").write_text(json.dumps(config | {"input": "residual"}))
    assert measured(copy, labelled).loss != pictures.loss


def test_a_path_is_opened_and_ingested_and_gives_what_opened_videos_give(
    labelled: LabelledVideos, tmp_path: Path
) -> None:
    shutil.copytree(labelled.library.folder, tmp_path / "library")
    paths = labelled.library.paths()
    table = tmp_path / "films.csv"
    parts = (("train", labelled.train), ("test", labelled.test))
    lines = [
        f"{paths[labelled.video_ids[video.video]][0]},{video.label},{name}"
        for name, part in parts
        for video in part
    ]
    table.write_text("\n".join(["path,label,split", *lines]) + "\n")
    torch.manual_seed(1)
    model = Classifier(sorted(CLASSES), "r3d", 0.05, 32, 43, 32).eval()
    model.save_pretrained(tmp_path / "model")
    found = recognition(
        tmp_path / "model", str(table), library=tmp_path / "library", device="cpu", loader_workers=0
    )
    classes = tuple(sorted(CLASSES))
    expected = recognition(tmp_path / "model", replace(labelled, classes=classes), device="cpu")
    assert (found.videos, found.confusion) == (6, expected.confusion)
    assert found.loss == pytest.approx(expected.loss, rel=1e-6)
    with pytest.raises(EruvError, match="is open already"):
        recognition(tmp_path / "model", labelled, split=2)


def test_a_classifier_of_other_classes_and_an_empty_test_list_are_refused(
    model: RunFolder, labelled: LabelledVideos, tmp_path: Path
) -> None:
    other = replace(labelled, classes=(*CLASSES, "green"))
    with pytest.raises(EruvError, match=r"3 classes apart, which are not the 4 of films"):
        measured(model, other)
    with pytest.raises(EruvError, match="films has no test videos"):
        measured(model, replace(labelled, test=()))
    with pytest.raises(EruvError, match="holds no classifier"):
        recognition(tmp_path, labelled)
