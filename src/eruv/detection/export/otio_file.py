"""The shots of a video as an OpenTimelineIO timeline, for editing programs."""

from pathlib import Path
from typing import Any

from eruv.detection.detect import ShotList
from eruv.detection.export.rows import ShotRow, frames_at_average_rate, shot_rows
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

# Stands among the first bytes of the file, since its keys are sorted.
MADE_BY = '"made_by": "eruv shots"'


def require_otio() -> Any:
    """The module `opentimelineio`.

    Raises:
        EruvError: if the extra `otio` is not installed.
    """
    try:
        import opentimelineio
    except ImportError as error:
        raise EruvError(
            "otio needs OpenTimelineIO, which is not installed: pip install 'eruv[otio]'"
        ) from error
    return opentimelineio


def otio_text(shots: ShotList) -> str:
    """A timeline as .otio JSON: one video track that lays the film out as it is.

    Each shot is a clip that refers to the file; a gradual transition is a gap of its length, and
    frames missing in the file are a marker on the clip that follows. The first frame of the film
    is frame 0; frames of a varying rate are counted at the average rate.

    Raises:
        EruvError: if the extra `otio` is not installed.
    """
    otio = require_otio()
    counted, rate = frames_at_average_rate(shots), shots.frames_per_second

    def span(start: int, end: int) -> Any:
        first, last = int(counted[start]), int(counted[end])
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(first, rate),
            otio.opentime.RationalTime(last - first, rate),
        )

    def gap(start: int, end: int) -> Any:
        return otio.schema.Gap(name="gradual transition", source_range=span(start, end))

    track = otio.schema.Track(name="shots", kind=otio.schema.TrackKind.Video)
    reached = 0
    for row in shot_rows(shots):
        if row.start > reached:
            track.append(gap(reached, row.start))
        media = otio.schema.ExternalReference(shots.path.as_uri(), span(0, shots.num_frames))
        clip = otio.schema.Clip(
            f"shot {row.shot}", media, span(row.start, row.end), {"eruv": _facts(row)}
        )
        if row.transition == "gap":
            clip.markers.append(
                otio.schema.Marker("frames are missing before", span(row.start, row.start))
            )
        track.append(clip)
        reached = row.end
    if reached < shots.num_frames:
        track.append(gap(reached, shots.num_frames))
    facts = {"made_by": "eruv shots", "detector": str(shots.detector)}
    timeline = otio.schema.Timeline(printable(Path(shots.path.stem)), metadata={"eruv": facts})
    timeline.tracks.append(track)
    text: str = otio.adapters.write_to_string(timeline, "otio_json")
    return text


def _facts(row: ShotRow) -> dict[str, Any]:
    return {
        "start_s": row.start_s,
        "end_s": row.end_s,
        "transition": row.transition,
        "transition_frames": row.transition_frames,
        "score": row.score,
    }
