"""Where the results of `eruv shots` go."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.detection.export import (
    chapter_files,
    contact_sheet,
    edl_file,
    fcpxml_file,
    otio_file,
    qp_file,
    rows,
    score_table,
)
from eruv.detection.export.own_files import (
    PICTURE_SUFFIXES,
    has_mark,
    make_folder,
    refuse_foreign,
    refuse_foreign_shots,
)
from eruv.detection.export.split import PASSES
from eruv.detection.export.timecode import TIMECODE
from eruv.utils.errors import EruvError
from eruv.utils.paths import shortened
from eruv.utils.storage.remote_path import absolute

# The names of all results begin with it, and have at most 255 bytes.
LONGEST_STEM = 230
# By kind, what stands among the first bytes of a file that `eruv shots` wrote.
MARKS = {
    "csv": rows.MADE_BY,
    "edl": edl_file.MADE_BY,
    "otio": otio_file.MADE_BY,
    "fcpxml": fcpxml_file.MADE_BY,
    "vtt": chapter_files.VTT_MADE_BY,
    "ffmetadata": chapter_files.FFMETADATA_MADE_BY,
    "qp": qp_file.ENDING,
    "html": contact_sheet.MADE_BY,
}


@dataclass(frozen=True)
class Outputs:
    """Which files to write, and where.

    Attributes:
        kinds: of `MARKS`.
        to: folder for these.
        scores: table of all frames' scores; None writes none.
        pictures: folder for a picture of each shot; None writes none.
        split: folder for the shots as files; None writes none.
        timecode: of the first frame of every video; None takes each file's own.
        copy: whether these begin at key frames, as copies.
    """

    kinds: tuple[str, ...]
    to: Path
    scores: Path | None
    pictures: Path | None
    split: Path | None
    timecode: str | None = None
    copy: bool = False

    def __post_init__(self) -> None:
        if self.copy and self.split is None:
            raise EruvError("copy takes a folder for the shots: pass one as `split`")
        if self.timecode is not None and not TIMECODE.fullmatch(self.timecode):
            raise EruvError(f"timecode must be HH:MM:SS:FF, as 01:00:00:00; got {self.timecode!r}")

    @property
    def passes(self) -> int:
        """How often each video is decoded."""
        passes = 1 + ("html" in self.kinds) + (self.pictures is not None)
        return passes + PASSES * (self.split is not None)

    def path(self, stem: str, kind: str) -> Path:
        return self.to / f"{stem}.shots.{kind}"

    def prepare(self, videos: Sequence[Path], stems: dict[Path, str]) -> None:
        """Make the folders, and stop at once if a file in them is in the way.

        Raises:
            EruvError: if a folder cannot be written to, or a file would be replaced that
                `eruv shots` did not write, or that is among the videos.
        """
        if self.scores is not None:
            self._prepare_scores(self.scores)
        if self.kinds:
            make_folder(self.to)
        for folder in (self.pictures, self.split):
            if folder is not None:
                make_folder(folder)
        for stem in stems.values():
            for kind in self.kinds:
                path = self.path(stem, kind)
                refuse_foreign(path, has_mark(path, MARKS[kind]))
            if self.pictures is not None:
                refuse_foreign_shots(self.pictures, stem, videos, PICTURE_SUFFIXES)
            if self.split is not None:
                refuse_foreign_shots(self.split, stem, videos)

    def _prepare_scores(self, path: Path) -> None:
        if path.suffix.lower() not in score_table.SUFFIXES:
            raise EruvError(
                f"scores must be a file with one of the suffixes "
                f"{', '.join(score_table.SUFFIXES)}; got {path}"
            )
        make_folder(path.parent)
        refuse_foreign(path, score_table.is_own_table(path))


def films_of(
    paths: Sequence[Path], named: Sequence[Path], joined: bool
) -> tuple[list[tuple[Path, ...]], dict[Path, str]]:
    """The files of each film, and the name of its results by its first file.

    Args:
        paths: of all videos.
        named: files and folders that they were found by.
        joined: whether they are one film, in the order of `named`.
    """
    if not joined or len(paths) == 1:
        return [(path,) for path in paths], stems(paths)
    places = [absolute(one) for one in named]

    def place(path: Path) -> int:
        return next(at for at, one in enumerate(places) if path.is_relative_to(one))

    film = tuple(sorted(paths, key=lambda path: (place(path), path)))
    return [film], {film[0]: shortened(f"{film[0].stem}-joined", LONGEST_STEM)}


def stems(videos: Sequence[Path]) -> dict[Path, str]:
    """A different name without suffix for the results of each video.

    The file's own if no other video has it; else its path below the common folder, with dashes,
    and with the suffix if two still have one name. A long name is cut, with a digest at its end.

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
            raise EruvError(f"the results of {names} would have one name. Write them in two calls.")
    return {path: shortened(name, LONGEST_STEM) for path, name in found.items()}


def _repeated(names: dict[Path, str]) -> list[Path]:
    counts = Counter(names.values())
    return [path for path, name in names.items() if counts[name] > 1]
