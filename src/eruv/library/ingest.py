"""`eruv ingest`: add videos to a library of shots, segments and proxies."""

import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from eruv.library.catalogue import Library
from eruv.library.compaction import Compaction
from eruv.library.engine import Engine, LocalEngine, Request, workers_of
from eruv.library.estimate import Estimate, estimate_ingest, refuse_small_disk
from eruv.library.ingest_progress import IngestProgress
from eruv.library.ingest_result import IngestResult, ingest_result
from eruv.library.pool import Event
from eruv.library.ray_engine import RayEngine
from eruv.library.rows import FileStamp, Source
from eruv.library.video_pass import EditedVideo, EditingSettings
from eruv.media.discovery import find_videos
from eruv.media.passed_over import counted_by_suffix, passed_over
from eruv.utils.console import clock, say
from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock
from eruv.utils.on_ray import ray_cluster, refuse_other_engine
from eruv.utils.paths import Paths, paths_of, printable
from eruv.utils.signals import deferred_interrupt
from eruv.utils.storage.remote_path import absolute

UNKNOWN_POSITION = "unknown"
COMMIT_VIDEOS = 64
COMMIT_INTERVAL_S = 2.0


def ingest(
    videos: Paths,
    to: Path | str,
    *,
    workers: int | None = None,
    settings: EditingSettings | None = None,
    engine: str = "local",
    address: str | None = None,
) -> IngestResult:
    """Add videos to a library; videos that it has are neither read nor written again.

    Args:
        videos: files and folders; folders are searched to the bottom.
        to: folder of the library, made if there is none.
        workers: parallel processes; one per core by default, of the cluster with Ray.
        settings: detector, segments and proxies, as the library was made with. None takes
            those, or the defaults in a new library.
        engine: local, or ray: the same work as tasks of a Ray cluster (extra `ray`), whose nodes
            see the videos and the library under the same paths.
        address: of the Ray cluster; see `eruv.utils.on_ray.ray_cluster`.

    Returns:
        Totals of the whole library, and what became of the named files.

    Raises:
        EruvError: if a path does not exist, nothing was found, the disk is too small, or the
            library was made with other settings.
    """
    started = time.monotonic()
    workers_of(workers)
    refuse_other_engine(engine, address)
    named = paths_of(videos)
    paths, others = find_videos(named), passed_over(named)
    if others:
        say(f"ingest: {counted_by_suffix(others)}")
    to = absolute(to)
    library = Library.open_or_create(to, settings)
    library.settings.detector.make()  # a missing extra is no fault of the files
    with folder_lock(to):
        library.sweep()
        stamps = _stamped(paths)
        run = _Ingest(library, stamps)
        if run.todo:
            with _engine(library, engine, address, workers) as opened:
                sizes = [run.stamps[path].size for path in run.todo]
                estimate = estimate_ingest(run.todo, sizes, opened.workers)
                refuse_small_disk(estimate, to)
                say(_announcement(estimate, len(stamps), opened.workers))
                run.process(opened, estimate)
    seconds = time.monotonic() - started
    return ingest_result(library, list(stamps), others, run.new_videos, seconds)


@contextmanager
def _engine(
    library: Library, engine: str, address: str | None, workers: int | None
) -> Iterator[Engine]:
    if engine == "local":
        with closing(LocalEngine(library.settings, workers)) as local:
            yield local
        return
    with ray_cluster(address, workers) as cluster:
        yield RayEngine(library.folder, library.settings, cluster, workers)


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
            say(f"eruv: {printable(path)}: {error.strerror or error}; it is skipped")
    return stamps


class _Ingest:
    """One call of `ingest`: asks an engine about each file and commits its answers."""

    def __init__(self, library: Library, stamps: dict[Path, FileStamp]) -> None:
        self.library = library
        self.finished = set(library.video_ids())
        self.reasons: dict[str, tuple[str, str]] = {}
        self.stamps = stamps
        known = library.sources()
        self.todo = [path for path in stamps if not self._is_known(known.get(path), path)]
        self.queue = list(reversed(self.todo))
        self.to_edit: list[Source] = []  # new bytes, which go before other files
        self.alone: list[Path] = []  # to be tried again when nothing else is at work
        self.killed: set[Path] = set()
        self.at_work: dict[str, Source] = {}
        self.waiting: dict[str, list[Source]] = {}
        self.videos: list[tuple[EditedVideo, Source]] = []
        self.others: list[Source] = []
        self.new_videos = 0
        self.compaction = Compaction(library.compact)
        self.last_commit = time.monotonic()

    def _is_known(self, source: Source | None, path: Path) -> bool:
        if source is None or source.stamp != self.stamps[path]:
            return False
        # A file that could not be opened may be readable by now (permissions, network), and a
        # failure at no place in the file may have been the machine's fault.
        judged = source.quarantined and source.position != UNKNOWN_POSITION
        return bool(source.video_id) and (judged or source.video_id in self.finished)

    def process(self, engine: Engine, estimate: Estimate) -> None:
        """Process all files; finished ones are committed even after an error."""
        progress = IngestProgress(estimate, self.stamps)
        try:
            self._ask(engine, progress)
            while self.alone:
                self.queue.append(self.alone.pop())
                self._ask(engine, progress, alone=True)
        finally:
            progress.line.__exit__(None, None, None)
            self._commit(force=True)
            self.compaction.finish()

    def _ask(self, engine: Engine, progress: IngestProgress, alone: bool = False) -> None:
        with closing(engine.answers(self._next_request, alone)) as answers:
            for request, event in answers:
                source = self.at_work[request["path"]]
                if event["event"] != "frames":
                    del self.at_work[request["path"]]
                self._handle(source, event, progress, engine.limits.silent_s)
                self._commit(force=False)

    def _next_request(self) -> Request | None:
        if self.to_edit:
            source = self.to_edit.pop()
            proxy = self.library.proxy_path(source.video_id)
            more = {"job": "edit", "video_id": source.video_id, "proxy_path": str(proxy)}
        elif self.queue:
            path = self.queue.pop()
            source, more = Source(path, self.stamps[path], video_id=""), {"job": "identify"}
        else:
            return None
        self.at_work[str(source.path)] = source
        return {"path": str(source.path), **more}

    def _handle(
        self, source: Source, event: Event, progress: IngestProgress, silent_s: float
    ) -> None:
        if event["event"] == "frames":
            progress.frames_of(source.path, event["count"])
            return
        if event["event"] == "identified":
            source = Source(source.path, source.stamp, event["video_id"])
            if self._needs_editing(source):
                self.to_edit.append(source)
                return
        elif event["event"] == "edited":
            self._finish(source, EditedVideo.from_dict(event["video"]))
            progress.frames_of(source.path, event["video"]["num_frames"])
        elif event["event"] == "unreadable":
            self._quarantine(source, event["reason"], event["position"])
        elif event["event"] == "unwritable":
            raise EruvError(
                f"cannot write to {self.library.folder}: {event['reason']}. "
                f"Fix that and run the command again: it continues where it stopped."
            )
        elif event["event"] == "unreachable":
            raise EruvError(f"{event['reason']} What was finished is in the library.")
        elif event["event"] == "died" and not self._died(source, event["code"], silent_s):
            return
        progress.file_done(source.path)

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
        with deferred_interrupt():
            self.library.commit(videos, others)
        self.last_commit = time.monotonic()
        self.compaction.after_commit()
