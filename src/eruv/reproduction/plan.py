"""The plan: which runs the wanted tables need, in what order, and how long they take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eruv.reproduction.carry_out import Workplace
from eruv.reproduction.experiments import Experiment, key_of
from eruv.reproduction.outlines import Outline
from eruv.reproduction.rates import Rates
from eruv.reproduction.workload import Workload, workload_of


@dataclass(frozen=True)
class PlannedRun:
    """One experiment of the plan.

    Attributes:
        experiment: what is to be done.
        done: whether it is there already.
        work: how much there is to do; None while its data is not known.
        seconds: estimated, or as it took; None while that is not known.
    """

    experiment: Experiment
    done: bool
    work: Workload | None
    seconds: float | None


def needed(wanted: Iterable[Experiment]) -> list[Experiment]:
    """Every experiment once, each behind what it needs."""
    found: dict[str, Experiment] = {}

    def add(experiment: Experiment) -> None:
        key = key_of(experiment)
        if key not in found:
            for before in experiment.needs:
                add(before)
            found[key] = experiment

    for experiment in wanted:
        add(experiment)
    return list(found.values())


def data_needed(experiments: Sequence[Experiment]) -> list[str]:
    """Places of the sets that experiments read, each once."""
    keys = [one.data for one in experiments if hasattr(one, "data")]
    return list(dict.fromkeys(key.name for key in keys))


def plan_of(
    experiments: Sequence[Experiment],
    place: Workplace,
    outlines: Mapping[str, Outline],
    rates: Rates,
) -> list[PlannedRun]:
    """State and time of experiments.

    Args:
        experiments: in order.
        place: where results are.
        outlines: of the sets.
        rates: of this machine.
    """
    planned = []
    for experiment in experiments:
        record, work = place.record(experiment), workload_of(experiment, outlines)
        seconds = None
        if record is not None:
            seconds = float(record["seconds"])
        elif work is not None:
            seconds = rates.seconds(work)
        planned.append(PlannedRun(experiment, record is not None, work, seconds))
    return planned


def plan_record(plan: Sequence[PlannedRun]) -> dict[str, Any]:
    """A plan as plain values."""
    return {
        "plan": [
            {
                "title": run.experiment.title,
                "key": key_of(run.experiment),
                "done": run.done,
                "samples": run.work.samples if run.work else None,
                "seconds": run.seconds,
            }
            for run in plan
        ],
        "runs": len(plan),
        "to_do": sum(not run.done for run in plan),
        "seconds_left": seconds_left(plan),
        "unknown_times": sum(run.seconds is None for run in plan),
    }


def seconds_left(plan: Sequence[PlannedRun]) -> float:
    """Estimated time of all runs that are to be done and whose time is known."""
    return sum(run.seconds for run in plan if not run.done and run.seconds is not None)
