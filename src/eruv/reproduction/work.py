"""Carry out a plan: train and measure what is missing, one run after another."""

from collections.abc import Sequence
from dataclasses import dataclass

from eruv.reproduction.carry_out import Workplace
from eruv.reproduction.experiments import Experiment, key_of
from eruv.reproduction.plan import PlannedRun
from eruv.reproduction.rates import Rates
from eruv.utils.console import clock, say
from eruv.utils.errors import Interrupted


@dataclass(frozen=True)
class Failure:
    """A run that could not be carried out, and why."""

    title: str
    reason: str


def carry_out_all(plan: Sequence[PlannedRun], place: Workplace, rates: Rates) -> list[Failure]:
    """Do what is to be done; a run that fails does not stop those that do not need it.

    Args:
        plan: in order.
        place: where results go.
        rates: of this machine; they learn from every run that ends.

    Returns:
        What failed, and what was left out because of it.

    Raises:
        Interrupted: after Ctrl-C; called again, it goes on with the run that it was at.
    """
    failed: dict[str, Failure] = {}
    done = sum(run.done for run in plan)
    if done:
        say(f"paper: {done} of {len(plan)} runs are there already")
    for number, run in enumerate(plan, start=1):
        if run.done:
            continue
        missing = _failed_need(run.experiment, failed)
        if missing:
            failure = Failure(run.experiment.title, f"it needs what failed: {missing}")
        else:
            say(_announcement(number, plan, rates))
            found = _failure_of(run, place, rates)
            if found is None:
                continue
            failure = found
        failed[key_of(run.experiment)] = failure
        say(f"paper: failed: {failure.title}: {failure.reason}")
    return list(failed.values())


def _announcement(number: int, plan: Sequence[PlannedRun], rates: Rates) -> str:
    todo = [run for run in plan[number - 1 :] if not run.done]
    known = [rates.seconds(run.work) for run in todo if run.work is not None]
    about = f", about {clock(known[0])}" if todo[0].work is not None else ""
    unknown = len(todo) - len(known)
    besides = f" and {unknown} of unknown time" if unknown else ""
    return (
        f"paper: run {number} of {len(plan)}{about} ({clock(sum(known))}{besides} to the end): "
        f"{todo[0].experiment.title}"
    )


def _failed_need(experiment: Experiment, failed: dict[str, Failure]) -> str | None:
    for before in experiment.needs:
        if key_of(before) in failed:
            return before.title
    return None


def _failure_of(run: PlannedRun, place: Workplace, rates: Rates) -> Failure | None:
    """Carry out one run; what went wrong, if anything did."""
    try:
        place.carry_out(run.experiment)
    except Interrupted:
        raise
    except Exception as error:  # whatever it is, hours of other runs must not be lost
        return Failure(run.experiment.title, f"{type(error).__name__}: {error}")
    record = place.record(run.experiment)
    if record is not None:
        if run.work is not None:
            rates.learn(run.work, record["seconds"])
        say(f"paper: done in {clock(record['seconds'])}")
    return None
