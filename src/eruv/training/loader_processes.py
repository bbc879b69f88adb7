"""How loader workers start and end: without the user's script or Ctrl-C, and never orphaned."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any

import torch

# What a terminal or a job system sends to all processes of a group at once.
GROUP_SIGNALS = {signal.SIGINT, signal.SIGTERM}


def prepare_worker(worker: int) -> None:
    """Leave signals for the whole group to the parent, which saves; and the cores to the step."""
    del worker
    os.setpgrp()
    for number in signal.sigpending() & GROUP_SIGNALS:
        signal.sigwait([number])  # it came while this process started, and was for the parent
    signal.pthread_sigmask(signal.SIG_UNBLOCK, GROUP_SIGNALS)
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """torch's own watch sees nothing if the parent is killed while this process still starts."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def blocked_signals() -> Iterator[None]:
    """Start processes that Ctrl-C does not end in the seconds before `prepare_worker`."""
    resource_tracker.ensure_running()  # its own start would lift the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, GROUP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def hidden_main_module() -> Iterator[None]:
    """Start processes that do not run the user's script again.

    A spawned process imports the parent's main module; a script without a main guard would run
    itself for ever. The workers need nothing from it.
    """
    main = sys.modules["__main__"]
    hidden: dict[str, Any] = {
        name: main.__dict__.pop(name) for name in ("__file__", "__spec__") if name in vars(main)
    }
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(hidden)
