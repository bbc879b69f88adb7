"""Child processes that run a module of this package."""

import os
import subprocess
import sys
from collections.abc import Mapping


def module_process(
    module: str, environment: Mapping[str, str] | None = None
) -> "subprocess.Popen[str]":
    """Start `python -m module` with pipes for its input and output, as text, and errors dropped.

    The child has this process's module path, without the working directory in front, where a
    user's file may be called queue.py.

    Args:
        module: with the package's name.
        environment: what is added to this process's own.
    """
    search_path = os.pathsep.join(path or os.getcwd() for path in sys.path)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module],
        env={**os.environ, **(environment or {}), "PYTHONPATH": search_path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
