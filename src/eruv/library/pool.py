"""The worker processes of an ingest, started and fed by the parent."""

import json
import queue
import subprocess
import threading
from dataclasses import asdict, dataclass
from typing import Any

from eruv.library.video_pass import EditingSettings
from eruv.utils.processes import module_process

Event = dict[str, Any]


@dataclass(eq=False)
class Worker:
    """One subprocess, with one request at a time."""

    process: "subprocess.Popen[str]"

    def send(self, request: Event) -> None:
        """Send a request; a dead worker is noticed by its event."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return


class WorkerPool:
    """The workers and their events; the caller replaces a dead worker with `start`."""

    def __init__(self, settings: EditingSettings) -> None:
        self.settings = settings
        self.events: queue.SimpleQueue[tuple[Worker, Event]] = queue.SimpleQueue()
        self.workers: list[Worker] = []

    def start(self) -> Worker:
        """Start one more idle worker."""
        process = module_process("eruv.library.worker")
        worker = Worker(process)
        self.workers.append(worker)
        threading.Thread(target=self._listen, args=(worker,), daemon=True).start()
        worker.send(asdict(self.settings))
        return worker

    def _listen(self, worker: Worker) -> None:
        assert worker.process.stdout is not None
        for line in worker.process.stdout:
            if line.endswith("\n"):  # else the worker was killed while writing it
                self.events.put((worker, json.loads(line)))
        self.events.put((worker, {"event": "died", "code": worker.process.wait()}))

    def close(self) -> None:
        """Kill all workers."""
        for worker in self.workers:
            worker.process.kill()
        for worker in self.workers:
            worker.process.wait()
