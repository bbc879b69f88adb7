"""What a library holds: its videos with the names of their files, totals, and copies."""

from collections.abc import Callable
from pathlib import Path

from eruv.library.catalogue import Library
from eruv.utils.paths import printable


class Contents:
    """The contents of a library.

    Args:
        library: to read.
        name: of a file, as text.

    Attributes:
        videos: rows of the videos, see `eruv.library.rows`.
        sources: the files that were read.
        names: of each video's first file, by the video's id.
        shots, segments, frames, seconds: totals.
        damaged: rows of videos that lost frames.
        too_short: rows of videos without a long enough shot.
        aliases: pairs of a file and the earlier file of the same bytes.
        length, minimum: frames of a segment and of the shortest one.
    """

    def __init__(self, library: Library, name: Callable[[Path], str] = printable) -> None:
        self.videos, self.sources, paths = library.videos(), library.sources(), library.paths()
        self.names = {video_id: name(found[0]) for video_id, found in paths.items()}
        self.shots = sum(len(row["shots"]) for row in self.videos)
        self.segments = sum(row["num_segments"] for row in self.videos)
        self.frames = sum(row["num_frames"] for row in self.videos)
        self.seconds = sum(row["end_s"] - row["start_s"] for row in self.videos)
        self.damaged = [row for row in self.videos if row["failed_packets"]]
        self.too_short = [row for row in self.videos if not row["num_segments"]]
        self.aliases = [
            (name(path), self.names[video_id])
            for video_id, found in paths.items()
            for path in found[1:]
        ]
        settings = library.settings.segments
        self.length, self.minimum = settings.length, settings.minimum
