"""The worker processes of an ingest, started, fed and watched by the parent."""

import json
import queue
import subprocess
import threading
import time
from dataclasses import asdict, dataclass
from typing import Any

from eruv.library.video_pass import EditingSettings
from eruv.utils.processes import module_process

Event = dict[str, Any]
SLOWEST_START_S = 60.0


@dataclass(frozen=True)
class WorkerLimits:
    """What one file may take; beyond it, it is quarantined and the others go on.

    Attributes:
        silent_s: seconds without a byte hashed, a frame decoded or an answer.
        memory_bytes: address space of a worker (where the system can limit it: not on macOS).
    """

    silent_s: float = 180.0
    memory_bytes: int = 8 << 30

    def __post_init__(self) -> None:
        if min(self.silent_s, self.memory_bytes) <= 0:
            raise ValueError(f"limits must be positive; got {self}")


@dataclass(eq=False)
class Worker:
    """One subprocess, with one request at a time.

    Attributes:
        heard: when it was sent a request or last said something (`time.monotonic`); in the future
            until it has started.
        busy: whether it has an answer to give.
        stalled: whether it was killed because it said nothing for too long.
    """

    process: "subprocess.Popen[str]"
    heard: float = 0.0
    busy: bool = False
    stalled: bool = False

    def send(self, request: Event) -> None:
        """Send a request; a dead worker is noticed by its event."""
        assert self.process.stdin is not None
        self.heard, self.busy = max(self.heard, time.monotonic()), True
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return


class WorkerPool:
    """The workers and their events; the caller replaces a dead worker with `start`."""

    def __init__(self, settings: EditingSettings, limits: WorkerLimits | None = None) -> None:
        self.settings, self.limits = settings, limits or WorkerLimits()
        self.events: queue.SimpleQueue[tuple[Worker, Event]] = queue.SimpleQueue()
        self.workers: list[Worker] = []
        self.last_check = time.monotonic()

    def start(self) -> Worker:
        """Start one more idle worker."""
        worker = Worker(
            module_process("eruv.library.worker"), heard=time.monotonic() + SLOWEST_START_S
        )
        self.workers.append(worker)
        threading.Thread(target=self._listen, args=(worker,), daemon=True).start()
        memory = {"memory_bytes": self.limits.memory_bytes}
        worker.send({"settings": asdict(self.settings), **memory})
        worker.busy = False
        return worker

    def next(self) -> tuple[Worker, Event]:
        """Wait for the next event, of a worker that is killed if it is silent for too long.

        `died` has the exit code, or None for one that was silent.
        """
        while True:
            worker, event = self._event()
            self._kill_silent()
            if worker is None or event["event"] == "alive":
                continue
            worker.busy = event["event"] == "frames"
            if event["event"] == "died" and worker.stalled:
                event = event | {"code": None}
            return worker, event

    def _event(self) -> tuple[Worker | None, Event]:
        """The next event, or none after a while."""
        try:
            return self.events.get(timeout=self.limits.silent_s / 4)
        except queue.Empty:
            return None, {}

    def _kill_silent(self) -> None:
        now = time.monotonic()
        if now - self.last_check > self.limits.silent_s / 2:
            # All processes were stopped meanwhile (Ctrl-Z): none could have answered.
            for worker in self.workers:
                worker.heard = max(worker.heard, now)
        self.last_check = now
        for worker in self.workers:
            if worker.busy and now - worker.heard > self.limits.silent_s:
                worker.stalled = True
                worker.process.kill()

    def _listen(self, worker: Worker) -> None:
        assert worker.process.stdout is not None
        for line in worker.process.stdout:
            if line.endswith("\n"):  # else the worker was killed while writing it
                worker.heard = time.monotonic()
                self.events.put((worker, json.loads(line)))
        self.events.put((worker, {"event": "died", "code": worker.process.wait()}))

    def close(self) -> None:
        """Kill all workers."""
        for worker in self.workers:
            worker.process.kill()
        for worker in self.workers:
            worker.process.wait()
