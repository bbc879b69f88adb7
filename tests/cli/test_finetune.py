"""`eruv finetune` and `eruv predict`: from one folder per class to tables and JSON.

Covers also: output.
"""

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import yaml
from rich.console import Console

from eruv.cli.finetune import show
from eruv.datasets.labelled_videos import LabelledVideos
from films_for_tests import encode, pattern, yuv_frame
from labelled_for_tests import LEVELS, TINY_FINETUNE

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders with four films each; one in each is for tests."""
    folder = tmp_path_factory.mktemp("data") / "films"
    for number, label in enumerate(("bright", "dark")):
        (folder / label).mkdir(parents=True)
        for film in range(4):
            still = pattern(10 * number + film, 72, 96, *LEVELS[label])
            frames = [yuv_frame(np.roll(still, step, axis=1)) for step in range(20)]
            encode(folder / label / f"{film}.mp4", frames)
    return folder


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "tiny.yaml"
    values = {**TINY_FINETUNE.to_dict(), "held_out": 2, "batch_size": 2}
    path.write_text(yaml.safe_dump(values))
    return path


def test_from_folders_of_films_to_a_test_and_predictions(
    call: Call, data: Path, recipe: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    words = ["finetune", data, "--to", model, "--config", recipe, "--device", "cpu"]
    code, out, err = call(*words, "--steps", "30", "--json")
    assert code == 0, err
    assert out.count("\n") == 1
    result = json.loads(out)
    assert (result["model"], result["steps"], result["clips_seen"]) == (str(model), 30, 60)
    assert result["test"]["videos"] == 2
    assert list(result["test"]["class_accuracy"]) == ["bright", "dark"]
    assert json.loads((model / "recognition.json").read_text()) == result["test"]
    assert (model / "library" / "library.json").exists()
    # Again: nothing is trained or measured anew, and a person sees tables.
    before = (model / "metrics.jsonl").stat().st_mtime_ns
    code, out, err = call(*words, "--steps", "30")
    assert code == 0, err
    assert (model / "metrics.jsonl").stat().st_mtime_ns == before
    for text in ("recognition on 2 test videos", "mean of classes", "confusion: rows are true"):
        assert text in out
    assert f"top-1 {result['test']['top1']:.3f}, top-2 1.000, chance 0.500" in out
    code, out, err = call("predict", model, data, "--device", "cpu", "--json")
    assert code == 0, err
    assert len(json.loads(out)["videos"]) == 8


def test_fine_tuning_from_a_run(
    call: Call, data: Path, recipe: Path, tmp_path: Path, labelled: LabelledVideos
) -> None:
    from eruv.models.encoder import Encoder

    Encoder("r3d", 0.05, 32, 43, 32).save_pretrained(tmp_path / "run")
    words = ["finetune", data, "--to", tmp_path / "model", "--config", recipe, "--steps", "1"]
    library = tmp_path / "library"
    more = ["--run", tmp_path / "run", "--library", library, "--device", "cpu", "--json"]
    code, _, err = call(*words, *more)
    assert code == 0, err
    stored = json.loads((tmp_path / "model" / "run.json").read_text())
    assert stored["init"] == str(tmp_path / "run")
    assert (library / "library.json").exists()
    assert not (tmp_path / "model" / "library").exists()


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        ("finetune {}", 2, "to"),
        (
            "finetune {} --to {}/m --held_out 1.5",
            2,
            "--held-out must be a share below 1 or a whole",
        ),
        ("finetune {} --to {}/m --backbone bert", 2, "--backbone must be one of c3d, r3d"),
        ("finetune {} --to {}/m --bogus 1", 2, "--bogus"),
        ("finetune {} --to {}/m --format vhs", 2, "format"),
        ("finetune {} --to {}/m --run {}/none --device cpu", 1, "holds no encoder"),
        ("finetune {}/none --to {}/m --device cpu", 1, "does not exist"),
        ("finetune {} --to {}/m --device tpu", 1, "device must be one of auto, cpu, cuda"),
        ("predict {}", 2, "required"),
        ("predict {} {}/none --device cpu", 1, "holds no classifier"),
    ],
)
def test_mistakes_are_one_sentence_and_leave_nothing(
    call: Call, tmp_path: Path, words: str, code: int, part: str
) -> None:
    found, out, err = call(*words.replace("{}", str(tmp_path)).split())
    assert (found, out, err.count("\n")) == (code, "", 1), err
    assert part in err
    assert not list(tmp_path.iterdir())


def shown(result: dict) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    show(console, result)
    return console.export_text()


def test_of_many_classes_the_most_confused_are_shown() -> None:
    names = [f"class {number}" for number in range(20)]
    counts = (3 * np.eye(20, dtype=int)).tolist()
    counts[4][7], counts[9][2] = 5, 2
    counts[19] = [0] * 20
    accuracy: list[float | None] = [1.0] * 20
    accuracy[4], accuracy[9], accuracy[19] = 3 / 8, 3 / 5, None
    test = {
        "videos": 64,
        "class_accuracy": dict(zip(names, accuracy, strict=True)),
        "mean_class_accuracy": 0.945,
        "confusion": counts,
        "top1": 0.89,
        "top5": 0.97,
        "top5_of": 5,
        "chance": 0.05,
    }
    training = {
        "model": "m", "data": "films", "clips_seen": 1200, "seconds": 61.0,
        "best_step": 9, "best_loss": 0.5, "best_accuracy": 0.8,
    }  # fmt: skip
    text = shown({**training, "test": test})
    assert "confusion: rows are true" not in text
    rows = [line.replace("│", " ").split() for line in text.splitlines()]
    assert ["class", "4", "class", "7", "5"] in rows
    assert ["class", "9", "class", "2", "2"] in rows
    assert ["class", "4", "8", "0.375"] in rows
    assert ["class", "19", "0", "–"] in rows
    assert "top-1 0.890, top-5 0.970, chance 0.050" in text
    assert "m: 1,200 clips of films seen in 01:01" in text
    assert "test videos" not in shown(training)


@pytest.mark.slow
def test_two_processes_train_one_classifier(data: Path, recipe: Path, tmp_path: Path) -> None:
    shutil.copytree(data, tmp_path / "films")
    words = ["finetune", tmp_path / "films", "--to", tmp_path / "model", "--config", recipe]
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", "-m", "eruv"]
    command += [str(word) for word in (*words, "--device", "cpu", "--json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["steps"], result["clips_seen"]) == (8, 32)
    assert result["test"]["videos"] == 2
    stored = json.loads((tmp_path / "model" / "run.json").read_text())
    assert stored["processes"] == 2
