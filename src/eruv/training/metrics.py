"""What a training measured, step by step: metrics.jsonl always, and TensorBoard."""

import json
from pathlib import Path
from typing import Any

from torch.utils.tensorboard import SummaryWriter

from eruv.utils.atomic import replace_text

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
        self.board = SummaryWriter(folder / "tensorboard", purge_step=first_step + 1)

    def write(self, kind: str, step: int, **figures: Any) -> None:
        """Add a line; numbers also go to TensorBoard as `kind/name`."""
        self.file.write(json.dumps({"kind": kind, "step": step, **figures}) + "\n")
        self.file.flush()
        for name, value in figures.items():
            if isinstance(value, (int, float)):
                self.board.add_scalar(f"{kind}/{name}", value, step)

    def close(self) -> None:
        self.file.close()
        self.board.close()


class SilentLog:
    """The log of a process that is not the first one of its training: nothing."""

    def write(self, kind: str, step: int, **figures: Any) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """All lines of a run's metrics; a last line cut short by a kill is left out."""
    path = folder / METRICS_FILE
    if not path.exists():
        return []
    lines = path.read_text().split("\n")
    return [json.loads(line) for line in lines[:-1] if line]
