"""The plan: which runs are needed, in what order, and how long they take; and how it is run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from eruv.reproduction.cost import ClipTimes, Workload, workload_of
from eruv.reproduction.data import DatasetInfo
from eruv.reproduction.experiments import Experiment
from eruv.reproduction.runner import Runner
from eruv.utils.console import clock, say
from eruv.utils.errors import Interrupted


@dataclass(frozen=True)
class Failure:
    """A run that failed, or that needs one that did."""

    title: str
    reason: str


def in_order(experiments: Iterable[Experiment]) -> list[Experiment]:
    """Every experiment once, each after what it needs."""
    ordered: dict[str, Experiment] = {}

    def add(experiment: Experiment) -> None:
        if experiment.key not in ordered:
            for needed in experiment.needs:
                add(needed)
            ordered[experiment.key] = experiment

    for experiment in experiments:
        add(experiment)
    return list(ordered.values())


@dataclass(frozen=True)
class Plan:
    """Experiments to run.

    Attributes:
        experiments: in order.
        runner: that runs them and knows which are done.
        workloads: by key; None where the size of the data is not known.
        times: of clips; they learn from every run that finishes.
    """

    experiments: list[Experiment]
    runner: Runner
    workloads: Mapping[str, Workload | None]
    times: ClipTimes

    @classmethod
    def of(
        cls, experiments: Iterable[Experiment], runner: Runner, data: Mapping[str, DatasetInfo]
    ) -> Self:
        """A plan that has learned from finished runs."""
        ordered = in_order(experiments)
        workloads = {one.key: workload_of(one, data) for one in ordered}
        plan = cls(ordered, runner, workloads, ClipTimes(runner.device))
        for experiment in ordered:
            plan._learn(experiment)
        return plan

    def to_dict(self) -> dict[str, Any]:
        """State and seconds (estimated, or as it took) of every run, and their sums."""
        runs = [self._state(one) for one in self.experiments]
        todo = [run for run in runs if not run["done"]]
        return {
            "plan": runs,
            "runs": len(runs),
            "to_do": len(todo),
            "seconds_left": sum(run["seconds"] or 0.0 for run in todo),
            "unknown_times": sum(run["seconds"] is None for run in runs),
        }

    def run(self) -> list[Failure]:
        """Do what is to be done; a failure does not stop runs that do not need it.

        Returns:
            What failed, and what was not run because of it.

        Raises:
            Interrupted: after Ctrl-C; the next call continues the run that was interrupted.
        """
        failed: dict[str, Failure] = {}
        todo = [one for one in self.experiments if self.runner.record(one) is None]
        count, left = len(self.experiments), self._estimate(todo)
        say(f"paper: {len(todo)} of {count} runs are to be done: about {clock(left)}")
        for done, experiment in enumerate(todo):
            missing = next((one.title for one in experiment.needs if one.key in failed), None)
            if missing:
                reason: str | None = f"it needs what failed: {missing}"
            else:
                number = self.experiments.index(experiment) + 1
                say(f"paper: run {number} of {count}{self._outlook(todo[done:])}")
                reason = self._run_one(experiment)
            if reason:
                failed[experiment.key] = Failure(experiment.title, reason)
                say(f"paper: failed: {experiment.title}: {reason}")
        return list(failed.values())

    def _state(self, experiment: Experiment) -> dict[str, Any]:
        record, workload = self.runner.record(experiment), self.workloads[experiment.key]
        seconds = None if workload is None else self.times.seconds(workload)
        return {
            "title": experiment.title,
            "key": experiment.key,
            "done": record is not None,
            "samples": workload.samples if workload else None,
            "seconds": float(record["seconds"]) if record else seconds,
        }

    def _outlook(self, todo: list[Experiment]) -> str:
        """Time of the next run, and to the end."""
        unknown = sum(self.workloads[one.key] is None for one in todo)
        first = self.workloads[todo[0].key]
        about = f", about {clock(self.times.seconds(first))}" if first else ""
        more = f" and {unknown} of unknown time" if unknown else ""
        return f"{about} ({clock(self._estimate(todo))}{more} to the end): {todo[0].title}"

    def _estimate(self, experiments: list[Experiment]) -> float:
        """Seconds of those whose workload is known."""
        workloads = [self.workloads[one.key] for one in experiments]
        return sum(self.times.seconds(one) for one in workloads if one)

    def _run_one(self, experiment: Experiment) -> str | None:
        """Why it failed; None where it did not."""
        try:
            self.runner.run(experiment)
        except Interrupted:
            raise
        except Exception as error:  # whatever it is, hours of other runs must not be lost
            return f"{type(error).__name__}: {error}"
        say(f"paper: done in {clock(self._learn(experiment))}")
        return None

    def _learn(self, experiment: Experiment) -> float:
        """The seconds of a finished run, which the times learn from; 0 of any other."""
        record, workload = self.runner.record(experiment), self.workloads[experiment.key]
        seconds = float(record["seconds"]) if record else 0.0
        if workload:
            self.times.learn(workload, seconds)
        return seconds
