"""Commands in fresh processes that are forked, so that a thousand of them need not import torch."""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

NOT_ENDED = 124


class Child:
    """A function in a process and process group of its own, its words in a file.

    The parent must not have opened a database, which does not live through a fork.

    Args:
        function: what it does; its exit code is that of `sys.exit`, or 1 after an error.
        log: of stdout and stderr.
    """

    def __init__(self, function: Callable[[], None], log: Path) -> None:
        sys.stdout.flush()
        self.code: int | None = None
        self.log = log
        log.write_bytes(b"")
        self.pid = os.fork()
        if self.pid == 0:
            _run(function, log)

    def running(self) -> bool:
        """Whether it is alive: one that has ended takes signals too until it is waited for."""
        return self.code is None and running(self.pid)

    def wait(self, most_s: float) -> int:
        """The exit code, negative for a signal; after so long it is killed."""
        end = time.monotonic() + most_s
        while self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                self.signal(signal.SIGKILL)
                os.waitpid(self.pid, 0)
                self.code = NOT_ENDED
            else:
                time.sleep(0.01)
        self.signal(signal.SIGKILL)  # what it may have left behind
        return self.code

    def signal(self, number: int, group: bool = True) -> None:
        """Send a signal to it, and to its children."""
        with suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.pid, number)

    def descendants(self) -> list[int]:
        """Its living children, and theirs."""
        parents = {}
        for status in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                words = status.read_text().rsplit(")", 1)[1].split()
                parents[int(status.parent.name)] = int(words[1])
        found: set[int] = set()
        new = {self.pid}
        while new:
            new = {pid for pid, parent in parents.items() if parent in new} - found
            found |= new
        return sorted(found)


def running(pid: int) -> bool:
    """Whether a process is there, and more than a zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] not in "ZX"


def _run(function: Callable[[], None], log: Path) -> None:
    code = 1
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else _interrupt)
        words = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(words, 1)
        os.dup2(words, 2)
        function()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def answer_of(function: Callable[[], Any], folder: Path, most_s: float = 600.0) -> Any:
    """What a function gives in a child, as JSON.

    Raises:
        RuntimeError: with its words, if it fails.
    """
    answer, log = folder / "answer.json", folder / "answer.log"
    answer.unlink(missing_ok=True)
    child = Child(lambda: _write(answer, function()), log)
    if child.wait(most_s) or not answer.exists():
        raise RuntimeError(log.read_text()[-2000:])
    return json.loads(answer.read_text())


def _write(path: Path, answer: Any) -> None:
    path.write_text(json.dumps(answer))
