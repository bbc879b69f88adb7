"""An encoder goes to the hub and comes back, over HTTP, by the commands that people type.

Covers also: cli/push.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import uvicorn

from eruv.models.encoder import Encoder
from eruv.models.hub import is_hub_id
from hub_for_tests import Hub


@pytest.fixture
def hub() -> Iterator[tuple[Hub, str]]:
    made = Hub()
    server = uvicorn.Server(uvicorn.Config(made.app(), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield made, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    torch.manual_seed(3)
    folder = tmp_path / "run"
    Encoder("r3d", 0.02, 32, 43, 32, input="residual").save_pretrained(folder)
    (folder / "README.md").write_text("---\nlibrary_name: eruv\n---\n# An encoder\n")
    (folder / "metrics.jsonl").write_text("{}\n")  # stays here
    return folder


def eruv(words: list[str], endpoint: str, home: Path, token: str = "hf_good"):
    """A process that knows no other hub."""
    settings = {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_TOKEN": token}
    settings |= {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    return subprocess.run(
        [sys.executable, *words], env=os.environ | settings, capture_output=True, text=True
    )


LOAD = """
import sys, torch, eruv
clips = torch.randint(0, 256, (2, 16, 32, 32, 3), dtype=torch.uint8, generator=torch.manual_seed(0))
first, other = (eruv.load(name).features(clips.numpy()) for name in sys.argv[1:])
assert (first == other).all() and first.std() > 0
"""


def test_pushed_and_loaded_by_name(hub: tuple[Hub, str], run: Path, tmp_path: Path) -> None:
    server, address = hub
    pushed = eruv(["-m", "eruv", "push", str(run), "films/small"], address, tmp_path / "home")
    assert pushed.returncode == 0, pushed.stderr
    assert pushed.stdout.startswith(f"pushed: {address}/films/small/commit/")
    assert set(server.files["films/small"]) == {"config.json", "model.safetensors", "README.md"}
    weights = (run / "model.safetensors").read_bytes()
    assert server.files["films/small"]["model.safetensors"] == weights
    loaded = eruv(["-c", LOAD, "films/small", str(run)], address, tmp_path / "other home")
    assert loaded.returncode == 0, loaded.stderr


def test_what_the_hub_refuses_is_said(hub: tuple[Hub, str], run: Path, tmp_path: Path) -> None:
    _, address = hub
    refused = eruv(["-m", "eruv", "push", str(run), "films/small"], address, tmp_path, "hf_bad")
    assert refused.returncode == 1
    assert "was not pushed to films/small" in refused.stderr
    assert "Traceback" not in refused.stderr
    load = "import eruv; eruv.load('films/none')"
    missing = eruv(["-c", load], address, tmp_path)
    assert "EruvError: films/none is neither a folder here nor" in missing.stderr
    assert "there is no such repository" in missing.stderr
    nobody = eruv(["-c", load], "http://127.0.0.1:9", tmp_path)
    assert "EruvError: films/none is neither a folder here nor" in nobody.stderr
    assert "Check the name, or the network" in nobody.stderr


@pytest.mark.parametrize(
    ("name", "expected"),
    [("films/small", True), ("a/b/c", False), ("/run", False), ("../run", False), ("run", False)],
)
def test_a_hub_id_is_told_from_a_folder(name: str, expected: bool) -> None:
    assert is_hub_id(name) is expected


def test_a_mistyped_path_is_not_asked_for_on_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs").mkdir()
    monkeypatch.chdir(tmp_path)
    assert not is_hub_id("runs/run-1")
