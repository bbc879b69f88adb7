"""Disturb commands at random moments, run them again, and compare with an unbroken run.

    python benchmarks/faults.py --work DIR --more 100       # adds to what earlier calls counted
    python benchmarks/faults.py --work DIR --jobs ingest,embed --minutes 30

Writes docs/benchmarks/faults.json, and the table in docs/reliability.md. The disk that runs full is
a small one in memory, which only root may mount; else that fault is left out, and said so.
"""

import argparse
import random
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from fault_children import answer_of
from fault_jobs import JOBS, Job, Outcome, fill, import_most, prepare_films
from fault_kinds import (
    FAULTS,
    WORKER_KILLED,
    Trial,
    damage_proxy,
    mount_small_disk,
    unmount,
)
from reliability_page import Counts, Records

PROXY_DAMAGE, DISK_FULL = "a proxy deleted or damaged", "disk full"
WITH_WORKERS = ("ingest", "finetune")
ON_SMALL_DISK = ("ingest", "pretrain", "embed", "finetune")
SLOWEST = 20.0  # times as long as an unbroken run, and a minute


class Bench:
    """Jobs, what they start from, and what they leave unbroken.

    Args:
        work: a folder for all of it.
        jobs: names.
    """

    def __init__(self, work: Path, jobs: list[str]) -> None:
        self.work, self.parts, self.place = work, work / "parts", work / "trial"
        self.log = work / "log"
        self.expected: dict[str, Outcome] = {}
        self.seconds: dict[str, float] = {}
        shutil.rmtree(work, ignore_errors=True)
        self.parts.mkdir(parents=True)
        answer_of(lambda: prepare_films(self.parts), work)
        for name in (
            jobs if "paper" in jobs and len(jobs) == 1 else dict.fromkeys(["ingest", *jobs])
        ):
            self._unbroken(name)

    def _unbroken(self, name: str) -> None:
        if name in self.expected:
            return
        for needed in JOBS[name].needs:
            made_by = {"library": "ingest", "run": "pretrain", "embedded": "embed"}.get(needed)
            if made_by:
                self._unbroken(made_by)
        trial, seconds = self.trial(name, 0), []
        for _ in range(2):  # the first one also reads files that are not in memory yet
            fill(trial.job, self.parts, self.place)
            started = time.monotonic()
            code = trial.start().wait(trial.most_s)
            if code:
                raise RuntimeError(f"{name} ends with {code}: {self.log.read_text()[-2000:]}")
            seconds.append(time.monotonic() - started)
        self.seconds[name] = min(seconds)
        self.expected[name] = self.outcome(trial.job, self.place)
        part = {"ingest": "library", "pretrain": "run", "embed": "embedded"}.get(name)
        if part:
            made = self.place / ("library" if part == "embedded" else part)
            shutil.copytree(made, self.parts / part)
        print(f"{name}: {self.seconds[name]:.1f} s unbroken", flush=True)

    def trial(self, name: str, seed: int, place: Path | None = None) -> Trial:
        seconds = self.seconds.get(name, 600.0)
        chance = random.Random(f"{name} {seed}")
        most_s = SLOWEST * seconds + 60
        return Trial(JOBS[name], place or self.place, seconds, most_s, self.log, chance)

    def outcome(self, job: Job, folder: Path) -> Outcome:
        found: Outcome = answer_of(lambda: job.outcome(folder), self.work)
        return found

    def disturb(self, name: str, fault: str, seed: int) -> tuple[int, str]:
        """Disturb a job; how many faults there were, and what was lost (empty: nothing)."""
        small = self.work / "small-disk"
        if fault == DISK_FULL and not mount_small_disk(small):
            return 0, ""
        try:
            trial = self.trial(name, seed, small / "trial" if fault == DISK_FULL else None)
            fill(trial.job, self.parts, trial.folder)
            found = FAULTS[fault](trial)
            if found.trouble:
                return found.count, found.trouble
            child = trial.start()
            trouble = trial.end(child)
            if not trouble and child.code:
                trouble = f"ends with {child.code}: {self.log.read_text()[-500:]}"
            return found.count, trouble or self._difference(name, trial)
        finally:
            if fault == DISK_FULL:
                unmount(small)

    def _difference(self, name: str, trial: Trial) -> str:
        found = self.outcome(trial.job, trial.folder)
        names = sorted(found.keys() | self.expected[name].keys())
        differing = [one for one in names if found.get(one) != self.expected[name].get(one)]
        return f"other {', '.join(differing)} than unbroken" if differing else ""

    def damage(self, seed: int) -> tuple[int, str]:
        """Damage a proxy; `check` must say so, and `repair` make it again to the byte."""
        trial = self.trial("ingest", seed)
        fill(replace(trial.job, needs=("films", "library")), self.parts, trial.folder)
        # The catalogue names the films where they were ingested, which is the place of all trials.
        way = damage_proxy(trial.folder / "library", trial.random)
        codes = []
        for command, code in (("check", 1), ("repair", 0), ("check", 0)):
            job = replace(trial.job, words=partial(_on_library, command))
            found = replace(trial, job=job).start().wait(trial.most_s)
            if found != code:
                codes.append(f"{command} ends with {found} after {way}")
        return 1, "; ".join(codes) or self._difference("ingest", trial)


def _on_library(command: str, folder: Path) -> tuple[str, Path]:
    return command, folder / "library"


def plan(jobs: list[str], faults: list[str]) -> Iterator[tuple[str, str]]:
    """Which job meets which fault, for ever; damage of proxies comes with ingest."""
    while True:
        for fault in (one for one in FAULTS if one in faults):
            for name in jobs:
                if fault == WORKER_KILLED and name not in WITH_WORKERS:
                    continue
                if fault == DISK_FULL and name not in ON_SMALL_DISK:
                    continue
                yield name, fault
        if "ingest" in jobs and PROXY_DAMAGE in faults:
            yield "ingest", PROXY_DAMAGE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for films and libraries")
    parser.add_argument("--more", type=int, default=100, help="faults to inject in this call")
    parser.add_argument("--minutes", type=float, default=60.0, help="after which it ends anyway")
    parser.add_argument("--jobs", default=",".join(name for name in JOBS if name != "paper"))
    parser.add_argument("--faults", default=",".join([*FAULTS, PROXY_DAMAGE]), metavar="A,B")
    words = parser.parse_args()
    jobs, faults = words.jobs.split(","), re.split(",(?! )", words.faults)
    import_most()
    records = Records.read("faults")
    bench, injected, end = Bench(words.work, jobs), 0, time.monotonic() + 60 * words.minutes
    for name, fault in plan(jobs, faults):
        if injected >= words.more or time.monotonic() > end:
            break
        seed = records.next_seed()
        count, lost = (
            bench.damage(seed) if fault == PROXY_DAMAGE else bench.disturb(name, fault, seed)
        )
        count = max(count, 1) if lost else count
        injected += count
        records.add(Counts(name, fault, count, count if lost else 0), lost, seed)
        print(f"{injected}: {name}, {fault}: {lost or 'nothing lost'}", flush=True)
    if "disk full" not in {one.fault for one in records.counts if one.injected}:
        print("disk full: left out, for only root may mount a small disk")


if __name__ == "__main__":
    main()
