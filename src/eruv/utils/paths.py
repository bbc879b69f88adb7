"""Paths as users name them and as people read them."""

import os
import re
import zlib
from collections.abc import Iterable
from pathlib import Path

Paths = str | Path | Iterable[str | Path]
LONGEST_NAME = 255  # bytes of a file's name, on every common file system


def paths_of(named: Paths) -> list[Path]:
    """Several paths, or one that was not put into a list: its letters are no paths."""
    return [Path(named)] if isinstance(named, str | Path) else [Path(one) for one in named]


def printable(path: Path) -> str:
    """A path as one line of text that any terminal, page or table can hold."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "\N{REPLACEMENT CHARACTER}", text)


def shortened(name: str, most: int) -> str:
    """A name of at most so many bytes: the name, or its beginning and a digest of it all."""
    whole = os.fsencode(name)
    if len(whole) <= most:
        return name
    ending = f"-{zlib.crc32(whole):08x}"
    return whole[: most - len(ending)].decode("utf-8", "ignore") + ending
