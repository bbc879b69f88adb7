"""Where the results of `eruv shots` go."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.detection.export import contact_sheet, edl_file, otio_file, rows
from eruv.detection.export.own_files import (
    has_mark,
    make_folder,
    refuse_foreign,
    refuse_foreign_shots,
)
from eruv.detection.export.split import PASSES
from eruv.utils.errors import EruvError

MARKS = {
    "csv": ",".join(rows.COLUMNS),
    "edl": edl_file.MADE_BY,
    "otio": otio_file.MADE_BY,
    "html": contact_sheet.MADE_BY,
}


@dataclass(frozen=True)
class Outputs:
    """Which files to write, and where.

    Attributes:
        kinds: of "csv", "edl", "otio" and "html".
        to: folder for these.
        split: folder for the shots as files; None writes none.
    """

    kinds: tuple[str, ...]
    to: Path
    split: Path | None

    @property
    def passes(self) -> int:
        """How often each video is decoded."""
        return 1 + ("html" in self.kinds) + PASSES * (self.split is not None)

    def path(self, stem: str, kind: str) -> Path:
        return self.to / f"{stem}.shots.{kind}"

    def prepare(self, videos: Sequence[Path], stems: dict[Path, str]) -> None:
        """Make the folders, and stop at once if a file in them is in the way.

        Raises:
            EruvError: if a folder cannot be written to, or a file would be replaced that
                `eruv shots` did not write, or that is among the videos.
        """
        if self.kinds:
            make_folder(self.to)
        if self.split is not None:
            make_folder(self.split)
        for stem in stems.values():
            for kind in self.kinds:
                path = self.path(stem, kind)
                refuse_foreign(path, has_mark(path, MARKS[kind]))
            if self.split is not None:
                refuse_foreign_shots(self.split, stem, videos)


def stems(videos: Sequence[Path]) -> dict[Path, str]:
    """A different name without suffix for the results of each video.

    The file's own if no other video has it; else its path below the common folder, with dashes,
    and with the suffix if two still have one name.

    Raises:
        EruvError: if two still have one name.
    """
    found = {path: path.stem for path in videos}
    if _repeated(found):
        common = Path(os.path.commonpath([path.parent for path in videos]))
        for path in _repeated(found):
            found[path] = "-".join(path.relative_to(common).with_suffix("").parts)
        for path in _repeated(found):
            found[path] = "-".join(path.relative_to(common).parts)
        if _repeated(found):
            names = ", ".join(str(path) for path in _repeated(found)[:2])
            raise EruvError(f"the results of {names} would have one name. Name them in two calls.")
    return found


def _repeated(names: dict[Path, str]) -> list[Path]:
    counts = Counter(names.values())
    return [path for path, name in names.items() if counts[name] > 1]
