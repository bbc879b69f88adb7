"""One writer at a time in a folder."""

import os
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eruv.utils.errors import EruvError
from eruv.utils.storage.lease import leased
from eruv.utils.storage.remote_path import is_remote

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
    if is_remote(folder):
        with leased(folder, _owner()):
            yield
        return
    path = folder / ".lock"
    with path.open("a+", encoding="utf-8", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "an unknown one"
            raise EruvError(
                f"another eruv process is writing to {folder}: {owner}. Wait for it, or stop it "
                f"first."
            ) from None
        # The name is a courtesy: on a full disk, too, videos can be removed. It is written past the
        # buffer, which would be written again, and fail, where the file is closed.
        with suppress(OSError):
            file.truncate(0)
            os.write(file.fileno(), f"{_owner()}\n".encode("utf-8", "replace"))
        yield


def _owner() -> str:
    return f"process {os.getpid()} ({_command()}) on {socket.gethostname()}"


def _command() -> str:
    """The program, and the command of eruv, without places: first words of others may be paths."""
    program, *words = sys.argv or [""]
    *_, folder, name = ["", *Path(program).parts] if program else ["", ""]
    if name == "__main__.py":
        name = folder
    command = name == "eruv" and words and re.fullmatch("[a-z]+", words[0])
    return f"{name} {words[0]}" if command else name
