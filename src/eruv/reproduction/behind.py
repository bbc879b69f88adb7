"""What stands behind a table: its runs, and what a reader must know of them."""

import os
from collections.abc import Iterable
from typing import Any

from eruv.reproduction.carry_out import Workplace
from eruv.reproduction.experiments import Experiment, Pretraining, key_of
from eruv.training.run_folder import RunFolder

# A class of a pretext task that fewer of the segments allow is told by knowing these few.
ENOUGH = 0.05
# Of a hundred classes, ten thousand numbers; they stay in the run's own folder.
LARGE = ("confusion",)


def run_record(experiment: Experiment, place: Workplace) -> dict[str, Any]:
    """Title, key and settings of a run; seconds and result, once it has ended."""
    record = place.record(experiment)
    result = record["result"] if record else {}
    return {
        "title": experiment.title,
        "key": key_of(experiment),
        "settings": experiment.settings,
        "seconds": record["seconds"] if record else None,
        "result": {
            name: value
            for name, value in result.items()
            if name not in LARGE and not _is_place(value)
        },
        "feasibility": _feasibility(experiment, place),
    }


def scarcities(experiments: Iterable[Experiment], place: Workplace) -> tuple[str, ...]:
    """A sentence for each class of a pretext task for which a run had hardly any segment."""
    found: dict[str, None] = {}  # each once, in order
    for experiment in experiments:
        training = (_feasibility(experiment, place) or {}).get("training", {})
        segments = training.get("segments", 0)
        for name, share in training.get("possible", {}).items():
            if share < ENOUGH:
                found[
                    f"{experiment.title}: {name} is possible in {round(share * segments)} of "
                    f"{segments} training segments, which its samples repeat."
                ] = None
    return tuple(found)


def _is_place(value: Any) -> bool:
    """Whether it is a path of this machine, which says nothing to others."""
    return isinstance(value, str) and os.path.isabs(value)


def _feasibility(experiment: Experiment, place: Workplace) -> dict[str, Any] | None:
    """Of a pre-training that was started; what its run.json says."""
    if not isinstance(experiment, Pretraining) or experiment.method == "random":
        return None
    run = RunFolder(place.of(experiment))
    if not run.started:
        return None
    feasibility: dict[str, Any] | None = run.read("run.json").get("feasibility")
    return feasibility
