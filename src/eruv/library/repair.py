"""`eruv repair`: make again what `eruv check` finds missing or damaged."""

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eruv.library.catalogue import Library
from eruv.library.check import PROXIES, VideoFault, check, is_there
from eruv.library.pool import Event, WorkerPool
from eruv.library.video_pass import video_id_of
from eruv.utils.console import with_progress
from eruv.utils.lock import folder_lock
from eruv.utils.results import Result


@dataclass(frozen=True)
class RepairResult(Result):
    """What was mended.

    Attributes:
        library: its folder.
        repaired: videos that were whole again.
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
    """Write the proxies anew that are missing or damaged, from files of exactly the same bytes.

    Remains of interrupted commands are removed. Called again, it goes on where it stopped.

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
        left = []
        with closing(WorkerPool(opened.settings)) as pool:
            for fault in with_progress(found.failed, "repair", len(found.failed), "videos"):
                reason = _make_again(opened, pool, rows[fault.video_id])
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


def _make_again(library: Library, pool: WorkerPool, row: dict[str, Any]) -> str:
    """Why a video could not be made again; empty if it was."""
    video_id = row["video_id"]
    paths = [path for path in library.paths().get(video_id, []) if is_there(path)]
    source = next((path for path in paths if _has_bytes(path, video_id)), None)
    if source is None:
        seen = "have changed or cannot be read" if paths else "are gone"
        return (
            f"the files it was made from {seen}. Put one back and repair again, or forget it with: "
            f"eruv remove {library.folder} {video_id}"
        )
    request = {"job": "edit", "path": str(source), "video_id": video_id}
    event = _answer(pool, request | {"proxy_path": str(library.proxy_path(video_id))})
    if event["event"] != "edited":
        return str(event.get("reason", "the decoder crashed"))
    video = event["video"]
    shots = [list(shot) for shot in row["shots"]]
    if video["num_frames"] != row["num_frames"] or video["shots"] != shots:
        return (
            f"its file now gives other shots than when it was ingested (another version of eruv or "
            f"of FFmpeg). Forget it, and ingest it again: eruv remove {library.folder} {video_id}"
        )
    digest = {name.removeprefix("proxy_"): video[name] for name in ("proxy_bytes", "proxy_sha256")}
    library.add(PROXIES, [{"video_id": video_id, **digest}])
    return _segments_again(library, row, video)


def _has_bytes(path: Path, video_id: str) -> bool:
    try:
        return video_id_of(path) == video_id
    except OSError:
        return False


def _answer(pool: WorkerPool, request: Event) -> Event:
    """The last event of one request to a worker of its own."""
    worker = pool.start()
    worker.send(request)
    while True:
        sender, event = pool.next()
        if sender is worker and event["event"] != "frames":
            worker.process.kill()
            return event


def _segments_again(library: Library, row: dict[str, Any], video: dict[str, Any]) -> str:
    video_id = row["video_id"]
    table = library.tables["segments"]
    if table.count_rows(f"video_id = '{video_id}'") == row["num_segments"]:
        return ""
    table.delete(f"video_id = '{video_id}'")
    rows = [
        {"video_id": video_id, **segment, "start_s": start_s, "end_s": end_s}
        for segment, (start_s, end_s) in zip(video["segments"], video["segments_s"], strict=True)
    ]
    if rows:
        library.add("segments", rows)
    return "" if len(rows) == row["num_segments"] else "its file now gives other segments"


def _sweep_proxies(library: Library) -> None:
    ids = set(library.video_ids())
    for path in (library.folder / PROXIES).glob("*/*.mp4"):
        if path.stem not in ids:
            path.unlink()
