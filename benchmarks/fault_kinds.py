"""The faults that are injected into a command at work, and into what it left."""

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fault_children import NOT_ENDED, Child, running
from fault_jobs import Job

MOST_FAULTS = 6  # one after another, before the command is left in peace
LEAST_LEFT = 0.25  # of an unbroken run: starting takes its time however little is left
SIDE_BY_SIDE_S = 0.2
ERROR = re.compile(r"[\w.]*(Error|Exception|Interrupt)\b")
FULL = ("is full", "No space left", "os error 28")
TMPFS_BYTES = 192 << 20


@dataclass(frozen=True)
class Trial:
    """One job to be disturbed.

    Attributes:
        job: the command.
        folder: with what it starts from.
        seconds: that it takes unbroken.
        most_s: after which it hangs.
        log: of what it says.
        random: decides the moments.
    """

    job: Job
    folder: Path
    seconds: float
    most_s: float
    log: Path
    random: random.Random

    def start(self) -> Child:
        return Child(lambda: self.job.run(self.folder), self.log)

    def moment(self, child: Child, left_s: float | None = None) -> float:
        """Wait for some moment of what is left of a run, or its end; returns the seconds."""
        started = time.monotonic()
        end = started + self.random.uniform(0.0, self.seconds if left_s is None else left_s)
        while time.monotonic() < end and child.running():
            time.sleep(min(0.01, max(end - time.monotonic(), 0.0)))
        return time.monotonic() - started

    def end(self, child: Child) -> str:
        """Wait for a command's end; returns what is wrong with it whatever became of it."""
        code = child.wait(self.most_s)
        words = child.log.read_text(errors="replace")
        if code == NOT_ENDED:
            return f"hangs: {words[-500:]}"
        error = error_of_trace(words)
        return f"prints a trace: {error}" if error else ""


def error_of_trace(words: str) -> str:
    """The error alone, for what leads to it names places of this machine; empty without a trace."""
    if "Traceback" not in words:
        return ""
    errors = [line for line in words.split("\n") if ERROR.match(line)]
    return errors[-1] if errors else "cut short"


@dataclass(frozen=True)
class Injected:
    """How many faults met a command at work, and what was wrong with it (empty: nothing)."""

    count: int
    trouble: str = ""


def killed(trial: Trial) -> Injected:
    """SIGKILL to the command and all its children."""
    return _signalled(trial, signal.SIGKILL, True)


def killed_alone(trial: Trial) -> Injected:
    """SIGKILL to the command alone: its children must notice."""
    return _signalled(trial, signal.SIGKILL, False)


def terminated(trial: Trial) -> Injected:
    """SIGTERM, as a scheduler sends it."""
    return _signalled(trial, signal.SIGTERM, False)


def interrupted(trial: Trial) -> Injected:
    """SIGINT to all, as Ctrl-C sends it."""
    return _signalled(trial, signal.SIGINT, True)


def _signalled(trial: Trial, number: int, group: bool) -> Injected:
    count, left_s = 0, trial.seconds
    for _ in range(trial.random.randint(1, MOST_FAULTS)):
        child = trial.start()
        waited_s = trial.moment(child, left_s)
        met = child.running()
        if met:
            child.signal(number, group)
        trouble = trial.end(child)
        count += met
        if trouble or not met:  # which has done all there was
            return Injected(count, trouble)
        left_s = max(left_s - waited_s, LEAST_LEFT * trial.seconds)
    return Injected(count)


def worker_killed(trial: Trial) -> Injected:
    """SIGKILL to a worker, as the system does when memory runs out; the command goes on."""
    child = trial.start()
    trial.moment(child)
    workers = [pid for pid in child.descendants() if running(pid)] if child.running() else []
    if workers:
        with suppress(ProcessLookupError):
            os.kill(trial.random.choice(workers), signal.SIGKILL)
    return Injected(1 if workers else 0, trial.end(child))


def two_at_once(trial: Trial) -> Injected:
    """The same command twice at a time: one works, the other waits, refuses, or does the rest."""
    first = trial.start()
    trial.moment(first)
    second = Child(lambda: trial.job.run(trial.folder), trial.log.with_suffix(".second"))
    time.sleep(SIDE_BY_SIDE_S)
    both = first.running() and second.running()
    troubles = [trial.end(first), trial.end(second)]
    return Injected(1 if both else 0, "; ".join(filter(None, troubles)))


def disk_full(trial: Trial) -> Injected:
    """The disk fills up at some moment, and is emptied when the command has ended.

    Counted where the command ended for it; not where it had room enough, or had refused to begin.
    """
    child = trial.start()
    trial.moment(child)
    filler = trial.folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    trouble = trial.end(child)
    filler.unlink()
    words = child.log.read_text(errors="replace")
    return Injected(1 if child.code and any(one in words for one in FULL) else 0, trouble)


SIGNALS: dict[str, Callable[[Trial], Injected]] = {
    "SIGKILL, with its workers": killed,
    "SIGKILL, alone": killed_alone,
    "SIGTERM": terminated,
    "Ctrl-C": interrupted,
}
OTHERS: dict[str, Callable[[Trial], Injected]] = {
    "the same command twice at once": two_at_once,
    "disk full": disk_full,
}
WORKER_KILLED = "a worker killed"
FAULTS = SIGNALS | OTHERS | {WORKER_KILLED: worker_killed}


def damage_proxy(library: Path, chance: random.Random) -> str:
    """Delete, cut, flip or empty a proxy; returns what was done."""
    path = chance.choice(sorted((library / "proxies").rglob("*.mp4")))
    content = bytearray(path.read_bytes())
    way = chance.choice(["deleted", "cut short", "a byte flipped", "emptied"])
    if way == "deleted":
        path.unlink()
        return way
    if way == "cut short":
        content = content[: chance.randrange(len(content))]
    elif way == "a byte flipped":
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    else:
        content = bytearray()
    path.write_bytes(content)
    return way


def mount_small_disk(folder: Path) -> bool:
    """Mount a disk in memory at a folder; False where that is not allowed (it takes root)."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES}", "eruv-faults", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def unmount(folder: Path) -> None:
    """Take the disk away, with all that is on it."""
    subprocess.run(["umount", str(folder)], capture_output=True, check=False)
    shutil.rmtree(folder, ignore_errors=True)
