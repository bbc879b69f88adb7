"""A detector that looks at frames on another core while the next ones are decoded."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from eruv.detection.detector import Detection, Detector
from eruv.media.scaling import Plane

BATCH_FRAMES = 16


class ParallelDetector:
    """Hands batches of frames, in order, to a detector in a thread of its own.

    At most two batches are under way, so that memory stays bounded. What the detector raises
    is raised here, at the latest by `finish`.
    """

    def __init__(self, detector: Detector, executor: ThreadPoolExecutor) -> None:
        self.detector = detector
        self._executor = executor
        self._batch: list[list[Plane]] = []
        self._under_way: Future[None] | None = None

    def add(self, planes: Sequence[Plane]) -> None:
        """Take the next frame."""
        self._batch.append([plane.copy() for plane in planes])
        if len(self._batch) == BATCH_FRAMES:
            self._hand_over()

    def break_here(self) -> None:
        """Note that frames are missing before the next one."""
        self._wait()
        self.detector.break_here()

    def finish(self) -> Detection:
        """What was found in all frames."""
        self._wait()
        return self.detector.finish()

    def _hand_over(self) -> None:
        before, batch = self._under_way, self._batch
        self._batch = []
        self._under_way = self._executor.submit(self._look_at, batch)
        if before:
            before.result()

    def _wait(self) -> None:
        self._hand_over()
        if self._under_way:
            self._under_way.result()

    def _look_at(self, batch: list[list[Plane]]) -> None:
        for planes in batch:
            self.detector.add(planes)


@contextmanager
def in_parallel(detector: Detector) -> Iterator[ParallelDetector]:
    """The detector in a thread that ends with this."""
    with ThreadPoolExecutor(1, thread_name_prefix="shot-detector") as executor:
        yield ParallelDetector(detector, executor)
