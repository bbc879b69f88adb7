"""What is costly to make is made once, whatever number of processes the tests run in."""

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from filelock import FileLock

Made = TypeVar("Made")


def made_once(
    name: str, make: Callable[[Path], Made], tmp_path_factory: pytest.TempPathFactory, worker: str
) -> Made:
    """What `make` returns for a new folder; a process that comes later takes the first one's.

    Args:
        name: of the folder; one for each thing that is made.
        make: fills the folder and returns something that can be pickled.
        tmp_path_factory: of the session.
        worker: pytest-xdist's `worker_id`, "master" where the tests run in one process.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker == "master" else base.parent) / f"shared-{name}"
    result = folder.with_suffix(".pickle")
    with FileLock(folder.with_suffix(".lock")):
        if not result.exists():
            shutil.rmtree(folder, ignore_errors=True)  # a failure may have left it
            folder.mkdir()
            made: Any = make(folder)
            result.write_bytes(pickle.dumps(made))
        return pickle.loads(result.read_bytes())
