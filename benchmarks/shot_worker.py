"""Runs one pass over files in a process of its own, on two cores, and watches its memory."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from shot_detectors import Pass, Reading, reader, reading_from_json, reading_to_json

CORES = 2
SAMPLE_S = 0.1


@dataclass(frozen=True)
class Measured:
    """One pass over files.

    Attributes:
        readings: in the order of the files.
        peak_bytes: greatest sum of PSS over the process and its children.
    """

    readings: tuple[Reading, ...]
    peak_bytes: int


def pss_of_tree(pid: int) -> int:
    """Bytes that a process and its children have to themselves, shared ones by share."""
    try:
        parent = psutil.Process(pid)
        tree = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    total = 0
    for process in tree:
        try:
            text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        except OSError:
            continue  # it ended in between
        total += sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return total * 1024


def some_cores(count: int = CORES) -> list[int]:
    """The cores that a measured process may use."""
    return sorted(os.sched_getaffinity(0))[:count]


def environment(count: int = CORES) -> dict[str, str]:
    """What a measured process is given."""
    return {**os.environ, "OMP_NUM_THREADS": str(count), "MKL_NUM_THREADS": str(count)}


class PeakWatch:
    """The greatest sum of PSS of a process and its children, while it runs."""

    def __init__(self, pid: int) -> None:
        self.pid, self.peak = pid, 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._end.wait(SAMPLE_S):
            self.peak = max(self.peak, pss_of_tree(self.pid))

    def stop(self) -> int:
        """The peak."""
        self._end.set()
        self._thread.join()
        return self.peak


def run_watched(command: Sequence[str], request: Any, cores: int = CORES) -> tuple[str, int]:
    """Give JSON to a process on so many cores; what it printed, and its peak of memory.

    Raises:
        RuntimeError: if it fails.
    """
    allowed = ",".join(str(core) for core in some_cores(cores))
    process = subprocess.Popen(
        ["taskset", "-c", allowed, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(cores),
    )
    watch = PeakWatch(process.pid)
    out, errors = process.communicate(json.dumps(request))
    peak = watch.stop()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{errors[-3000:]}")
    return out, peak


def measure(one: Pass, paths: Sequence[Path]) -> Measured:
    """Run a pass over files in a fresh process."""
    request = {"pass": asdict(one), "paths": [str(path) for path in paths]}
    out, peak = run_watched([sys.executable, __file__], request)
    lines = [line for line in out.splitlines() if line.startswith('{"cuts"')]
    return Measured(tuple(reading_from_json(json.loads(line)) for line in lines), peak)


def main() -> None:
    """Answer one request on stdin with a line a file."""
    request = json.loads(sys.stdin.read())
    read = reader(Pass(**request["pass"]))
    for path in request["paths"]:
        print(json.dumps(reading_to_json(read(Path(path)))), flush=True)


if __name__ == "__main__":
    main()
