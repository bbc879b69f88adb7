"""Work that a thread does ahead of who needs it."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Task = TypeVar("Task")
Done = TypeVar("Done")

# Seconds that a task which nobody wants any more is waited for.
PATIENCE_S = 5.0


def ahead_of(
    work: Callable[[Task], Done], tasks: Sequence[Task], ahead: int, stuck_s: float
) -> Iterator[Done]:
    """What a function makes of each task, in order, made by a thread while the caller is busy.

    An error of the function comes up where its result would. Left early, the thread ends after
    the task that it is at.

    Args:
        work: called in the thread alone.
        tasks: for it.
        ahead: results that wait, at most.
        stuck_s: seconds without a result after which it is given up.

    Raises:
        TimeoutError: if no result comes for so long.
    """
    room, done = threading.Semaphore(ahead), queue.SimpleQueue[Done | _Failed]()
    left = threading.Event()

    def run() -> None:
        for task in tasks:
            room.acquire()
            if left.is_set():
                return
            try:
                done.put(work(task))
            except BaseException as error:
                done.put(_Failed(error))
                return

    # A daemon: a disk that does not answer must not keep the process from ending.
    thread = threading.Thread(target=run, name="ahead", daemon=True)
    thread.start()
    try:
        for _ in tasks:
            try:
                result = done.get(timeout=stuck_s)
            except queue.Empty:
                raise TimeoutError(f"no result for {stuck_s:g} s") from None
            room.release()
            if isinstance(result, _Failed):
                raise result.error
            yield result
    finally:
        left.set()
        room.release()
        thread.join(timeout=PATIENCE_S)


class _Failed:
    def __init__(self, error: BaseException) -> None:
        self.error = error
