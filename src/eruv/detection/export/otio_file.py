"""The shots of a video as an OpenTimelineIO timeline, for editing programs."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eruv.detection.detect import ShotList
from eruv.detection.export.layout import Item, between_shots, file_ranges, layout
from eruv.detection.export.rows import ShotRow, counting_rate, frames_at_average_rate
from eruv.detection.export.timecode import first_frame_number
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

# Stands among the first bytes of the file, since its keys are sorted.
MADE_BY = '"made_by": "eruv shots"'
DISSOLVES = ("dissolve", "soft cut", "fade through black", "fade through white")


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


def otio_text(shots: ShotList, timecode: str | None = None) -> str:
    """A timeline as .otio JSON: one video track that lays the film out as it is.

    Each shot is a clip that refers to the file. A gradual transition between two clips is one of
    the timeline, and either clip reaches to its middle: both show the same frame of the film at any
    moment of it, so that mixing them changes nothing. Elsewhere it is a gap of its length. Frames
    missing in the file are a marker on the clip that follows. Frames of a varying rate are counted
    at the average rate.

    Args:
        shots: of the film.
        timecode: of the first frame; None takes the file's own, else 00:00:00:00.

    Raises:
        EruvError: if the extra `otio` is not installed.
        ValueError: if the timecode is none, or none of this rate.
    """
    otio = require_otio()
    rate = float(counting_rate(shots))
    first_number = first_frame_number(timecode or shots.timecode, rate)
    counted = frames_at_average_rate(shots)
    in_file = 0 if shots.joined else first_number  # each of several files has a clock of its own

    def span(start: int, end: int, zero: int = 0) -> Any:
        first, last = int(counted[start]), int(counted[end])
        return otio.opentime.TimeRange(
            otio.opentime.RationalTime(in_file + first - int(counted[zero]), rate),
            otio.opentime.RationalTime(last - first, rate),
        )

    track = otio.schema.Track(name="shots", kind=otio.schema.TrackKind.Video)
    whole = {path: span(first, end, first) for path, first, end in file_ranges(shots)}
    for item, start, end in _reaching_into_transitions(layout(shots)):
        place = span(start, end, item.file_start)
        if item.transition is not None and start == end:
            one = item.transition
            offsets = [span(one.start, start).duration, span(start, one.end).duration]
            kind = "SMPTE_Dissolve" if one.kind in DISSOLVES else "Custom_Transition"
            track.append(otio.schema.Transition(item.title, kind, *offsets, {"eruv": asdict(one)}))
            continue
        if item.shot is None:
            facts = {"eruv": asdict(item.transition)} if item.transition else {}
            track.append(otio.schema.Gap(name=item.title, source_range=place, metadata=facts))
            continue
        media = otio.schema.ExternalReference(item.file.as_uri(), whole[item.file])
        clip = otio.schema.Clip(item.title, media, place, {"eruv": _facts(item.shot)})
        if item.shot.transition == "gap" and item.begins:
            here = span(item.start, item.start, item.file_start)
            clip.markers.append(otio.schema.Marker("frames are missing before", here))
        track.append(clip)
    made = {"made_by": "eruv shots", "detector": str(shots.detector)}
    timeline = otio.schema.Timeline(printable(Path(shots.path.stem)), metadata={"eruv": made})
    if first_number:
        timeline.global_start_time = otio.opentime.RationalTime(first_number, rate)
    timeline.tracks.append(track)
    text: str = otio.adapters.write_to_string(timeline, "otio_json")
    return text


def _reaching_into_transitions(items: list[Item]) -> Iterator[tuple[Item, int, int]]:
    """Each item with its frames on the track; a transition between two shots is at one point."""
    middle = {
        item.start: (item.start + item.end) // 2
        for item, is_between in between_shots(items)
        if is_between
    }
    middle_of_end = {item.end: middle[item.start] for item in items if item.start in middle}
    for item in items:
        if item.transition is not None and item.start in middle:
            yield item, middle[item.start], middle[item.start]
        elif item.shot is not None:
            start = middle_of_end.get(item.start, item.start)
            yield item, start, middle.get(item.end, item.end)
        else:
            yield item, item.start, item.end


def _facts(row: ShotRow) -> dict[str, Any]:
    return {
        "start": row.start,
        "end": row.end,
        "start_s": row.start_s,
        "end_s": row.end_s,
        "transition": row.transition,
        "transition_frames": row.transition_frames,
        "score": row.score,
        "confidence": row.confidence,
    }
