"""The files of a library, and what became of each."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eruv.library.catalogue import Library
from eruv.utils.paths import printable


@dataclass(frozen=True)
class Ingested:
    """The contents of a library.

    Attributes:
        videos: rows of the videos, see `eruv.library.rows`.
        names: short name of each video, by its id.
        shots, segments, frames, seconds: totals.
        quarantined: name, reason and position of files that gave no video.
        damaged: name and row of videos that lost frames.
        too_short: names of videos without a long enough shot.
        aliases: pairs of a file and the earlier file of the same bytes.
        minimum: frames of the shortest segment.
        length: frames of a segment.
    """

    videos: list[dict[str, Any]]
    names: dict[str, str]
    shots: int
    segments: int
    frames: int
    seconds: float
    quarantined: list[tuple[str, str, str]]
    damaged: list[tuple[str, dict[str, Any]]]
    too_short: list[str]
    aliases: list[tuple[str, str]]
    minimum: int
    length: int

    def name(self, video_id: str) -> str:
        """A video's name; the start of its id if no file has it any more."""
        return self.names.get(video_id, video_id[:12])


def contents(library: Library) -> Ingested:
    """The contents of a library."""
    videos, sources, paths = library.videos(), library.sources(), library.paths()
    root = common_folder(list(sources))
    names = {video_id: short_name(found[0], root) for video_id, found in paths.items()}
    settings = library.settings.segments
    return Ingested(
        videos=videos,
        names=names,
        shots=sum(len(row["shots"]) for row in videos),
        segments=sum(row["num_segments"] for row in videos),
        frames=sum(row["num_frames"] for row in videos),
        seconds=sum(row["end_s"] - row["start_s"] for row in videos),
        quarantined=sorted(
            (short_name(source.path, root), source.reason, source.position)
            for source in sources.values()
            if source.quarantined
        ),
        damaged=_named(names, [row for row in videos if row["failed_packets"]]),
        too_short=[name for name, _ in _named(names, _without_segments(videos))],
        aliases=sorted(
            (short_name(path, root), names[video_id])
            for video_id, found in paths.items()
            for path in found[1:]
        ),
        minimum=settings.minimum,
        length=settings.length,
    )


def common_folder(paths: list[Path]) -> Path:
    """The folder that all files share."""
    return Path(os.path.commonpath([path.parent for path in paths])) if paths else Path("/")


def short_name(path: Path, root: Path) -> str:
    """A path below the common folder, as printable text."""
    return printable(path.relative_to(root))


def _without_segments(videos: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in videos if not row["num_segments"]]


def _named(names: dict[str, str], rows: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    named = [(names.get(row["video_id"], row["video_id"][:12]), row) for row in rows]
    return sorted(named, key=lambda pair: pair[0])
