"""Checkpoints: everything a stopped training needs to continue as if it had not been stopped."""

import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_model, save_model
from torch import nn
from torch.optim import Optimizer

from eruv.utils.console import say
from eruv.utils.errors import EruvError

KEPT = 2
# What reading a file that was cut short or overwritten raises.
DAMAGED = (OSError, ValueError, RuntimeError, EOFError, SafetensorError, pickle.UnpicklingError)


class Checkpoints:
    """The last checkpoints of one run, in `folder/step-NNNNNNNN/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(
        self, step: int, model: nn.Module, optimizer: Optimizer, state: dict[str, Any]
    ) -> Path:
        """Write one checkpoint; older ones beyond the last two are removed."""
        final = self.folder / f"step-{step:08d}"
        partial = self.folder / f"{final.name}.part"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        save_model(model, str(partial / "model.safetensors"))
        torch.save(optimizer.state_dict(), partial / "optimizer.pt")
        (partial / "state.json").write_text(json.dumps({"step": step, **state}))
        for path in (*partial.iterdir(), partial):
            _flush_to_disk(path)
        shutil.rmtree(final, ignore_errors=True)
        os.replace(partial, final)
        _flush_to_disk(self.folder)
        for old in self.all()[:-KEPT]:
            shutil.rmtree(old)
        return final

    def all(self) -> list[Path]:
        """Folders of all complete checkpoints, oldest first."""
        return sorted(path for path in self.folder.glob("step-*") if path.suffix != ".part")

    def load(self, model: nn.Module, optimizer: Optimizer) -> dict[str, Any] | None:
        """Put the last checkpoint into model and optimizer; nothing but tensors is unpickled.

        Returns:
            The small state with its `step`, or None where there is no checkpoint yet. A damaged
            checkpoint is skipped for the one before it.

        Raises:
            EruvError: if there are checkpoints and none of them can be read.
        """
        checkpoints = self.all()
        for folder in reversed(checkpoints):
            try:
                return _load_checkpoint(folder, model, optimizer)
            except DAMAGED as error:
                words = str(error).split("\n")[0] or type(error).__name__
                say(f"the checkpoint {folder} is damaged ({words}) and is skipped")
        if checkpoints:
            raise EruvError(
                f"no checkpoint in {self.folder} can be read. Remove that folder to train from the "
                f"beginning, or train into another one with --to."
            )
        return None


def _load_checkpoint(folder: Path, model: nn.Module, optimizer: Optimizer) -> dict[str, Any]:
    state = json.loads((folder / "state.json").read_text())
    stored = torch.load(folder / "optimizer.pt", map_location="cpu", weights_only=True)
    load_model(model, str(folder / "model.safetensors"))
    optimizer.load_state_dict(stored)
    return state


def _flush_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
