"""Results that a thread computes ahead of their use."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Task = TypeVar("Task")
Done = TypeVar("Done")

# Seconds to wait for a task whose result is not needed any more.
PATIENCE_S = 5.0


def prefetched(
    work: Callable[[Task], Done], tasks: Sequence[Task], ahead: int, stuck_s: float
) -> Iterator[Done]:
    """The results of a function on each task, in order, computed ahead by a thread.

    An error of the function is raised where its result would come. If the caller leaves early, the
    thread ends after its current task.

    Args:
        work: called in the thread alone.
        tasks: for it.
        ahead: results that wait to be taken, at most.
        stuck_s: seconds to wait for a result.

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
    thread = threading.Thread(target=run, name="prefetch", daemon=True)
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
