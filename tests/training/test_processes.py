"""Several real processes under torchrun: one result, whichever of them is asked."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file

from eruv.training.checkpoint import Checkpoints
from eruv.training.metrics import read_metrics
from eruv.training.processes import agreed, on_main_process
from eruv.training.run_folder import RunFolder
from films_for_tests import SmallLibrary
from training_for_tests import start_eruv, tiny, write_recipe

# A model with batch norm in evaluation mode, since each process normalises its own samples.
TOY = """
import sys, torch
from pathlib import Path
from accelerate import Accelerator
from torch import nn
from eruv.training.loader import TrainingBatches
from eruv.training.loop import Loop, LoopSettings, Validation
from eruv.training.schedule import Schedule, ScheduleSettings

class Toy(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
    def forward(self, values):
        return self.layers(values)
    def train(self, mode=True):
        return super().train(False)

def sample(number):
    generator = torch.Generator().manual_seed(number)
    return torch.randn(6, generator=generator), number % 3

accelerator = Accelerator(cpu=True, mixed_precision="no")
torch.manual_seed(0)
torch.set_num_threads(1)
toy = Toy()
optimizer = torch.optim.SGD(toy.parameters(), lr=1.0, momentum=0.9)
model, optimizer = accelerator.prepare(toy, optimizer)
size = 8 // accelerator.num_processes

def batches(first_step):
    keys = TrainingBatches(
        size, first_step, 20, accelerator.process_index, accelerator.num_processes
    )
    for batch in keys:
        values, labels = zip(*(sample(number) for _, number in batch))
        yield torch.stack(values), torch.tensor(labels)

Loop(accelerator, model, optimizer, Schedule(ScheduleSettings(name="cosine"), 0.1, 20),
     LoopSettings(20, 10, 3600.0, 8), batches, lambda: Validation(0.5, 0.5),
     lambda step, found: None, Path(sys.argv[1]), "toy").run()
"""


def torchrun(*words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2"]
    return subprocess.Popen(
        [*command, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def last_weights(folder: Path, back: int = 0) -> dict[str, torch.Tensor]:
    """Of the last saved state, or of one before it."""
    return load_file(Checkpoints(folder / "resume").all()[-1 - back] / "model.safetensors")


def test_two_half_batches_make_the_step_of_a_whole_one(tmp_path: Path) -> None:
    script = tmp_path / "toy.py"
    script.write_text(TOY)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    subprocess.run([sys.executable, str(script), str(tmp_path / "one")], check=True)
    pair = torchrun(script, tmp_path / "two")
    _, said = pair.communicate(timeout=120)
    assert pair.returncode == 0, said
    one, two = last_weights(tmp_path / "one"), last_weights(tmp_path / "two")
    assert one.keys() == two.keys()
    for name in one:
        torch.testing.assert_close(one[name], two[name], rtol=1e-5, atol=1e-6)
    half_way = last_weights(tmp_path / "two", back=1)
    assert not torch.allclose(half_way["layers.0.weight"], two["layers.0.weight"], atol=1e-3)


def pretrain_by_two(library: Path, to: Path, recipe: Path) -> subprocess.Popen[str]:
    words = ("pretrain", library, "--to", to, "--config", recipe, "--device", "cpu", "--json")
    return torchrun("-m", "eruv", *words)


def ended(process: subprocess.Popen[str]) -> dict[str, Any]:
    printed, said = process.communicate(timeout=180)
    assert process.returncode == 0, said
    return json.loads(printed)


@pytest.mark.slow
def test_a_stopped_training_of_two_goes_on_to_the_same_bits(
    small_library: SmallLibrary, tmp_path: Path
) -> None:
    # 4 held-out pairs by batches of 2 and 7 relations: the two have unequal work in validation.
    recipe = write_recipe(tmp_path / "recipe.yaml", tiny(pairs=80, checkpoint_interval_s=0.2))
    unbroken, stopped = RunFolder(tmp_path / "unbroken"), RunFolder(tmp_path / "stopped")
    result = ended(pretrain_by_two(small_library.folder, unbroken.folder, recipe))
    assert (result["steps"], result["pairs_seen"]) == (20, 80)
    first = pretrain_by_two(small_library.folder, stopped.folder, recipe)
    while first.poll() is None and not list((stopped.folder / "resume").glob("step-*[0-9]")):
        time.sleep(0.02)
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=60)
    assert not stopped.finished
    alone = start_eruv("pretrain", small_library.folder, "--to", stopped.folder, "--config", recipe)
    _, said = alone.communicate(timeout=60)
    assert alone.returncode == 1
    assert "was started with 2 processes and cannot continue with 1" in said
    ended(pretrain_by_two(small_library.folder, stopped.folder, recipe))
    for name in ("model.safetensors", "head.safetensors"):
        assert (unbroken.folder / name).read_bytes() == (stopped.folder / name).read_bytes()
    validations = [
        [line for line in read_metrics(run.folder) if line["kind"] == "validation"]
        for run in (unbroken, stopped)
    ]
    assert validations[0] == validations[1]


@pytest.mark.slow
def test_two_nodes_of_one_process_make_the_run_of_one_node_of_two(
    small_library: SmallLibrary, tmp_path: Path
) -> None:
    recipe = write_recipe(tmp_path / "recipe.yaml", tiny())
    ended(pretrain_by_two(small_library.folder, tmp_path / "one", recipe))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["pretrain", small_library.folder, "--to", tmp_path / "two", "--config", recipe]
    words = ["-m", "eruv", *words, "--device", "cpu"]
    options = ["--nnodes=2", "--nproc-per-node=1", "--master-addr=127.0.0.1"]
    command = [sys.executable, "-m", "torch.distributed.run", *options, f"--master-port={port}"]
    nodes = [
        subprocess.Popen(
            [*command, f"--node-rank={rank}", *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        for rank in range(2)
    ]
    said = [node.communicate(timeout=180) for node in nodes]
    assert [node.returncode for node in nodes] == [0, 0], said
    assert [bool(printed) for printed, _ in said] == [True, False]  # the first node speaks
    for name in ("model.safetensors", "head.safetensors"):
        one, two = (tmp_path / run / name for run in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_alone_everything_is_agreed() -> None:
    accelerator = Accelerator(cpu=True, mixed_precision="no")
    assert on_main_process(accelerator, lambda: 7) == 7
    assert agreed(accelerator, True, False) == [True, False]
