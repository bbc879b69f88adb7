"""Decoding in a child process with bounds: what it asks for, hangs at or breaks stays there."""

import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from eruv.utils.processes import module_process

Event = dict[str, Any]
OnShare = Callable[[float], None]

# Idle threads of libraries take address space, and so do arenas for each thread.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}


class Refused(Exception):
    """Why a file could not be decoded, in a sentence that a person understands."""


@dataclass(frozen=True)
class Bounds:
    """What a child process may take.

    Attributes:
        memory_bytes: address space (where the system can limit it: not on macOS).
        file_bytes: of any file that it writes.
        wall_s: seconds for one job.
        silent_s: seconds without progress.
        niceness: 0 to 19; the higher, the more it lets others go first.
        confined: whether each job has a process of its own, which reaches the job's files alone
            where the system can hold it to that, see `confine`.
    """

    memory_bytes: int = 2 << 30
    file_bytes: int = 8 << 30
    wall_s: float = 60.0
    silent_s: float = 60.0
    niceness: int = 0
    confined: bool = False

    def __post_init__(self) -> None:
        if min(self.memory_bytes, self.file_bytes, self.wall_s, self.silent_s) <= 0:
            raise ValueError(f"bounds must be positive; got {self}")


class BoundedChild:
    """A process of `eruv.web.decoding`, started when it is needed and again after it died.

    Args:
        bounds: of the process and of each of its jobs.
    """

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._closed = False
        self._unread = b""

    def ask(self, job: str, on_share: OnShare = lambda share: None, **request: Any) -> Event:
        """Do one job; others wait until it is done.

        Args:
            job: a name in `eruv.web.decoding.JOBS`.
            on_share: called with the share that is done, from 0 to 1, while the job runs.
            request: keywords of the job.

        Returns:
            What the job gives.

        Raises:
            Refused: if the file cannot be decoded, or not within the bounds.
        """
        with self._lock:
            process = self._started()
            self._send(process, {"job": job, **request})
            ends = time.monotonic() + self.bounds.wall_s
            while True:
                event = self._next_event(process, ends)
                if event["event"] == "share":
                    on_share(event["share"])
                    continue
                if self.bounds.confined:
                    self._end(process)
                if event["event"] == "refused":
                    raise Refused(event["reason"])
                return event

    def close(self) -> None:
        """Kill the process, also in the middle of a job; further jobs are refused."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()
            process.wait()

    def _started(self) -> "subprocess.Popen[str]":
        if self._closed:
            raise Refused("The page is closing.")
        if self._process is None or self._process.poll() is not None:
            self._unread = b""
            self._process = module_process("eruv.web.decoding", ENVIRONMENT)
            if self._closed:  # meanwhile, by another thread
                self._process.kill()
            self._send(self._process, asdict(self.bounds))
        return self._process

    def _send(self, process: "subprocess.Popen[str]", message: Event) -> None:
        assert process.stdin is not None
        try:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            return  # its end is noticed by who reads

    def _next_event(self, process: "subprocess.Popen[str]", ends: float) -> Event:
        """The next line of the child; it is killed when it takes too long."""
        assert process.stdout is not None
        descriptor = process.stdout.fileno()
        silent_until = time.monotonic() + self.bounds.silent_s
        while b"\n" not in self._unread:
            left = min(ends, silent_until) - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                self._end(process)
                seconds = self.bounds.wall_s if ends < silent_until else self.bounds.silent_s
                raise Refused(f"Decoding it took more than {seconds:.0f} seconds.")
            block = os.read(descriptor, 1 << 16)
            if not block:
                raise Refused(self._why_it_died(process))
            self._unread += block
        line, _, self._unread = self._unread.partition(b"\n")
        event: Event = json.loads(line)
        return event

    def _end(self, process: "subprocess.Popen[str]") -> None:
        process.kill()
        process.wait()
        self._process = None

    def _why_it_died(self, process: "subprocess.Popen[str]") -> str:
        code = process.wait()
        self._process = None
        if self._closed:
            return "The page is closing."
        if code in (-signal.SIGKILL, -signal.SIGXCPU):
            return "Decoding it was stopped by the system."
        return "The decoder crashed on it: the file is damaged or malicious."
