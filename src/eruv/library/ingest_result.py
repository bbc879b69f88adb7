"""What an ingest did: totals of the library, and what became of each file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eruv.library.catalogue import Library
from eruv.utils.paths import printable
from eruv.utils.results import Result


@dataclass(frozen=True)
class IngestResult(Result):
    """What a library holds after an ingest, and what became of the named files.

    Attributes:
        library: its folder.
        videos, shots, segments, frames: totals of the whole library.
        new_videos: videos that this call added.
        seconds: wall time of this call.
        quarantined: path, reason and position of files that gave no video.
        damaged: path, failed packets, packets and lost seconds of videos with damage.
        too_short: paths of readable videos without a long enough shot.
        shortest_segment: frames that a shot needs for that.
        aliases: pairs of a path and the path of the same bytes that came first.
    """

    library: str
    videos: int
    shots: int
    segments: int
    frames: int
    new_videos: int
    seconds: float
    quarantined: list[dict[str, str]]
    damaged: list[dict[str, Any]]
    too_short: list[str]
    shortest_segment: int
    aliases: list[tuple[str, str]]


def ingest_result(
    library: Library, named: Sequence[Path], new_videos: int, seconds: float
) -> IngestResult:
    """The result of an ingest that has ended.

    Args:
        library: after the ingest.
        named: paths of the files to ingest.
        new_videos: videos that were added.
        seconds: wall time.
    """
    videos = library.videos()
    sources = library.sources()
    paths = library.paths()
    names = {row["video_id"]: paths.get(row["video_id"], [Path("?")]) for row in videos}
    return IngestResult(
        library=str(library.folder),
        videos=len(videos),
        shots=sum(len(row["shots"]) for row in videos),
        segments=sum(row["num_segments"] for row in videos),
        frames=sum(row["num_frames"] for row in videos),
        new_videos=new_videos,
        seconds=seconds,
        quarantined=[
            {"path": printable(path), "reason": source.reason, "position": source.position}
            for path in named
            if (source := sources.get(path)) and source.quarantined
        ],
        damaged=[
            {
                "path": printable(names[row["video_id"]][0]),
                "failed_packets": row["failed_packets"],
                "packets": row["packets"],
                "lost_s": row["lost_s"],
                "first_failure": row["first_failure"],
            }
            for row in videos
            if row["failed_packets"]
        ],
        too_short=[
            printable(names[row["video_id"]][0]) for row in videos if not row["num_segments"]
        ],
        shortest_segment=library.settings.segments.minimum,
        aliases=[
            (printable(path), printable(same[0])) for same in paths.values() for path in same[1:]
        ],
    )
