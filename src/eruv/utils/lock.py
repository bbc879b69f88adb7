"""One writer at a time in a folder."""

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
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EruvError(
                f"another eruv process is writing to {folder}. Wait for it, or stop it first."
            ) from None
        yield
