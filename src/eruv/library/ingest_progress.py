"""The line of progress of an ingest."""

import time
from pathlib import Path

from eruv.library.estimate import Estimate
from eruv.library.rows import FileStamp
from eruv.utils.console import Progress


class IngestProgress:
    """Progress in bytes of the sources; within a file by its estimated frames.

    Args:
        estimate: of all files.
        stamps: of the files.
    """

    def __init__(self, estimate: Estimate, stamps: dict[Path, FileStamp]) -> None:
        self.estimate = estimate
        self.stamps = stamps
        self.line = Progress("ingest", total=estimate.source_bytes or None)
        self.started = time.monotonic()
        self.frames: dict[Path, int] = {}  # of files in progress
        self.frames_done = self.files_done = self.bytes_done = 0

    def frames_of(self, path: Path, count: int) -> None:
        """Note that so many frames of a file are done."""
        self.frames[path] = count
        self._show()

    def file_done(self, path: Path) -> None:
        """Note that a file is done with, whatever became of it."""
        self.files_done += 1
        self.frames_done += self.frames.pop(path, 0)
        self.bytes_done += self.stamps[path].size
        self._show()

    def _show(self) -> None:
        done = float(self.bytes_done)
        if self.estimate.frames_per_byte:
            for path, count in self.frames.items():
                done += min(self.stamps[path].size, count / self.estimate.frames_per_byte)
        frames = self.frames_done + sum(self.frames.values())
        rate = frames / max(1e-9, time.monotonic() - self.started)
        files = f"{self.files_done}/{self.estimate.files} files"
        self.line.update(done, f"{files}  {rate:,.0f} frames/s")
