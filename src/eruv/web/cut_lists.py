"""Pinned moments as cut lists and files; names of films are relative, as on the page."""

import os
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from eruv.library.catalogue import Library
from eruv.moments.cutting import cut_moments
from eruv.moments.edl import moments_edl
from eruv.moments.export import moments_csv
from eruv.moments.films import MomentFilm, films_of_moments
from eruv.moments.merging import Moment, moment_of_seconds
from eruv.moments.timeline import moments_otio
from eruv.utils.errors import EruvError
from eruv.web.allowed import Allowed
from eruv.web.pins import Pin
from eruv.web.shelf import ShelfNames

# Someone waits while they are encoded.
MOST_FILES, MOST_SECONDS = 100, 600.0


def pinned_moments(library: Library, names: ShelfNames, pins: Sequence[Pin]) -> list[Moment]:
    """Pins as moments with frames and shots; those of videos that are gone are left out."""
    rows = library.rows_of(sorted({pin.video_id for pin in pins}))
    return [
        moment_of_seconds(rows[pin.video_id], names.names[pin.video_id], pin.start_s, pin.end_s)
        for pin in pins
        if pin.video_id in rows and pin.video_id in names.names
    ]


def cut_list(
    kind: str,
    library: Library,
    names: ShelfNames,
    allowed: Allowed,
    moments: Sequence[Moment],
    title: str,
) -> str:
    """The text of a csv, edl or otio file; films that may not be read have no timecode in it.

    Raises:
        EruvError: if the extra `otio` is missing.
    """
    if kind == "csv":
        return moments_csv(moments)
    films = {
        video_id: replace(film, path=Path(names.names[video_id]))
        for video_id, film in _films(library, allowed, moments).items()
    }
    return (moments_edl if kind == "edl" else moments_otio)(moments, films, title)


def zipped(
    library: Library, allowed: Allowed, moments: Sequence[Moment]
) -> tuple["TemporaryDirectory[str]", Path]:
    """A zip archive of a file for each moment, and the temporary folder that it lies in.

    Raises:
        EruvError: for no or too many moments, or where none can be cut out.
    """
    seconds = sum(one.end_s - one.start_s for one in moments)
    if not moments or len(moments) > MOST_FILES or seconds > MOST_SECONDS:
        raise EruvError(
            f"files can be cut from up to {MOST_FILES} moments of {MOST_SECONDS / 60:g} minutes in "
            f"all; there are {len(moments)} of {seconds / 60:.1f} minutes. Remove some, or "
            f"download the EDL."
        )
    there = [one for one in moments if allowed.local_source(one.video_id) is not None]
    if not there:
        raise EruvError(
            "the films of these moments were deleted or replaced, or are on object storage, from "
            "which no files are cut. Download the EDL, or ingest them again from a disk."
        )
    folder = TemporaryDirectory(prefix="eruv-pins-")
    try:
        home = Path(folder.name)
        written = cut_moments(there, _films(library, allowed, there), home / "moments")
        path = home / "pins.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for one in written:
                if one.path is not None:
                    archive.write(one.path, one.path.name)
        if not any(one.path for one in written):
            raise EruvError(f"no moment could be cut out: {written[0].why}")
    except BaseException:
        folder.cleanup()
        raise
    return folder, path


def _films(library: Library, allowed: Allowed, moments: Sequence[Moment]) -> dict[str, MomentFilm]:
    """The films of moments, with their files, or nothing to read where none is allowed."""
    there = [
        replace(one, path=str(allowed.local_source(one.video_id) or os.devnull)) for one in moments
    ]
    return films_of_moments(library, there)
