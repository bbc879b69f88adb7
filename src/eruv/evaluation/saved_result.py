"""Results that are measured once: read back from disk until something changes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from eruv.utils.atomic import read_record, replace_text
from eruv.utils.results import Result

Measured = TypeVar("Measured", bound=Result)


def saved_result(
    kind: type[Measured], path: Path, key: dict[str, Any], measure: Callable[[], Measured]
) -> Measured:
    """The result in a file, if it was measured for the same key; else a new one, saved there.

    Args:
        kind: of the result; it has the fields of the key.
        path: of the JSON file.
        key: all that the result depends on, as plain values.
        measure: makes the result.
    """
    record = read_record(path)
    if record is not None and {name: record.get(name) for name in key} == key:
        try:
            return kind(**record)
        except TypeError:  # of a version with other fields
            pass
    result = measure()
    replace_text(path, json.dumps(result.to_dict(), indent=2) + "\n")
    return result
