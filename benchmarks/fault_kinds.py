"""The faults that are injected into a command at work, and into what it left."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fault_children import Child
from fault_jobs import Job

MOST_FAULTS = 6  # one after another, before the command is left in peace
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

    def moment(self) -> None:
        """Wait until some moment of an unbroken run."""
        time.sleep(self.random.uniform(0.0, 1.05) * self.seconds)


def killed(trial: Trial) -> int:
    """SIGKILL to the command and all its children; returns how many times."""
    return _signalled(trial, signal.SIGKILL, True)


def killed_alone(trial: Trial) -> int:
    """SIGKILL to the command alone: its children must notice."""
    return _signalled(trial, signal.SIGKILL, False)


def terminated(trial: Trial) -> int:
    """SIGTERM, as a scheduler sends it."""
    return _signalled(trial, signal.SIGTERM, False)


def interrupted(trial: Trial) -> int:
    """SIGINT to all, as Ctrl-C sends it."""
    return _signalled(trial, signal.SIGINT, True)


def _signalled(trial: Trial, number: int, group: bool) -> int:
    count = trial.random.randint(1, MOST_FAULTS)
    for _ in range(count):
        child = trial.start()
        trial.moment()
        child.signal(number, group)
        child.wait(trial.most_s)
    return count


def worker_killed(trial: Trial) -> int:
    """SIGKILL to a worker, as the system does when memory runs out; the command goes on."""
    child = trial.start()
    trial.moment()
    workers = child.descendants()
    if workers:
        with suppress(ProcessLookupError):
            os.kill(trial.random.choice(workers), signal.SIGKILL)
    child.wait(trial.most_s)
    return 1 if workers else 0


def two_at_once(trial: Trial) -> int:
    """The same command twice at a time: one works, the other waits, refuses, or does the rest."""
    first = trial.start()
    trial.moment()
    second = Child(lambda: trial.job.run(trial.folder), trial.log.with_suffix(".second"))
    first.wait(trial.most_s)
    second.wait(trial.most_s)
    return 1


def disk_full(trial: Trial) -> int:
    """The disk fills up at some moment, and is emptied when the command has ended."""
    child = trial.start()
    trial.moment()
    filler = trial.folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    child.wait(trial.most_s)
    filler.unlink()
    return 1


SIGNALS: dict[str, Callable[[Trial], int]] = {
    "SIGKILL, with its workers": killed,
    "SIGKILL, alone": killed_alone,
    "SIGTERM": terminated,
    "Ctrl-C": interrupted,
}
OTHERS: dict[str, Callable[[Trial], int]] = {
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
