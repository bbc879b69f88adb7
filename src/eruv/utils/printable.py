"""Names of files for terminals, pages and tables."""

import os
import re
from pathlib import Path


def printable(path: Path) -> str:
    """A path as one line of text that any terminal, page or table can hold."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "\N{REPLACEMENT CHARACTER}", text)
