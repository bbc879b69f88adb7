"""What the pages of all benchmarks share."""

import datetime
import json
import os
import platform
import statistics
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"


def write_page(docs: Path, name: str, lines: Sequence[str], data: Any) -> None:
    """Write NAME.md, and NAME.json beside it with the machine, the versions and the results."""
    docs.mkdir(parents=True, exist_ok=True)
    (docs / f"{name}.md").write_text("\n".join(lines).rstrip() + "\n")
    stored = {"measured_on": measured_on(), "results": data}
    (docs / f"{name}.json").write_text(json.dumps(stored, indent=1) + "\n")


def measured_on() -> dict[str, str]:
    """The machine and the versions that figures hold for."""
    with open("/proc/cpuinfo") as file:
        names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    return {
        "processor": f"{len(os.sched_getaffinity(0))} cores of {names[0] if names else 'unknown'}",
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        **{package: version(package) for package in ("eruv", "torch", "av", "numpy")},
        "date": datetime.date.today().isoformat(),
    }


def ratio_of_rounds(one: Sequence[float], other: Sequence[float]) -> float:
    """Median over the rounds of how many times as much one is as the other."""
    return statistics.median(a / b for a, b in zip(one, other, strict=True))


def peak_bytes() -> int:
    """Most memory that this process held at once; `getrusage` would count its parent's, too."""
    status = Path("/proc/self/status").read_text()
    (kilobytes,) = [line.split()[1] for line in status.splitlines() if line[:6] == "VmHWM:"]
    return 1024 * int(kilobytes)
