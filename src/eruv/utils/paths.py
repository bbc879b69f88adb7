"""Paths as users name them and as people read them."""

import os
import re
import unicodedata
import zlib
from collections.abc import Iterable
from pathlib import Path

from eruv.utils.storage.remote_path import place

Paths = str | Path | Iterable[str | Path]
LONGEST_NAME = 255  # bytes of a file's name, on every common file system


def paths_of(named: Paths) -> list[Path]:
    """Several paths, or one that was not put into a list: its letters are no paths."""
    return [place(named)] if isinstance(named, str | Path) else [place(one) for one in named]


def as_on_disk(path: Path, listings: dict[Path, dict[str, str]]) -> Path:
    """The path of a file whose name is written with the other encoding of accents.

    macOS and some archives take é apart (NFD), tables mostly do not (NFC). A path that is there, or
    is in neither way, comes back as it is.

    Args:
        path: as written.
        listings: of folders that were looked into, kept from call to call.
    """
    if os.path.lexists(path) or path == path.parent:
        return path
    folder = as_on_disk(path.parent, listings)
    if folder not in listings:
        listings[folder] = _composed_names(folder)
    return folder / listings[folder].get(_composed(path.name), path.name)


def _composed_names(folder: Path) -> dict[str, str]:
    try:
        return {_composed(name): name for name in sorted(os.listdir(folder))}
    except OSError:
        return {}


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def printable(path: Path | str) -> str:
    """A path, or its text, as one line of text that any terminal, page or table can hold."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "\N{REPLACEMENT CHARACTER}", text)


def shortened(name: str, most: int) -> str:
    """A name of at most `most` bytes: itself, or its beginning and a digest of the whole."""
    whole = os.fsencode(name)
    if len(whole) <= most:
        return name
    ending = f"-{zlib.crc32(whole):08x}"
    return whole[: most - len(ending)].decode("utf-8", "ignore") + ending
