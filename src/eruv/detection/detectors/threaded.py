"""Run a detector in a thread while the next frames are decoded."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from eruv.detection.detectors.base import Detection, Detector
from eruv.media.scaling import Plane

BATCH_FRAMES = 16
Timed = tuple[list[Plane], float | None]


class ThreadedDetector:
    """Passes batches of frames, in order, to a detector in a thread.

    At most two batches are pending, so that memory stays bounded. Errors of the detector are
    raised here, at the latest by `finish`.
    """

    def __init__(self, detector: Detector, executor: ThreadPoolExecutor) -> None:
        self.detector = detector
        self._executor = executor
        self._batch: list[Timed] = []
        self._pending: Future[None] | None = None

    def add(self, planes: Sequence[Plane], time_s: float | None = None) -> None:
        """Add the next frame."""
        self._batch.append(([plane.copy() for plane in planes], time_s))
        if len(self._batch) == BATCH_FRAMES:
            self._submit()

    def break_here(self) -> None:
        """Note that frames are missing before the next one."""
        self._wait()
        self.detector.break_here()

    def finish(self) -> Detection:
        """The detector's result."""
        self._wait()
        return self.detector.finish()

    def _submit(self) -> None:
        before, batch = self._pending, self._batch
        self._batch = []
        self._pending = self._executor.submit(self._add_all, batch)
        if before:
            before.result()

    def _wait(self) -> None:
        self._submit()
        if self._pending:
            self._pending.result()

    def _add_all(self, batch: list[Timed]) -> None:
        for planes, time_s in batch:
            self.detector.add(planes, time_s)


@contextmanager
def in_thread(detector: Detector) -> Iterator[ThreadedDetector]:
    """The detector in a thread that ends with the block."""
    with ThreadPoolExecutor(1, thread_name_prefix="shot-detector") as executor:
        yield ThreadedDetector(detector, executor)
