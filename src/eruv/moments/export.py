"""Moments that were found, as files that people and other programs read."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eruv.detection.export.otio_file import require_otio
from eruv.detection.export.own_files import has_mark, make_folder, refuse_foreign
from eruv.library.catalogue import Library
from eruv.moments import edl, sheet, timeline
from eruv.moments.cutting import MomentFile, cut_moments
from eruv.moments.films import films_of_moments
from eruv.moments.merging import Moment
from eruv.utils.atomic import replace_text
from eruv.utils.paths import printable
from eruv.utils.results import Result

COLUMNS = (
    "rank", "similarity", "same_footage", "path", "shot", "start_s", "end_s", "start", "end"
)  # fmt: skip
# By kind, a mark among the first bytes of a file that eruv wrote.
MARKS = {
    "csv": ",".join(COLUMNS),
    "edl": edl.MADE_BY,
    "otio": timeline.MADE_BY,
    "sheet": sheet.MADE_BY,
}


@dataclass(frozen=True)
class MomentOutputs:
    """Where moments are written to; None writes none of a kind.

    Attributes:
        csv, edl, otio, sheet: files; a sheet is an HTML page of pictures.
        split: folder for each moment as a video file.
    """

    csv: Path | None = None
    edl: Path | None = None
    otio: Path | None = None
    sheet: Path | None = None
    split: Path | None = None

    @classmethod
    def at(cls, *places: Path | str | None) -> "MomentOutputs":
        """Places in the order of the attributes, prepared; see `prepare`."""
        outputs = cls(*(None if one is None else Path(one) for one in places))
        outputs.prepare()
        return outputs

    def chosen(self) -> dict[str, Path]:
        """The files, by kind."""
        paths = {kind: getattr(self, kind) for kind in MARKS}
        return {kind: Path(path) for kind, path in paths.items() if path is not None}

    def prepare(self) -> None:
        """Make the folders, and stop at once if a file is in the way or an extra is missing.

        Raises:
            EruvError: if a folder cannot be written to, or `eruv search` did not write what would
                be replaced.
        """
        if self.otio is not None:
            require_otio()
        for kind, path in self.chosen().items():
            make_folder(path.parent)
            refuse_foreign(path, has_mark(path, MARKS[kind]), "search")


@dataclass(frozen=True)
class Exported(Result):
    """What was written: files by kind, and a file for each moment that was cut out."""

    files: dict[str, Path] = field(default_factory=dict)
    moments: list[MomentFile] = field(default_factory=list)


def export_moments(
    library: Library, moments: Sequence[Moment], outputs: MomentOutputs, title: str
) -> Exported:
    """Write moments, in their order, to all chosen places; see `MomentOutputs`.

    Raises:
        EruvError: if something is in the way, a folder cannot be written to, or an extra is
            missing.
        OSError: if a file cannot be written.
    """
    outputs.prepare()
    chosen = outputs.chosen()
    for kind, path in chosen.items():
        replace_text(path, text_of(kind, library, moments, title))
    cut = []
    if outputs.split is not None:
        cut = cut_moments(moments, films_of_moments(library, moments), Path(outputs.split))
    return Exported(chosen, cut)


def text_of(kind: str, library: Library, moments: Sequence[Moment], title: str) -> str:
    """The text of a file of one kind: csv, edl, otio or sheet.

    Raises:
        EruvError: if the extra of this kind is missing.
    """
    if kind == "csv":
        return moments_csv(moments)
    films = films_of_moments(library, moments)
    if kind == "edl":
        return edl.moments_edl(moments, films, title)
    if kind == "otio":
        return timeline.moments_otio(moments, films, title)
    return sheet.moments_sheet(library, moments, films, title)


def moments_csv(moments: Sequence[Moment]) -> str:
    """A line for each moment, under a heading; shots count from 1, ranges are half-open."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for rank, one in enumerate(moments, 1):
        times = (f"{one.start_s:.3f}", f"{one.end_s:.3f}", one.start, one.end)
        place = (printable(one.path), one.shot + 1, *times)
        writer.writerow((rank, f"{one.similarity:.4f}", int(one.same_footage), *place))
    return text.getvalue()
