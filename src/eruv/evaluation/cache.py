"""Results that are measured once: read back from disk until something changes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eruv.utils.atomic import read_record, replace_text

Result = dict[str, Any]


def kept(path: Path, asked: Result, measure: Callable[[], Result]) -> Result:
    """The result in a file, if it was measured for the same; else a new one, which is saved there.

    Args:
        path: of the JSON file.
        asked: all that the result depends on, as plain values; saved with it.
        measure: makes the result; plain values.
    """
    before = read_record(path)
    if before is not None and {name: before.get(name) for name in asked} == asked:
        return before
    text = json.dumps(asked | measure(), indent=2) + "\n"
    replace_text(path, text)
    result: Result = json.loads(text)
    return result
