"""Text files that are there whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any

from eruv.utils.console import warn


def replace_text(path: Path, text: str) -> None:
    """Write a text in UTF-8 beside the file, then put it in the file's place.

    Raises:
        OSError: if it cannot be written; what was there is left.
    """
    partial = path.with_name(f"{path.name}.part")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


def read_record(path: Path) -> dict[str, Any] | None:
    """A JSON object that can be made again; None where there is none, or (said) a damaged one."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        warn(f"{path} is damaged and is made again: {error}")
        return None
    return record if isinstance(record, dict) else None
