"""Checkpoints are whole, few, hold tensors only, and bring everything back."""

import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from eruv.models.encoder import load
from eruv.pretext.segment_arrays import SegmentTable
from eruv.training import checkpoint
from eruv.training.checkpoint import Checkpoints
from eruv.utils.errors import EruvError


def trained(
    seed: int, kind: str = "sgd", steps: int = 3
) -> tuple[nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Conv3d(3, 4, 3), nn.BatchNorm3d(4)).to(
        memory_format=torch.channels_last_3d
    )
    optimizer: torch.optim.Optimizer
    if kind == "sgd":
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    else:
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    for _ in range(steps):
        model(torch.rand(2, 3, 4, 4, 4)).square().mean().backward()
        optimizer.step()
        optimizer.zero_grad()
    return model, optimizer


def one_more_step(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(9)
    model(torch.rand(2, 3, 4, 4, 4, generator=generator)).square().mean().backward()
    optimizer.step()
    return model.state_dict()


@pytest.mark.parametrize("kind", ["sgd", "adamw"])
def test_training_goes_on_as_if_it_had_not_stopped(tmp_path: Path, kind: str) -> None:
    model, optimizer = trained(0, kind)
    state = {"schedule": {"lowest": float("inf")}, "best": {"step": 3}}
    Checkpoints(tmp_path).save(7, model, optimizer, state)
    other, other_optimizer = trained(1, kind, steps=1)
    assert Checkpoints(tmp_path).load(other, other_optimizer) == {"step": 7, **state}
    expected, found = one_more_step(model, optimizer), one_more_step(other, other_optimizer)
    for name, values in expected.items():
        assert torch.equal(values, found[name]), name


def test_where_there_is_no_checkpoint_nothing_is_loaded(tmp_path: Path) -> None:
    model, optimizer = trained(0)
    assert Checkpoints(tmp_path / "none").load(model, optimizer) is None


def test_the_last_two_checkpoints_are_kept_and_the_last_is_loaded(tmp_path: Path) -> None:
    model, optimizer = trained(0)
    checkpoints = Checkpoints(tmp_path)
    for step in (9, 10, 100, 2000):
        checkpoints.save(step, model, optimizer, {})
    assert [path.name for path in checkpoints.all()] == ["step-00000100", "step-00002000"]
    loaded = checkpoints.load(model, optimizer)
    assert loaded is not None
    assert loaded["step"] == 2000


def test_a_checkpoint_that_was_not_finished_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, optimizer = trained(0)
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, model, optimizer, {"seconds": 1})

    def killed(*ignored: object) -> None:
        raise KeyboardInterrupt

    for broken in ("save_model", "_flush_to_disk"):
        with monkeypatch.context() as patch:
            patch.setattr(checkpoint, broken, killed)
            with pytest.raises(KeyboardInterrupt):
                checkpoints.save(2, model, optimizer, {})
        assert [path.name for path in checkpoints.all()] == ["step-00000001"]
        assert checkpoints.load(model, optimizer) == {"step": 1, "seconds": 1}
    checkpoints.save(2, model, optimizer, {})
    assert [path.name for path in checkpoints.all()] == ["step-00000001", "step-00000002"]
    assert not list(tmp_path.glob("*.part"))


def test_nothing_but_tensors_is_unpickled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, optimizer = trained(0)
    folder = Checkpoints(tmp_path).save(1, model, optimizer, {})
    assert sorted(path.name for path in folder.iterdir()) == [
        "model.safetensors", "optimizer.pt", "state.json",
    ]  # fmt: skip
    assert json.loads((folder / "state.json").read_text()) == {"step": 1}
    torch.save({"evil": print}, folder / "optimizer.pt")
    with pytest.raises(EruvError, match="no checkpoint in"):
        Checkpoints(tmp_path).load(model, optimizer)
    assert "Weights only load failed" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.pt", "state.json"])
def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path, name: str) -> None:
    model, optimizer = trained(0)
    checkpoints = Checkpoints(tmp_path)
    checkpoints.save(1, model, optimizer, {})
    broken = checkpoints.save(2, *trained(1), {}) / name
    broken.write_bytes(broken.read_bytes()[:5])
    other, other_optimizer = trained(2)
    assert checkpoints.load(other, other_optimizer) == {"step": 1}
    expected, found = one_more_step(model, optimizer), one_more_step(other, other_optimizer)
    assert all(torch.equal(values, found[key]) for key, values in expected.items())
    for file in checkpoints.all():
        (file / name).write_bytes(b"")
    with pytest.raises(EruvError, match="Remove that folder"):
        checkpoints.load(other, other_optimizer)


class Evil:
    """What runs a command as soon as it is unpickled."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch '{self.proof}'",)


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.pt", "state.json", "start.npy"])
def test_a_file_that_would_run_a_command_runs_none(tmp_path: Path, name: str) -> None:
    proof = tmp_path / "proof"
    pickled = pickle.dumps(Evil(proof))
    pickle.loads(pickled)
    assert proof.exists(), "it would"
    proof.unlink()
    model, optimizer = trained(0)
    checkpoints = Checkpoints(tmp_path / "resume")
    folder = checkpoints.save(1, model, optimizer, {})
    if name == "start.npy":
        np.save(folder / name, np.array([Evil(proof)], object), allow_pickle=True)
        with pytest.raises(EruvError, match="Python objects"):
            SegmentTable.load(folder)
    elif name == "optimizer.pt":
        torch.save(Evil(proof), folder / name)
    else:
        (folder / name).write_bytes(pickled)
    if name != "start.npy":
        with pytest.raises(EruvError, match="no checkpoint in"):
            checkpoints.load(model, optimizer)
        shutil.copy(folder / name, tmp_path / "model.safetensors")
        (tmp_path / "config.json").write_text('{"backbone": "r3d", "width": 0.05}')
        with pytest.raises(EruvError, match="or a damaged one"):
            load(tmp_path)
    assert not proof.exists()
