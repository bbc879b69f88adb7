"""The records that a run has written so far."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from eruv.evaluation.worth import Worth, worth_key
from eruv.pretext import TASKS, TaskText
from eruv.training.metrics import read_metrics
from eruv.training.pretrain_config import PretrainConfig
from eruv.training.run_folder import RunFolder
from eruv.utils.atomic import read_record

Record = dict[str, Any]

# Retrieval of actions by the demo; that of `eruv retrieve` is in retrieval.json.
DEMO_RETRIEVAL = "demo_retrieval.json"


@dataclass(frozen=True)
class Results:
    """The records of one run.

    Attributes:
        folder: of the run.
        run: run.json.
        config: as the run resolved it.
        done: done.json, once the training has ended.
        relations: relations.json, once that was measured.
        worth: worth.json, once measured; None if it is of earlier weights or of an earlier version.
        retrievals: records of the demo and of `eruv retrieve` in the run's folder.
        best: details of the best encoder, once there is one.
        training, validation: lines of the metrics, by kind.
    """

    folder: RunFolder
    run: Record
    config: PretrainConfig
    done: Record | None
    relations: Record | None
    worth: Record | None
    retrievals: list[Record]
    best: Record | None
    training: list[Record]
    validation: list[Record]

    @property
    def text(self) -> TaskText:
        """What samples and classes of this run are called."""
        return TASKS[self.config.pretext].text

    @property
    def samples_per_step(self) -> float | None:
        """Samples in a step of all processes; known once the run has ended."""
        return self.done["pairs_seen"] / self.done["steps"] if self.done else None

    @property
    def steps(self) -> int:
        """Steps so far, by the metrics."""
        if self.done:
            return int(self.done["steps"])
        return max((line["step"] for line in self.training + self.validation), default=0)

    @property
    def kept_validation(self) -> Record | None:
        """The validation whose weights are kept: the last, or the first of the best ones."""
        keep = self.config.validation.keep
        if keep == "last":
            return self.validation[-1] if self.validation else None
        if keep == "loss":
            return min(self.validation, key=lambda line: line["loss"], default=None)
        return max(self.validation, key=lambda line: line["accuracy"], default=None)

    @property
    def relations_are_stale(self) -> bool:
        """Whether relations.json is of earlier weights than the best of now."""
        if self.relations is None or self.best is None:
            return False
        return bool(self.relations["pairs_seen"] != self.best["pairs_seen"])


def read_results(folder: RunFolder) -> Results:
    """Read the records that exist; damaged ones but run.json are left out, with a warning.

    Raises:
        EruvError: if the folder is no run, or its run.json damaged.
    """
    run = folder.read("run.json")
    metrics = read_metrics(folder.folder)
    encoder = read_record(folder.folder / "config.json")
    return Results(
        folder=folder,
        run=run,
        config=folder.config,
        done=read_record(folder.folder / "done.json"),
        relations=read_record(folder.folder / "relations.json"),
        worth=_worth(folder.folder, encoder),
        retrievals=_retrievals(folder.folder),
        best=encoder.get("details") if encoder else None,
        training=[line for line in metrics if line["kind"] == "train"],
        validation=[line for line in metrics if line["kind"] == "validation"],
    )


def _worth(folder: Path, encoder: Record | None) -> Record | None:
    record = read_record(folder / "worth.json")
    if record is None or encoder is None:
        return None
    key = worth_key(folder, encoder.get("input", "rgb"))
    current = record.keys() == {field.name for field in fields(Worth)}
    return record if current and key.items() <= record.items() else None


def _retrievals(folder: Path) -> list[Record]:
    # Earlier demos wrote theirs to retrieval.json; `eruv retrieve --to RUN` does so, too.
    named = [folder / DEMO_RETRIEVAL, folder / "retrieval.json"]
    paths = [*named, *sorted(folder.glob("retrieval/*/retrieval.json"))]
    return [record for path in paths if (record := read_record(path)) is not None]
