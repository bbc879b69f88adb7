"""What a library holds: its videos with the names of their files, totals, and copies."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from eruv.library.catalogue import Library
from eruv.library.rows import Source, paths_by_video
from eruv.utils.paths import printable

ROWS = 100_000  # at once
DAMAGE = ("failed_packets", "packets", "lost_s", "first_failure")
COLUMNS = ("video_id", "num_frames", "num_segments", "start_s", "end_s", "shots", *DAMAGE)


class Contents:
    """The contents of a library.

    Args:
        library: to read.
        name: of a file, as text.
        sources: of the library, where they have been read already.

    Attributes:
        shots_of: number of shots of each video, by its id.
        sources: the files that were read.
        names: of each video's first file, by the video's id.
        shots, segments, frames, seconds: totals.
        damaged: rows of videos that lost frames, without their shots.
        too_short: such rows of videos without a long enough shot.
        aliases: pairs of a file and the earlier file of the same bytes.
        length, minimum: frames of a segment and of the shortest one.
    """

    def __init__(
        self,
        library: Library,
        name: Callable[[Path], str] = printable,
        sources: dict[Path, Source] | None = None,
    ) -> None:
        self.sources = library.sources() if sources is None else sources
        paths = paths_by_video(self.sources.values())
        self.names = {video_id: name(found[0]) for video_id, found in paths.items()}
        self.shots_of: dict[str, int] = {}
        self.segments, self.frames, self.seconds = 0, 0, 0.0
        self.damaged: list[dict[str, Any]] = []
        self.too_short: list[dict[str, Any]] = []
        for part in library.batches("videos", COLUMNS, ROWS):
            self._count(part)
        self.shots = sum(self.shots_of.values())
        self.aliases = [
            (name(path), self.names[video_id])
            for video_id, found in paths.items()
            for path in found[1:]
        ]
        settings = library.settings.segments
        self.length, self.minimum = settings.length, settings.minimum

    def _count(self, videos: pa.Table) -> None:
        shots = pc.list_value_length(videos["shots"])
        self.shots_of |= zip(videos["video_id"].to_pylist(), shots.to_pylist(), strict=True)
        self.segments += pc.sum(videos["num_segments"]).as_py() or 0
        self.frames += pc.sum(videos["num_frames"]).as_py() or 0
        lengths = pc.subtract(videos["end_s"], videos["start_s"])
        self.seconds = math.fsum([self.seconds, *lengths.to_pylist()])
        plain = videos.drop_columns(["shots"])
        self.damaged += plain.filter(pc.greater(videos["failed_packets"], 0)).to_pylist()
        self.too_short += plain.filter(pc.equal(videos["num_segments"], 0)).to_pylist()
