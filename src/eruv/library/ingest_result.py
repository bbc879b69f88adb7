"""What an ingest did: totals of the library, and what became of each file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eruv.library.catalogue import Library
from eruv.library.contents import DAMAGE, Contents
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
        passed_over: files in the named folders that are no videos by their suffix, by suffix.
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
    passed_over: dict[str, int]


def ingest_result(
    library: Library,
    named: Sequence[Path],
    others: dict[str, int],
    new_videos: int,
    seconds: float,
) -> IngestResult:
    """The result of an ingest that has ended.

    Args:
        library: after the ingest.
        named: paths of the files to ingest.
        others: files that were passed over, by suffix.
        new_videos: videos that were added.
        seconds: wall time.
    """
    held = Contents(library)
    return IngestResult(
        library=str(library.folder),
        videos=len(held.shots_of),
        shots=held.shots,
        segments=held.segments,
        frames=held.frames,
        new_videos=new_videos,
        seconds=seconds,
        quarantined=[
            {"path": printable(path), "reason": source.reason, "position": source.position}
            for path in named
            if (source := held.sources.get(path)) and source.quarantined
        ],
        damaged=[
            {"path": held.names.get(row["video_id"], "?"), **{key: row[key] for key in DAMAGE}}
            for row in held.damaged
        ],
        too_short=[held.names.get(row["video_id"], "?") for row in held.too_short],
        shortest_segment=held.minimum,
        aliases=held.aliases,
        passed_over=others,
    )
