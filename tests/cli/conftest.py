"""Commands of the command line, run in this process."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from eruv.cli.main import main


class Called(NamedTuple):
    """What a command left: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Callable[..., Called]:
    """Run a command: `call("ingest", path, "--to", folder)`."""

    def run(*words: object) -> Called:
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        assert isinstance(end.value.code, int)
        return Called(end.value.code, *capfd.readouterr())

    return run


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder named `run` with a tiny untrained encoder; read only."""
    import torch

    from eruv.models.encoder import Encoder

    folder = tmp_path_factory.mktemp("runs") / "run"
    torch.manual_seed(0)
    Encoder("r3d", 0.02, 32, 43, 32).save_pretrained(folder)
    return folder
