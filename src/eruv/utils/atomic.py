"""Files that are written whole or not at all."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from eruv.utils.console import warn
from eruv.utils.paths import LONGEST_NAME, shortened
from eruv.utils.storage.remote_path import is_remote

# Processes of several machines that share a folder may have one number.
_PROCESS = secrets.token_hex(4)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to, renamed to `path` once the block ends without an error.

    After an error nothing of it remains, and an earlier `path` is as it was. What becomes an
    object on object storage is written to a local path and sent then.
    """
    if is_remote(path):
        with path.written() as partial:
            yield partial
        return
    ending = f".{os.getpid()}-{_PROCESS}.part"
    name = shortened(path.name, LONGEST_NAME - len(ending) - 1)
    partial = path.with_name(f".{name}{ending}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


class WholeFiles(ExitStack):
    """Several files that take their names together, when the block ends without an error."""

    def __init__(self) -> None:
        super().__init__()
        self.partials: dict[Path, Path] = {}

    def partial(self, path: Path) -> Path:
        """Where to write what will be `path`."""
        if path not in self.partials:
            self.partials[path] = self.enter_context(whole_file(path))
        return self.partials[path]


def replace_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8; line ends stay as they are.

    Raises:
        OSError: if it cannot be written; an earlier file is as it was.
    """
    with whole_file(path) as partial:
        partial.write_bytes(text.encode())


def read_record(path: Path) -> dict[str, Any] | None:
    """A JSON object that can be done without; None where it is missing or (said) damaged."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        warn(f"{path} is damaged and treated as missing: {error}")
        return None
    return record if isinstance(record, dict) else None
