"""Resume states: everything a stopped training needs to go on as if it had not been stopped.

Comes in: model, optimizer and small state. Goes out: folders that are whole or not there.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_model, save_model
from torch import nn
from torch.optim import Optimizer

KEPT = 2


class ResumeStates:
    """The last states of one run, in `folder/step-NNNNNNNN/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(
        self, step: int, model: nn.Module, optimizer: Optimizer, state: dict[str, Any]
    ) -> Path:
        """Write one state; older ones beyond the last two are removed."""
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
        """Folders of all complete states, oldest first."""
        return sorted(path for path in self.folder.glob("step-*") if path.suffix != ".part")

    def load(self, model: nn.Module, optimizer: Optimizer) -> dict[str, Any] | None:
        """Put the last state into model and optimizer; nothing but tensors is unpickled.

        Returns:
            The small state with its `step`, or None where there is no state yet.
        """
        states = self.all()
        if not states:
            return None
        last = states[-1]
        load_model(model, str(last / "model.safetensors"))
        stored = torch.load(last / "optimizer.pt", map_location="cpu", weights_only=True)
        optimizer.load_state_dict(stored)
        return json.loads((last / "state.json").read_text())


def _flush_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
