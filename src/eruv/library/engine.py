"""Who answers the requests of an ingest: child processes of this machine, or tasks of Ray."""

import os
from collections.abc import Callable, Generator
from typing import Protocol

from eruv.library.pool import Event, Worker, WorkerLimits, WorkerPool
from eruv.library.video_pass import EditingSettings
from eruv.utils.errors import EruvError

# See `eruv.library.worker.answer`.
Request = Event
# The next request, or None while there is none.
NextRequest = Callable[[], Request | None]
Answers = Generator[tuple[Request, Event], None, None]


class Engine(Protocol):
    """Maps requests to their answers.

    Attributes:
        workers: requests that are worked on side by side.
        limits: of each file.
    """

    workers: int
    limits: WorkerLimits

    def answers(self, take: NextRequest, alone: bool = False) -> Answers:
        """Requests with their answers, in the order in which those come.

        Between them there may be events `frames`, with the number of frames that were done.

        Args:
            take: called when there is room for a request, and again after every answer.
            alone: one request at a time.
        """


class LocalEngine:
    """Child processes of this one, which are started when they are needed.

    Args:
        settings: of the library.
        workers: processes; None takes one per core.
        limits: of each file.

    Raises:
        EruvError: for a number of processes that is not possible.
    """

    def __init__(
        self,
        settings: EditingSettings,
        workers: int | None = None,
        limits: WorkerLimits | None = None,
    ) -> None:
        self.workers = workers_of(workers) or os.cpu_count() or 1
        self.pool = WorkerPool(settings, limits)
        self.limits = self.pool.limits
        self.idle: list[Worker] = []

    def answers(self, take: NextRequest, alone: bool = False) -> Answers:
        """See `Engine`."""
        at_work: dict[Worker, Request] = {}
        while True:
            while len(at_work) < (1 if alone else self.workers):
                request = take()
                if request is None:
                    break
                worker = self.idle.pop() if self.idle else self.pool.start()
                worker.send(request)
                at_work[worker] = request
            if not at_work:
                return
            worker, event = self.pool.next()
            if worker not in at_work:  # it died while it had nothing to do
                self.idle.remove(worker)
            elif event["event"] == "frames":
                yield at_work[worker], event
            else:
                if event["event"] != "died":
                    self.idle.append(worker)
                yield at_work.pop(worker), event

    def close(self) -> None:
        """Kill the processes."""
        self.pool.close()


def workers_of(workers: int | None) -> int | None:
    """A number of workers, which is possible; None is left to the engine.

    Raises:
        EruvError: if it is none.
    """
    if workers is not None and workers < 1:
        raise EruvError(f"workers must be at least 1; got {workers}.")
    return workers
