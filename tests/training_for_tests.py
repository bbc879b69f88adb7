"""A training of seconds, for tests that need a run, and whether two of them ended alike."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import yaml

from eruv.clips.spec import ClipSize
from eruv.training.checkpoint import Checkpoints
from eruv.training.metrics import read_metrics
from eruv.training.pretrain import pretrain
from eruv.training.pretrain_config import PretrainConfig, ValidationSettings
from eruv.training.run_folder import RunFolder

KEPT_FILES = ("model.safetensors", "head.safetensors", "config.json", "README.md")
TINY = PretrainConfig(
    backbone="r3d",
    width=0.05,
    size=ClipSize(32, 43, 32),
    batch_size=2,
    pairs=24,
    validation=ValidationSettings(pairs_per_relation=1, every_pairs=12, batch_norm_batches=1),
    threads=1,
    loader_workers=0,
)


def tiny(**changes: Any) -> PretrainConfig:
    """The tiny configuration, with changes."""
    return replace(TINY, **changes)


def train(library: Path, to: Path, config: PretrainConfig = TINY, **more: Any) -> RunFolder:
    """Train in this process."""
    pretrain(library, to, config, **{"device": "cpu", **more})
    return RunFolder(to)


def write_recipe(path: Path, config: PretrainConfig) -> Path:
    """A configuration as a YAML file."""
    values = config.to_dict()
    values["task"]["relations"] = list(config.task.relations)
    values["validation"]["held_out_ids"] = list(config.validation.held_out_ids)
    path.write_text(yaml.safe_dump(values))
    return path


def start_eruv(*words: object) -> subprocess.Popen[str]:
    """The real command line, in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "eruv", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def wait_until(condition: Callable[[], Any], process: subprocess.Popen[str]) -> None:
    """Wait for something that a process that must not end brings about."""
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.01)


def saved_steps(run: Path) -> int:
    """Steps of the last checkpoint of a run."""
    checkpoints = Checkpoints(run / "resume").all()
    return int(checkpoints[-1].name.removeprefix("step-")) if checkpoints else 0


def last_state(run: RunFolder) -> dict[str, Any]:
    """Everything of the last state but the seconds that it took."""
    folder = Checkpoints(run.folder / "resume").all()[-1]
    state = json.loads((folder / "state.json").read_text())
    del state["seconds"]
    optimizer = torch.load(folder / "optimizer.pt", weights_only=True)
    return {
        "name": folder.name,
        "state": state,
        "model": (folder / "model.safetensors").read_bytes(),
        "momentum": [one["momentum_buffer"].tolist() for one in optimizer["state"].values()],
    }


def assert_same_result(run: RunFolder, other: RunFolder) -> None:
    for name in KEPT_FILES:
        assert (run.folder / name).read_bytes() == (other.folder / name).read_bytes(), name
    assert last_state(run) == last_state(other)
    validations = [
        [line for line in read_metrics(one.folder) if line["kind"] == "validation"]
        for one in (run, other)
    ]
    assert validations[0] == validations[1]


def one_validation_earlier(run: RunFolder, name: str) -> RunFolder:
    """A copy of a finished run, beside it, as it was at the last validation before its end."""
    copy = RunFolder(run.folder.with_name(name))
    shutil.copytree(run.folder, copy.folder)
    (copy.folder / "done.json").unlink()
    shutil.rmtree(Checkpoints(copy.folder / "resume").all()[-1])
    return copy
