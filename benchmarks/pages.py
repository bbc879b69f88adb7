"""What the pages of all benchmarks share.

Comes in: lines of Markdown and the data behind them. Goes out: files in `docs/benchmarks`.
"""

import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"


def write_page(docs: Path, name: str, lines: Sequence[str], data: Any) -> None:
    """Write NAME.md, and NAME.json beside it."""
    docs.mkdir(parents=True, exist_ok=True)
    (docs / f"{name}.md").write_text("\n".join(lines).rstrip() + "\n")
    (docs / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n")


def ratio_of_rounds(one: Sequence[float], other: Sequence[float]) -> float:
    """Median over the rounds of how many times as much one is as the other."""
    return statistics.median(a / b for a, b in zip(one, other, strict=True))
