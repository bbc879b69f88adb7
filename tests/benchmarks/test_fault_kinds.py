"""Faults count where they met a command at work, and its traces are trouble."""

import random
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fault_children import Child, running
from fault_jobs import Job
from fault_kinds import Trial, disk_full, interrupted, killed, two_at_once


@dataclass(frozen=True)
class Function(Job):
    """A function in the place of a command."""

    function: Callable[[], object] = time.time

    def run(self, folder: Path) -> None:
        # Words go where the descriptors do, not to pytest's own files.
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        self.function()


def trial(folder: Path, function: Callable[[], object], seconds: float = 0.05) -> Trial:
    job = Function(lambda folder: (), (), lambda folder: {}, function=function)
    return Trial(job, folder, seconds, 5.0, folder / "log", random.Random(1))


def long() -> None:
    time.sleep(30)


def broken() -> None:
    time.sleep(0.2)
    raise ValueError("broken")


def test_a_zombie_is_not_running(tmp_path: Path) -> None:
    child = Child(lambda: None, tmp_path / "log")
    end = time.monotonic() + 5
    while running(child.pid) and time.monotonic() < end:
        time.sleep(0.01)
    assert Path(f"/proc/{child.pid}").exists()  # until it is waited for
    assert not child.running()
    assert child.wait(5) == 0


def test_signals_count_only_while_the_command_runs(tmp_path: Path) -> None:
    planned = random.Random(1).randint(1, 6)
    assert planned > 1
    assert killed(trial(tmp_path, long)).count == planned
    assert killed(trial(tmp_path, lambda: None, seconds=2.0)).count == 0


def test_an_error_with_a_trace_is_trouble(tmp_path: Path) -> None:
    assert not killed(trial(tmp_path, long)).trouble
    assert "broken" in two_at_once(trial(tmp_path, broken)).trouble
    assert "KeyboardInterrupt" in interrupted(trial(tmp_path, long)).trouble


@pytest.mark.parametrize(("seconds", "count"), [(1.0, 1), (0.0, 0)])
def test_two_at_once_count_if_both_are_alive(tmp_path: Path, seconds: float, count: int) -> None:
    assert two_at_once(trial(tmp_path, lambda: time.sleep(seconds))).count == count


@pytest.mark.parametrize(
    ("words", "count"),
    [("the disk of x is full.", 1), ("the proxies may need 1 GB, 0 GB free.", 0), ("", 0)],
)
def test_a_full_disk_counts_if_the_command_ended_for_it(
    tmp_path: Path, words: str, count: int
) -> None:
    def command() -> None:
        time.sleep(0.2)
        print(words)
        raise SystemExit(1 if words else 0)

    one = trial(tmp_path, command)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    try:
        assert disk_full(one).count == count
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
