"""`eruv ingest`: add videos to a library of shots, segments and proxies."""

import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from eruv.library.catalogue import Library
from eruv.library.estimate import Estimate, estimate_ingest, refuse_small_disk
from eruv.library.ingest_result import IngestResult, ingest_result
from eruv.library.pool import Event, Worker, WorkerPool
from eruv.library.rows import FileStamp, Source
from eruv.library.video_pass import EditedVideo, EditingSettings
from eruv.media.discovery import find_videos
from eruv.media.passed_over import counted_by_suffix, passed_over
from eruv.utils.console import Progress, clock, say
from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock
from eruv.utils.paths import Paths, paths_of, printable
from eruv.utils.signals import interruption_held

UNKNOWN_POSITION = "unknown"
COMMIT_VIDEOS = 64
COMMIT_INTERVAL_S = 2.0
COMPACT_COMMITS = 16


def ingest(
    videos: Paths,
    to: Path | str,
    *,
    workers: int | None = None,
    settings: EditingSettings | None = None,
) -> IngestResult:
    """Add videos to a library; videos that it has are neither read nor written again.

    Args:
        videos: files and folders; folders are searched to the bottom.
        to: folder of the library, made if there is none.
        workers: parallel processes; one a core by default.
        settings: detector, segments and proxies, as the library was made with. None takes
            those, or the defaults in a new library.

    Returns:
        Totals of the whole library, and what became of the named files.

    Raises:
        EruvError: if a path does not exist, nothing was found, the disk is too small, or the
            library was made with other settings.
    """
    started = time.monotonic()
    if workers is None:
        workers = os.cpu_count() or 1
    if workers < 1:
        raise EruvError(f"workers is a number of processes, at least 1; got {workers}.")
    named = paths_of(videos)
    paths, others = find_videos(named), passed_over(named)
    if others:
        say(f"ingest: {counted_by_suffix(others)}")
    to = Path(to)
    library = Library.open_or_create(to, settings)
    library.settings.detector.make()  # a missing extra is no fault of the files
    with folder_lock(to):
        library.sweep()
        stamps = _stamped(paths)
        run = _Ingest(library, stamps)
        if run.todo:
            estimate = estimate_ingest(
                run.todo, [run.stamps[path].size for path in run.todo], workers
            )
            refuse_small_disk(estimate, to)
            say(_announcement(estimate, len(stamps), workers))
            run.process(workers, estimate)
    seconds = time.monotonic() - started
    return ingest_result(library, list(stamps), others, run.new_videos, seconds)


def _announcement(estimate: Estimate, named: int, workers: int) -> str:
    done = named - estimate.files
    return (
        f"ingest: {estimate.files} new files"
        + (f" ({done} known already)" if done else "")
        + f", about {estimate.frames:,} frames: about {clock(estimate.seconds)} with "
        f"{workers} workers, at most {estimate.proxy_bytes / 1e6:,.0f} MB of proxies"
    )


def _stamped(paths: Iterable[Path]) -> dict[Path, FileStamp]:
    """The files that still exist: folders change while they are searched."""
    stamps = {}
    for path in paths:
        try:
            stamps[path] = FileStamp.of(path)
        except OSError as error:
            say(f"eruv: {printable(path)}: {error.strerror}; it is skipped")
    return stamps


class _Ingest:
    """One call of `ingest`: passes files to workers and commits their results."""

    def __init__(self, library: Library, stamps: dict[Path, FileStamp]) -> None:
        self.library = library
        self.finished = set(library.video_ids())
        self.reasons: dict[str, tuple[str, str]] = {}
        self.stamps = stamps
        known = library.sources()
        self.todo = [path for path in stamps if not self._is_known(known.get(path), path)]
        self.queue = list(reversed(self.todo))
        self.alone: list[Path] = []  # to be tried again when nothing else is at work
        self.killed: set[Path] = set()
        self.jobs: dict[Worker, Source] = {}
        self.waiting: dict[str, list[Source]] = {}
        self.videos: list[tuple[EditedVideo, Source]] = []
        self.others: list[Source] = []
        self.new_videos = 0
        self.commits = 0
        self.last_commit = time.monotonic()

    def _is_known(self, source: Source | None, path: Path) -> bool:
        if source is None or source.stamp != self.stamps[path]:
            return False
        # A file that could not be opened may be readable by now (permissions, network), and a
        # failure at no place in the file may have been the machine's fault.
        judged = source.quarantined and source.position != UNKNOWN_POSITION
        return bool(source.video_id) and (judged or source.video_id in self.finished)

    def process(self, workers: int, estimate: Estimate) -> None:
        """Process all files; finished ones are committed even after an error."""
        gauge = _Gauge(estimate, self.stamps)
        with closing(WorkerPool(self.library.settings)) as pool:
            try:
                for _ in range(min(workers, len(self.todo))):
                    self._next_file(pool.start())
                self._run_jobs(pool, gauge)
                while self.alone:
                    self.queue.append(self.alone.pop())
                    self._next_file(pool.start())
                    self._run_jobs(pool, gauge)
            finally:
                gauge.progress.__exit__(None, None, None)
                self._commit(force=True)
                if self.commits:
                    self.library.compact()

    def _run_jobs(self, pool: WorkerPool, gauge: "_Gauge") -> None:
        while self.jobs:
            worker, event = pool.next()
            self._handle(pool, worker, event, gauge)
            self._commit(force=False)

    def _next_file(self, worker: Worker) -> None:
        if self.queue:
            path = self.queue.pop()
            self.jobs[worker] = Source(path, self.stamps[path], video_id="")
            worker.send({"job": "identify", "path": str(path)})

    def _handle(self, pool: WorkerPool, worker: Worker, event: Event, gauge: "_Gauge") -> None:
        source = self.jobs.get(worker)
        if source is None:
            return
        if event["event"] == "frames":
            gauge.frames_of(source.path, event["count"])
            return
        if event["event"] == "identified":
            source = Source(source.path, source.stamp, event["video_id"])
            if self._needs_editing(source):
                self.jobs[worker] = source
                edit = {"job": "edit", "path": str(source.path), "video_id": source.video_id}
                proxy = self.library.proxy_path(source.video_id)
                worker.send(edit | {"proxy_path": str(proxy)})
                return
        elif event["event"] == "edited":
            self._finish(source, EditedVideo.from_dict(event["video"]))
            gauge.frames_of(source.path, event["video"]["num_frames"])
        elif event["event"] == "unreadable":
            self._quarantine(source, event["reason"], event["position"])
        elif event["event"] == "unwritable":
            raise EruvError(
                f"cannot write to {self.library.folder}: {event['reason']}. "
                f"Fix that and run the command again: it goes on where it stopped."
            )
        elif event["event"] == "died":
            del self.jobs[worker]
            worker = pool.start()
            if not self._died(source, event["code"], pool.limits.silent_s):
                self._next_file(worker)
                return
        gauge.file_done(source.path)
        self.jobs.pop(worker, None)
        self._next_file(worker)

    def _died(self, source: Source, code: int | None, silent_s: float) -> bool:
        """Quarantine a file whose worker died; False for one that is tried again.

        A worker that was killed may be the one that the system chose when memory ran out, so its
        file gets another chance, alone.
        """
        if code is not None and code > 0 and not source.video_id:
            raise EruvError(
                f"a worker process ended with exit code {code} before it opened a "
                f"file. To see why, run {sys.executable} -m eruv.library.worker."
            )
        if code == -signal.SIGKILL and source.path not in self.killed:
            again = [source, *self.waiting.pop(source.video_id, [])]
            self.killed.add(source.path)
            self.alone += [one.path for one in again]
            return False
        reason = (
            f"nothing of it could be read for {silent_s:.0f} s"
            if code is None
            else f"the decoder crashed (exit {code})"
        )
        self._quarantine(source, reason, UNKNOWN_POSITION)
        return True

    def _needs_editing(self, source: Source) -> bool:
        """Whether these bytes are new; if not, the path becomes an alias."""
        if source.video_id in self.reasons:
            reason, position = self.reasons[source.video_id]
            self._quarantine(source, reason, position)
        elif source.video_id in self.finished:
            self.others.append(source)
        elif source.video_id in self.waiting:
            self.waiting[source.video_id].append(source)
        else:
            self.waiting[source.video_id] = []
            return True
        return False

    def _finish(self, source: Source, video: EditedVideo) -> None:
        self.videos.append((video, source))
        self.finished.add(video.video_id)
        self.new_videos += 1
        self.others += self.waiting.pop(video.video_id)

    def _quarantine(self, source: Source, reason: str, position: str) -> None:
        if source.video_id:
            self.reasons[source.video_id] = (reason, position)
        for same in [source, *self.waiting.pop(source.video_id, [])]:
            self.others.append(Source(same.path, same.stamp, same.video_id, reason, position))

    def _commit(self, force: bool) -> None:
        pending = len(self.videos) + len(self.others)
        due = time.monotonic() - self.last_commit >= COMMIT_INTERVAL_S
        if not pending or not (force or due or pending >= COMMIT_VIDEOS):
            return
        videos, self.videos = self.videos, []
        others, self.others = self.others, []
        # Ctrl-C within a commit would leave half of it, and the next ingest would add rows twice.
        with interruption_held():
            self.library.commit(videos, others)
        self.last_commit = time.monotonic()
        self.commits += 1
        if self.commits % COMPACT_COMMITS == 0:
            self.library.compact()


class _Gauge:
    """Progress in bytes of the sources; within a file by its estimated frames."""

    def __init__(self, estimate: Estimate, stamps: dict[Path, FileStamp]) -> None:
        self.estimate = estimate
        self.stamps = stamps
        self.progress = Progress("ingest", total=estimate.source_bytes or None)
        self.started = time.monotonic()
        self.frames: dict[Path, int] = {}  # of files in progress
        self.frames_done = self.files_done = self.bytes_done = 0

    def frames_of(self, path: Path, count: int) -> None:
        self.frames[path] = count
        self._show()

    def file_done(self, path: Path) -> None:
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
        self.progress.update(done, f"{files}  {rate:,.0f} frames/s")
