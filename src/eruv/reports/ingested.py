"""The files of a library, and what became of each, under short names."""

import os
from pathlib import Path

from eruv.library.catalogue import Library
from eruv.library.contents import Contents
from eruv.utils.paths import printable


class Ingested(Contents):
    """The contents of a library, in the order of the names of its files.

    Attributes:
        quarantined_files: name, reason and position of files that gave no video.
        damaged_files: name and row of videos that lost frames.
        too_short_files: names of videos without a long enough shot.
    """

    def __init__(self, library: Library) -> None:
        sources = library.sources()
        paths = [path.parent for path in sources]
        root = Path(os.path.commonpath(paths)) if paths else Path("/")

        def short(path: Path) -> str:
            return printable(path.relative_to(root))

        super().__init__(library, short, sources)
        self.aliases.sort()
        self.quarantined_files = sorted(
            (short(source.path), source.reason, source.position)
            for source in self.sources.values()
            if source.quarantined
        )
        damaged = [(self.name(row["video_id"]), row) for row in self.damaged]
        self.damaged_files = sorted(damaged, key=lambda pair: pair[0])
        self.too_short_files = sorted(self.name(row["video_id"]) for row in self.too_short)

    def name(self, video_id: str) -> str:
        """A video's name; the start of its id if no file has it any more."""
        return self.names.get(video_id, video_id[:12])
