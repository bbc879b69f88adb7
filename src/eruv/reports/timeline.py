"""The timeline of each video: a bar of its shots, with pictures of some."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

import av

from eruv.library.catalogue import Library
from eruv.media.proxy import ProxyReader
from eruv.pretext.segment_arrays import SegmentTable
from eruv.reports.clock import VideoClock
from eruv.reports.ingested import Ingested
from eruv.reports.results import Results
from eruv.utils.axes import AxisScale, time_ticks
from eruv.utils.html import data_uri
from eruv.utils.numbers import duration

MOST_VIDEOS = 24
MOST_PICTURES = 8
PICTURE_HEIGHT = 96
BAR_WIDTH = 1000
# Cuts nearer than this would overlap.
NEAREST_CUTS = 1.0

Range = tuple[int, int]


@dataclass(frozen=True)
class Picture:
    """A key frame: its shot (from 1), its data URI, and the positions of both on the bar."""

    shot: int
    uri: str
    shot_at: float
    picture_at: float


@dataclass(frozen=True)
class Row:
    """One video of the timeline.

    Attributes:
        name, length: of the video.
        shots, segments: how many.
        role: training, held out, both, or not used.
        training, held_out, cuts: SVG paths on a bar of `BAR_WIDTH` by 1.
        unused: SVG path of frames in no segment.
        ticks: share of the width in per cent, and label.
        pictures: key frames.
    """

    name: str
    length: str
    shots: int
    segments: int
    role: str
    training: str
    held_out: str
    unused: str
    cuts: str
    ticks: list[tuple[float, str]]
    pictures: list[Picture]


def timeline(library: Library, ingested: Ingested, results: Results) -> list[Row]:
    """The videos with most shots, at most `MOST_VIDEOS` of them."""
    training = ranges_of(SegmentTable.load(results.folder.training_data))
    held_out = ranges_of(SegmentTable.load(results.folder.held_out_data))
    shots = ingested.shots_of
    most = nsmallest(MOST_VIDEOS, shots, lambda one: (-shots[one], ingested.name(one), one))
    rows = library.rows_of(most)
    return [
        _row(library, rows[one], ingested.name(one), training.get(one, []), held_out.get(one, []))
        for one in most
    ]


def ranges_of(table: SegmentTable) -> dict[str, list[Range]]:
    """Frame ranges of the segments of each video, in order."""
    found: dict[str, list[Range]] = {}
    segments = table.segments
    for video, start, end in zip(segments.video, segments.start, segments.end, strict=True):
        found.setdefault(table.video_ids[video], []).append((int(start), int(end)))
    return {video_id: sorted(ranges) for video_id, ranges in found.items()}


def _row(
    library: Library,
    video: dict[str, Any],
    name: str,
    training: list[Range],
    held_out: list[Range],
) -> Row:
    clock = VideoClock(video)
    along = AxisScale(0.0, clock.total, 0.0, BAR_WIDTH)
    return Row(
        name=name,
        length=duration(clock.total),
        shots=len(clock.shots),
        segments=len(training) + len(held_out),
        role=_role(training, held_out),
        training=boxes(training, clock, along),
        held_out=boxes(held_out, clock, along),
        unused=boxes(clock.shots, clock, along),
        cuts=_cuts(clock, along),
        ticks=[
            (along(tick) / BAR_WIDTH * 100, _tick_label(tick, clock.total))
            for tick in time_ticks(clock.total)
        ],
        pictures=_pictures(library, video["video_id"], clock, along),
    )


def _role(training: list[Range], held_out: list[Range]) -> str:
    if training and held_out:
        return "both"
    if held_out:
        return "held out"
    return "training" if training else "not used"


def boxes(ranges: Sequence[Range], clock: VideoClock, along: AxisScale) -> str:
    """An SVG path with a box for each frame range; touching boxes are merged."""
    merged: list[list[float]] = []
    for start, end in ranges:
        first, last = (along(time) for time in clock.span(start, end))
        if merged and first - merged[-1][1] <= 0.1:
            merged[-1][1] = max(last, merged[-1][1])
        else:
            merged.append([first, last])
    return "".join(
        f"M{first:g} 0H{max(last, first + 0.1):g}V1H{first:g}z" for first, last in merged
    )


def _cuts(clock: VideoClock, along: AxisScale) -> str:
    drawn: list[float] = []
    for start_s, _ in clock.times[1:]:
        place = along(start_s)
        if not drawn or place - drawn[-1] >= NEAREST_CUTS:
            drawn.append(place)
    return "".join(f"M{place:g} 0V1" for place in drawn)


def _tick_label(seconds: float, total: float) -> str:
    if total < 120:
        return f"{seconds:g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def chosen_shots(shots: int) -> list[int]:
    """Numbers of the shots with pictures, evenly spread."""
    if shots <= MOST_PICTURES:
        return list(range(shots))
    return [round(i * (shots - 1) / (MOST_PICTURES - 1)) for i in range(MOST_PICTURES)]


def _pictures(
    library: Library, video_id: str, clock: VideoClock, along: AxisScale
) -> list[Picture]:
    """Key frames; none if the proxy is missing or broken, since the bar is useful without."""
    shots = chosen_shots(len(clock.shots))
    settings = library.settings.proxy
    size = (PICTURE_HEIGHT, round(PICTURE_HEIGHT * settings.width / settings.height))
    found = []
    try:
        with closing(ProxyReader(library.proxy_path(video_id), settings)) as reader:
            for place, shot in enumerate(shots):
                start, end = clock.shots[shot]
                picture = reader.read([(start + end) // 2], size)[0]
                middle = sum(along(time) for time in clock.times[shot]) / 2
                at = BAR_WIDTH * (place + 0.5) / len(shots)
                found.append(Picture(shot + 1, data_uri(picture), round(middle, 1), round(at, 1)))
    except (av.error.FFmpegError, OSError, IndexError):
        return []
    return found
