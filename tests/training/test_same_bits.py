"""Trainings give the same bits as when their digests were recorded on such a processor.

Between makers of processors sums differ in their last bits, and after some steps in everything; the
loss of the first step is the same anywhere. After a change that is meant to alter results, record
anew: `python tests/training/test_same_bits.py`, which forgets what other processors gave.
"""

import hashlib
import json
import platform
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

sys.path.insert(0, str(Path(__file__).parents[1]))

import eruv
import films_for_tests
from labelled_for_tests import TINY_FINETUNE, labelled_library, train_classifier
from training_for_tests import tiny, train

RECORDED = Path(__file__).with_name("same_bits.json")
FILMS = [(60, 100), (130, 70), (90, 60, 80), (100, 120), (64, 128, 75)]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return trained(tmp_path_factory.mktemp("same_bits"))
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize("name", ["eruv", "vcop", "scratch"])
def test_the_first_loss_is_the_recorded_one(results: dict[str, Any], name: str) -> None:
    recorded = json.loads(RECORDED.read_text())["first_loss"][name]
    assert results["first_loss"][name] == pytest.approx(recorded, abs=1e-3)


@pytest.mark.parametrize("name", ["eruv", "vcop", "scratch", "finetuned", "features"])
def test_bits_are_those_recorded(results: dict[str, Any], name: str) -> None:
    recorded = json.loads(RECORDED.read_text())["sha256"]
    if machine() not in recorded:
        pytest.skip(f"recorded on {', '.join(recorded)}; this is {machine()}")
    assert results["sha256"][name] == recorded[machine()][name]


def trained(folder: Path) -> dict[str, Any]:
    """Figures and digests of tiny trainings on rendered films."""
    (folder / "films").mkdir()
    for number, counts in enumerate(FILMS):
        shots = [(10 * number + shot, count) for shot, count in enumerate(counts)]
        films_for_tests.render_video(folder / "films" / f"film{number}.mp4", shots)
    eruv.ingest([folder / "films"], folder / "library", workers=1)
    (folder / "labelled").mkdir()
    labelled = labelled_library(folder / "labelled")
    relations = train(folder / "library", folder / "eruv", tiny(pairs=32)).folder
    orders = train(folder / "library", folder / "vcop", tiny(pretext="vcop")).folder
    scratch = train_classifier(labelled, folder / "scratch").folder
    config = replace(TINY_FINETUNE, backbone=None, width=None, size=None, labels_per_class=4)
    tuned = train_classifier(labelled, folder / "finetuned", config, init=relations).folder
    pixels = np.random.default_rng(0).integers(0, 256, (2, 16, 32, 32, 3), dtype=np.uint8)
    runs = {"eruv": relations, "vcop": orders, "scratch": scratch, "finetuned": tuned}
    one_step = replace(TINY_FINETUNE, steps=1)
    features = {"": eruv.load(relations).features(pixels)}
    return {
        "first_loss": {
            "eruv": _loss(train(folder / "library", folder / "one", tiny(pairs=2)).folder),
            "vcop": _loss(
                train(folder / "library", folder / "two", tiny(pretext="vcop", pairs=2)).folder
            ),
            "scratch": _loss(train_classifier(labelled, folder / "three", one_step).folder),
        },
        "sha256": {name: _weights(run) for name, run in runs.items()}
        | {"features": _digest(features)},
    }


def _loss(run: Path) -> float:
    """Of the last steps."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return float([line for line in lines if line["kind"] == "train"][-1]["loss"])


def _weights(run: Path) -> str:
    """Of the best weights, and those at the end."""
    files = sorted([*run.glob("*.safetensors"), *run.glob("resume/*/model.safetensors")])
    return _digest(
        {
            f"{file.relative_to(run)}/{name}": values.numpy()
            for file in files
            for name, values in load_file(file).items()
        }
    )


def _digest(tensors: dict[str, Any]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode() + np.ascontiguousarray(tensors[name]).tobytes())
    return digest.hexdigest()


def machine() -> str:
    """What bits may depend on besides the code."""
    model = platform.processor()
    if sys.platform == "linux":
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    return f"{model}, torch {torch.__version__}"


if __name__ == "__main__":
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as temporary:
        found = trained(Path(temporary))
    found["sha256"] = {machine(): found["sha256"]}
    RECORDED.write_text(json.dumps(found, indent=2) + "\n")
