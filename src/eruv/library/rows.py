"""The rows of the catalogue's tables: videos, segments, and the files that were read."""

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from eruv.library.video_pass import EditedVideo
from eruv.utils.paths import printable
from eruv.utils.storage.remote_path import is_remote, place

# What names of tables with vectors begin with.
VECTORS = "vectors_"
# The folder of a library that says what made them.
ENCODERS = "encoders"
_RANGE = pa.list_(pa.int64(), 2)
_SECONDS = pa.list_(pa.float64(), 2)

SCHEMAS: dict[str, pa.Schema] = {
    "videos": pa.schema(
        [
            ("video_id", pa.string()),
            ("width", pa.int32()),
            ("height", pa.int32()),
            ("frames_per_second", pa.float64()),
            ("num_frames", pa.int64()),
            ("start_s", pa.float64()),
            ("end_s", pa.float64()),
            ("shots", pa.list_(_RANGE)),
            ("shots_s", pa.list_(_SECONDS)),
            ("num_segments", pa.int32()),
            ("packets", pa.int64()),
            ("failed_packets", pa.int64()),
            ("lost_s", pa.float64()),
            ("first_failure", pa.string()),
        ]
    ),
    "segments": pa.schema(
        [
            ("video_id", pa.string()),
            ("shot", pa.int32()),
            ("start", pa.int64()),
            ("end", pa.int64()),
            ("start_s", pa.float64()),
            ("end_s", pa.float64()),
        ]
    ),
    # One row a video and proxy that was written, appended; the last row of a video counts.
    "proxies": pa.schema(
        [("video_id", pa.string()), ("bytes", pa.int64()), ("sha256", pa.string())]
    ),
    # One row a path, appended; the last row of a path counts.
    "sources": pa.schema(
        [
            ("path", pa.binary()),
            ("printable", pa.string()),
            ("size", pa.int64()),
            ("mtime_ns", pa.int64()),
            ("inode", pa.int64()),
            ("video_id", pa.string()),
            ("reason", pa.string()),
            ("position", pa.string()),
        ]
    ),
}


@dataclass(frozen=True)
class FileStamp:
    """Size, time and inode of a file: while they stay, it is the one that was read.

    An object's inode is of its tag, which changes with its bytes. Its time is left out: listings
    and other answers round it differently.
    """

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> Self:
        status = path.stat()
        # Some file systems have inodes beyond 63 bits, which the catalogue cannot hold.
        time_ns = 0 if is_remote(path) else status.st_mtime_ns
        return cls(status.st_size, time_ns, status.st_ino & (2**63 - 1))


@dataclass(frozen=True)
class Source:
    """A file that was read.

    Attributes:
        path: absolute path.
        stamp: as it was when it was read.
        video_id: of its bytes; empty if they could not be read.
        reason: why it is quarantined; empty if it is not.
        position: where in the file that was noticed.
    """

    path: Path
    stamp: FileStamp
    video_id: str
    reason: str = ""
    position: str = ""

    @property
    def quarantined(self) -> bool:
        return bool(self.reason)


def proxy_row(video: EditedVideo) -> dict[str, Any]:
    return {
        "video_id": video.video_id,
        "bytes": video.proxy_bytes,
        "sha256": video.proxy_sha256,
    }


def video_row(video: EditedVideo) -> dict[str, Any]:
    row = {field.name: getattr(video, field.name, None) for field in SCHEMAS["videos"]}
    return row | {"num_segments": len(video.segments)}


def segment_rows(video: EditedVideo) -> list[dict[str, Any]]:
    return [
        {"video_id": video.video_id, **asdict(segment), "start_s": start_s, "end_s": end_s}
        for segment, (start_s, end_s) in zip(video.segments, video.segments_s, strict=True)
    ]


def source_row(source: Source) -> dict[str, Any]:
    return {
        "path": os.fsencode(source.path),
        "printable": printable(source.path),
        **asdict(source.stamp),
        "video_id": source.video_id,
        "reason": source.reason,
        "position": source.position,
    }


def source_of_row(row: dict[str, Any]) -> Source:
    return Source(
        path=place(os.fsdecode(row["path"])),
        stamp=FileStamp(row["size"], row["mtime_ns"], row["inode"]),
        video_id=row["video_id"],
        reason=row["reason"],
        position=row["position"],
    )


def paths_by_video(sources: Iterable[Source]) -> dict[str, list[Path]]:
    """Paths of each video, sorted; the first names it, the others are aliases."""
    found: dict[str, list[Path]] = {}
    for source in sources:
        if not source.quarantined:
            found.setdefault(source.video_id, []).append(source.path)
    return {video_id: sorted(paths) for video_id, paths in found.items()}
