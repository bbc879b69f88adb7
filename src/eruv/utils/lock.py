"""One writer at a time in a folder."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eruv.utils.errors import EruvError

try:
    import fcntl
except ImportError as error:
    raise EruvError(
        f"eruv runs on Linux and macOS: it locks folders with fcntl, which {sys.platform} lacks. "
        f"On Windows, run it in WSL."
    ) from error


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Lock a folder within the block.

    Raises:
        EruvError: if another process holds it.
    """
    path = folder / ".lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "an unknown one"
            raise EruvError(
                f"another eruv process is writing to {folder}: {owner}. Wait for it, or stop it "
                f"first."
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()} ({_command()}) on {socket.gethostname()}\n")
        file.flush()
        yield


def _command() -> str:
    """The program and its first word, without places."""
    program, *words = sys.argv or [""]
    name = Path(program).name
    return " ".join(["eruv" if name == "__main__.py" else name, *words[:1]])
