"""`eruv check`: whether everything that a library says of its videos is true."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import av

from eruv.library.catalogue import Library
from eruv.library.rows import paths_by_video
from eruv.library.video_pass import sha256_of
from eruv.utils.console import with_progress
from eruv.utils.paths import printable
from eruv.utils.results import Result
from eruv.utils.storage.local_copy import local_copy

PROXIES = "proxies"


@dataclass(frozen=True)
class VideoFault:
    """A video that cannot be used as it is.

    Attributes:
        video_id: of the catalogue.
        path: of its file, as text.
        reason: what is wrong.
    """

    video_id: str
    path: str
    reason: str


@dataclass(frozen=True)
class CheckResult(Result):
    """What was found in a library.

    Attributes:
        library: its folder.
        videos: in its catalogue.
        failed: those that cannot be used as they are; `repair` fixes them.
        orphans: videos of which an interrupted command left segments or a proxy, and no more.
        without_digest: videos ingested by an earlier version, whose frames were counted instead.
        without_files: videos whose files are all gone; their proxies serve, but cannot be repaired.
        quarantined: files of which nothing came.
    """

    library: str
    videos: int
    failed: list[VideoFault]
    orphans: int
    without_digest: int
    without_files: int
    quarantined: int


def check(library: Path | str) -> CheckResult:
    """Verify every proxy of a library by its digest, and the catalogue by itself.

    Nothing is changed, and other commands may be at work meanwhile.

    Args:
        library: folder made by `ingest`.

    Raises:
        EruvError: if there is no such library.
    """
    opened = Library(Path(library))
    ids, digests = set(opened.video_ids()), digests_of(opened)
    sources = opened.sources()
    paths = paths_by_video(sources.values())
    found = segment_counts(opened)
    failed = []
    rows = opened.rows("videos", ["video_id", "num_frames", "num_segments"])
    for row in with_progress(rows, "check", len(ids), "videos"):
        video_id = row["video_id"]
        reason = proxy_fault(opened.proxy_path(video_id), row["num_frames"], digests.get(video_id))
        counted = found.get(video_id, 0)
        if not reason and counted != row["num_segments"]:
            reason = f"{counted} of its {row['num_segments']} segments are in the catalogue"
        if reason:
            name = printable(paths[video_id][0]) if video_id in paths else ""
            failed.append(VideoFault(video_id, name, reason))
    return CheckResult(
        library=str(opened.folder),
        videos=len(ids),
        failed=failed,
        orphans=len((found.keys() | proxies_in(opened).keys()) - ids),
        without_digest=len(ids - digests.keys()),
        without_files=sum(not any(map(is_there, paths.get(video_id, ()))) for video_id in ids),
        quarantined=sum(source.quarantined for source in sources.values()),
    )


def is_there(path: Path) -> bool:
    """Whether a file exists and can be reached; not in a closed folder or on a dead mount."""
    try:
        return path.is_file()
    except OSError:
        return False


def digests_of(library: Library) -> dict[str, tuple[int, str]]:
    """Bytes and digest of the proxy of each video that has them."""
    if PROXIES not in library.tables:
        return {}
    rows = library.rows(PROXIES, ["video_id", "bytes", "sha256"])
    return {row["video_id"]: (row["bytes"], row["sha256"]) for row in rows}


def segment_counts(library: Library) -> dict[str, int]:
    """Segments in the catalogue of each video that has any."""
    found = Counter[str]()
    for part in library.batches("segments", ["video_id"]):
        for one in part["video_id"].value_counts():
            found[one["values"].as_py()] += one["counts"].as_py()
    return found


def proxy_fault(path: Path, num_frames: int, expected: tuple[int, str] | None) -> str:
    """What is wrong with a proxy; empty if nothing is.

    Args:
        path: of the proxy.
        num_frames: that it has.
        expected: its bytes and digest; None where they are not known, and frames are counted.
    """
    try:
        size = path.stat().st_size
        if expected is None:
            counted = _frames_in(path)
            return (
                "" if counted == num_frames else f"its proxy has {counted} of {num_frames} frames"
            )
        if size != expected[0]:
            return f"its proxy has {size:,} of {expected[0]:,} bytes"
        return "" if sha256_of(path) == expected[1] else "its proxy is damaged: other bytes"
    except FileNotFoundError:
        return "its proxy is missing"
    except OSError as error:
        return f"its proxy cannot be read: {error.strerror or error}"


def _frames_in(path: Path) -> int:
    try:
        with av.open(str(local_copy(path))) as container:
            return sum(1 for _ in container.decode(video=0))
    except (av.FFmpegError, IndexError):
        return 0


def proxies_in(library: Library) -> dict[str, Path]:
    """The proxies that are on disk, by the ids of their videos."""
    return {path.stem: path for path in (library.folder / PROXIES).glob("*/*.mp4")}
