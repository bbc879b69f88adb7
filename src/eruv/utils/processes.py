"""Child processes that run a module of this package."""

import os
import resource
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress


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


def limit_resource(kind: int, most: int) -> None:
    """Bind this process to so much of a resource, for good, where the system can limit it.

    Args:
        kind: one of `resource.RLIMIT_*`; macOS does not limit address space.
        most: of it; less where less is allowed already.
    """
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(kind, (most, most))
