"""`eruv repair`: make again what `eruv check` finds missing or damaged."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eruv.library.catalogue import Library
from eruv.library.check import PROXIES, VideoFault, check, is_there, proxies_in
from eruv.library.pool import Event, WorkerPool
from eruv.library.rows import proxy_row, segment_rows
from eruv.library.video_pass import EditedVideo, video_id_of
from eruv.utils.console import with_progress
from eruv.utils.lock import folder_lock
from eruv.utils.results import Result


@dataclass(frozen=True)
class RepairResult(Result):
    """What was repaired.

    Attributes:
        library: its folder.
        repaired: videos that are intact again.
        failed: videos that still cannot be used, each with the reason.
        swept: orphaned videos whose remains were removed.
        seconds: wall time.
    """

    library: str
    repaired: int
    failed: list[VideoFault]
    swept: int
    seconds: float


def repair(library: Path | str) -> RepairResult:
    """Rebuild the proxies that are missing or damaged, from files of exactly the same bytes.

    Remains of interrupted commands are removed. Called again, it continues where it stopped.

    Args:
        library: folder made by `ingest`.

    Raises:
        EruvError: if there is no such library, or another process is writing to it.
    """
    started = time.monotonic()
    opened = Library(Path(library))
    with folder_lock(opened.folder):
        opened.sweep()
        found = check(library)
        _sweep_proxies(opened)
        rows = opened.rows_of([fault.video_id for fault in found.failed])
        paths, left = opened.paths(), []
        with closing(WorkerPool(opened.settings)) as pool:
            for fault in with_progress(found.failed, "repair", len(found.failed), "videos"):
                files = paths.get(fault.video_id, [])
                reason = _repair_video(opened, pool, rows[fault.video_id], files)
                if reason:
                    left.append(VideoFault(fault.video_id, fault.path, reason))
        opened.compact()
    return RepairResult(
        library=str(opened.folder),
        repaired=len(found.failed) - len(left),
        failed=left,
        swept=found.orphans,
        seconds=time.monotonic() - started,
    )


def _repair_video(
    library: Library, pool: WorkerPool, row: dict[str, Any], files: Sequence[Path]
) -> str:
    """Why a video could not be rebuilt from one of its files; empty if it was."""
    video_id = row["video_id"]
    there = [path for path in files if is_there(path)]
    source = next((path for path in there if _has_bytes(path, video_id)), None)
    if source is None:
        seen = "have changed or cannot be read" if there else "are missing"
        return (
            f"the files it was made from {seen}. Put one back and repair again, or remove it with: "
            f"eruv remove {library.folder} {video_id}"
        )
    request = {"job": "edit", "path": str(source), "video_id": video_id}
    event = _answer(pool, request | {"proxy_path": str(library.proxy_path(video_id))})
    if event["event"] != "edited":
        return str(event.get("reason", "the decoder crashed"))
    video = EditedVideo.from_dict(event["video"])
    # Neither JSON nor the catalogue has tuples.
    shots = [list(shot) for shot in video.shots]
    if video.num_frames != row["num_frames"] or shots != [list(shot) for shot in row["shots"]]:
        return (
            f"its file now gives other shots than when it was ingested (another version of eruv or "
            f"of FFmpeg). Remove it, and ingest it again: eruv remove {library.folder} {video_id}"
        )
    library.add(PROXIES, [proxy_row(video)])
    return _repair_segments(library, row, video)


def _has_bytes(path: Path, video_id: str) -> bool:
    try:
        return video_id_of(path) == video_id
    except OSError:
        return False


def _answer(pool: WorkerPool, request: Event) -> Event:
    """The last event of a request, to the worker of an earlier one while that lives."""
    living = (one for one in pool.workers if one.process.poll() is None)
    worker = next(living, None) or pool.start()
    worker.send(request)
    while True:
        sender, event = pool.next()
        if sender is worker and event["event"] != "frames":
            return event


def _repair_segments(library: Library, row: dict[str, Any], video: EditedVideo) -> str:
    table, condition = library.tables["segments"], f"video_id = '{video.video_id}'"
    if table.count_rows(condition) == row["num_segments"]:
        return ""
    table.delete(condition)
    rows = segment_rows(video)
    if rows:
        library.add("segments", rows)
    return "" if len(rows) == row["num_segments"] else "its file now gives other segments"


def _sweep_proxies(library: Library) -> None:
    ids = set(library.video_ids())
    for video_id, path in proxies_in(library).items():
        if video_id not in ids:
            path.unlink()
