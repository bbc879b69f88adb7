"""Where results of `eruv shots` may be written: never over a file of someone else."""

import os
from pathlib import Path

from eruv.utils.errors import EruvError

# A mark of `eruv shots` stands within the first bytes of its files.
HEAD_BYTES = 2048


def make_folder(folder: Path) -> None:
    """Make a folder and check that it can be written to.

    Raises:
        EruvError: if it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".eruv.{os.getpid()}.part"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise EruvError(
            f"cannot write to the folder {folder}: {error.strerror}. Name another folder."
        ) from error


def has_mark(path: Path, mark: str) -> bool:
    """Whether `path` is a file with this mark among its first bytes."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return mark.encode() in file.read(HEAD_BYTES)


def refuse_foreign(path: Path, own: bool) -> None:
    """Stop before a file is replaced that `eruv shots` did not write.

    Raises:
        EruvError: if there is such a file.
    """
    if os.path.lexists(path) and not own:
        raise EruvError(
            f"{path} exists and was not written by eruv shots. "
            f"Move it away, or name another folder."
        )
