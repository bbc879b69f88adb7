"""What a training measured, step by step: metrics.jsonl, and TensorBoard where it is installed."""

import json
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eruv.utils.atomic import replace_text
from eruv.utils.console import warn

try:
    from torch.utils.tensorboard import SummaryWriter
except ImportError:  # the extra `tensorboard` is not installed
    SummaryWriter = None  # type: ignore[assignment, misc]

RECENT_STEPS = 50

METRICS_FILE = "metrics.jsonl"


class MetricsLog:
    """Writes metrics of one run; what a resumed run repeats is dropped first.

    Args:
        folder: of the run.
        first_step: step at which this process begins; lines beyond it are from steps that
            were lost in an interruption and will come again.
    """

    def __init__(self, folder: Path, first_step: int) -> None:
        self.path = folder / METRICS_FILE
        kept = [line for line in read_metrics(folder) if line["step"] <= first_step]
        replace_text(self.path, "".join(json.dumps(line) + "\n" for line in kept))
        self.file = self.path.open("a")
        self.board = None
        if SummaryWriter is not None:
            self.board = SummaryWriter(folder / "tensorboard", purge_step=first_step + 1)

    def write(self, kind: str, step: int, **metrics: Any) -> None:
        """Add a line; numbers go to TensorBoard too, as `kind/name`."""
        self.file.write(json.dumps({"kind": kind, "step": step, **metrics}) + "\n")
        self.file.flush()
        if self.board is not None:
            for name, value in metrics.items():
                if isinstance(value, (int, float)):
                    self.board.add_scalar(f"{kind}/{name}", value, step)

    def close(self) -> None:
        self.file.close()
        if self.board is not None:
            self.board.close()


class NullLog:
    """The log of all processes of a training but the main one: writes nothing."""

    def write(self, kind: str, step: int, **metrics: Any) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run's metrics; a last one cut short by a kill is dropped, and damaged ones."""
    path = folder / METRICS_FILE
    if not path.exists():
        return []
    lines = [line for line in path.read_text(errors="replace").split("\n")[:-1] if line]
    found = [record for line in lines if (record := _record(line))]
    if len(found) < len(lines):
        warn(f"{path} is damaged: {len(lines) - len(found)} of {len(lines)} lines are left out")
    return found


def _record(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and {"kind", "step"} <= record.keys() else None


class RecentSteps:
    """Means over the last steps, for the live line and the log.

    Args:
        unit: what samples are called.
    """

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.steps: deque[tuple[Mapping[str, float], float, float, int]] = deque(
            maxlen=RECENT_STEPS
        )
        self.last = time.monotonic()

    def restart_clock(self) -> None:
        """Do not count what happened since the last step as part of the next one."""
        self.last = time.monotonic()

    def add(self, metrics: Mapping[str, float], waited: float, samples: int) -> None:
        """Take a step: its loss, accuracy and whatever else, seconds waited for it, its samples."""
        now = time.monotonic()
        self.steps.append((metrics, waited, now - self.last, samples))
        self.last = now

    def metrics(self) -> dict[str, float]:
        """Means of what was added, with pairs_per_s and wait_share."""
        metrics, waits, seconds, samples = zip(*self.steps, strict=True)
        means = {name: sum(one[name] for one in metrics) / len(metrics) for name in metrics[0]}
        return means | {
            "pairs_per_s": sum(samples) / max(1e-9, sum(seconds)),
            "wait_share": sum(waits) / max(1e-9, sum(seconds)),
        }

    def text(self) -> str:
        """For people."""
        metrics = self.metrics()
        return (
            f"loss {metrics['loss']:.3f}  accuracy {metrics['accuracy']:.3f}  "
            f"{metrics['pairs_per_s']:.1f} {self.unit}/s  data wait {metrics['wait_share']:.0%}"
        )
