"""Paths as users name them and as people read them."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

Paths = str | Path | Iterable[str | Path]


def paths_of(named: Paths) -> list[Path]:
    """Several paths, or one that was not put into a list: its letters are no paths."""
    return [Path(named)] if isinstance(named, str | Path) else [Path(one) for one in named]


def printable(path: Path) -> str:
    """A path as one line of text that any terminal, page or table can hold."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "\N{REPLACEMENT CHARACTER}", text)
