"""Text files that are there whole or not at all.

Comes in: a path and a text. Goes out: the file, in place of the one that was there.
"""

import os
from pathlib import Path


def replace_text(path: Path, text: str) -> None:
    """Write a text in UTF-8 beside the file, then put it in the file's place.

    Raises:
        OSError: if it cannot be written; what was there is left.
    """
    partial = path.with_name(f"{path.name}.part")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
