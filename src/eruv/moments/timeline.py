"""Moments of several films as an OpenTimelineIO timeline, for editing programs."""

import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import quote

from eruv.detection.export.otio_file import require_otio
from eruv.moments.films import MomentFilm
from eruv.moments.merging import Moment
from eruv.utils.paths import printable

# Stands among the first bytes of the file, since its keys are sorted.
MADE_BY = '"made_by": "eruv search"'


def moments_otio(moments: Sequence[Moment], films: Mapping[str, MomentFilm], title: str) -> str:
    """A timeline as .otio JSON: one video track that plays the moments one after another.

    Each moment is a clip that refers to its file, counted at the file's own rate.

    Raises:
        EruvError: if the extra `otio` is not installed.
    """
    otio = require_otio()

    def span(first: int, last: int, rate: Fraction) -> Any:
        ends = (otio.opentime.RationalTime(value, float(rate)) for value in (first, last - first))
        return otio.opentime.TimeRange(*ends)

    track = otio.schema.Track(name="moments", kind=otio.schema.TrackKind.Video)
    for number, moment in enumerate(moments, start=1):
        film = films[moment.video_id]
        zero = film.first_number(film.rate)
        first, last = film.counted(moment, film.rate)
        length = max(last, round((film.end_s - film.start_s) * film.rate))
        path = film.path
        # A name that is relative to wherever the timeline will lie.
        where = path.as_uri() if path.is_absolute() else quote(os.fsencode(path))
        media = otio.schema.ExternalReference(where, span(zero, zero + length, film.rate))
        facts = {
            "start_s": moment.start_s,
            "end_s": moment.end_s,
            "shot": moment.shot + 1,
            "similarity": moment.similarity,
            "same_footage": moment.same_footage,
            "video_id": moment.video_id,
        }
        name = f"{number} {printable(Path(film.path.name))}"
        place = span(zero + first, zero + last, film.rate)
        track.append(otio.schema.Clip(name, media, place, {"eruv": facts}))
    timeline = otio.schema.Timeline(title, metadata={"eruv": {"made_by": "eruv search"}})
    timeline.tracks.append(track)
    text: str = otio.adapters.write_to_string(timeline, "otio_json")
    return text
