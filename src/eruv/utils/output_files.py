"""Write result files whole or not at all, and never over a file that is someone else's."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from eruv.utils.errors import EruvError

# What own files say within their first bytes.
HEAD_BYTES = 2048


def make_folder(folder: Path) -> None:
    """Make a folder and see that it can be written to.

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


def head_says(path: Path, mark: str) -> bool:
    """Whether a file has a mark among its first bytes; not where there is no file."""
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


class NewFiles:
    """Files that are written under other names and take their own together, at the end.

    Use it as a context manager; if it is left by an error, nothing of them remains.
    """

    def __init__(self) -> None:
        self.partials: dict[Path, Path] = {}

    def partial(self, path: Path) -> Path:
        """The name under which to write what will be `path`."""
        return self.partials.setdefault(path, path.with_name(f".{path.name}.{os.getpid()}.part"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                for path, partial in self.partials.items():
                    os.replace(partial, path)
        finally:
            for partial in self.partials.values():
                partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file as it is; odd names of files survive as the bytes that they were.

    Raises:
        EruvError: if it cannot be written.
    """
    try:
        with NewFiles() as files:
            files.partial(path).write_bytes(text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise EruvError(f"cannot write {path}: {error.strerror}") from error
