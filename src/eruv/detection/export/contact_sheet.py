"""The contact sheet: an HTML page with pictures of all shots and the score curve."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, VideoReformatter
from jinja2 import Environment
from numpy.typing import NDArray

from eruv.detection.detect import ShotList
from eruv.detection.export.rows import ShotRow, shot_rows
from eruv.detection.export.score_curve import HEIGHT, WIDTH, score_curve
from eruv.detection.export.timecode import written_time
from eruv.media.orientation import Orientation, orientation_of_frame
from eruv.media.scaling import plane_of
from eruv.media.video import VideoSource
from eruv.utils.html import data_uri, page_environment
from eruv.utils.paths import printable

MADE_BY = '<meta name="generator" content="eruv shots">'
# A browser opens a page with 1500 pictures of 4 KB at once.
MOST_PICTURES = 1500
SIDE, SMALL_SIDE = 160, 96
# JPEG quantiser: 3 to 5 KB for a picture 160 pixels wide.
QUANTISER = 5
REPORT_FRAMES = 32
KINDS = ("cut", "gradual", "gap")


@dataclass(frozen=True)
class Card:
    """One shot on the page: its row, and frame numbers with their pictures."""

    row: ShotRow
    pictures: list[tuple[int, str]]


def contact_sheet(
    shots: ShotList,
    *,
    threads: int = 0,
    on_frames: Callable[[int], None] = lambda count: None,
) -> str:
    """The page: first, middle and last frame of each shot, scores, threshold and transitions.

    Above 500 shots only the middle frame is shown, above 1500 smaller too.

    Raises:
        UnreadableVideo: if the video can no longer be read.
    """
    rows = shot_rows(shots)
    shown = {row.shot: shown_frames(row, len(rows)) for row in rows}
    side = SIDE if len(rows) <= MOST_PICTURES else SMALL_SIDE
    needed = {frame for frames in shown.values() for frame in frames}
    pictures = thumbnails(shots.path, needed, side, threads=threads, on_frames=on_frames)
    on_frames(shots.num_frames)
    cards = [
        Card(row, [(frame, pictures[frame]) for frame in shown[row.shot] if frame in pictures])
        for row in rows
    ]
    return (
        _environment()
        .get_template("contact_sheet.html.j2")
        .render(
            made_by=MADE_BY,
            name=printable(Path(shots.path.name)),
            shots=shots,
            cards=cards,
            kinds={kind: sum(one.kind == kind for one in shots.transitions) for kind in KINDS},
            curve=score_curve(shots),
            width=WIDTH,
            height=HEIGHT,
        )
    )


def shown_frames(row: ShotRow, num_shots: int) -> list[int]:
    """First, middle and last frame, each once; the middle one alone if there are many shots."""
    middle = (row.start + row.end - 1) // 2
    if 3 * num_shots > MOST_PICTURES:
        return [middle]
    return sorted({row.start, middle, row.end - 1})


def _environment() -> Environment:
    environment = page_environment("eruv.detection.export")
    environment.filters["written_time"] = written_time
    return environment


def thumbnails(
    path: Path,
    frames: Collection[int],
    side: int,
    *,
    threads: int = 0,
    on_frames: Callable[[int], None] = lambda count: None,
) -> dict[int, str]:
    """Data URIs of frames, upright and with square pixels, by their numbers.

    Args:
        path: of the video.
        frames: numbers in order of display; those that the video lacks are omitted.
        side: longest side of a picture in pixels.
        threads: decoding threads; 0 takes one a core.
        on_frames: called now and then with the number of frames done.

    Raises:
        UnreadableVideo: if the video can no longer be read.
    """
    chosen = set(frames)
    last = max(chosen, default=-1)
    pictures: dict[int, str] = {}
    reformatter = VideoReformatter()
    with VideoSource(path, threads) as source:
        aspect = source.stream.sample_aspect_ratio or Fraction(1)
        for number, frame in enumerate(source.frames()):
            if number in chosen:
                orientation = orientation_of_frame(frame.picture)
                picture = _upright(reformatter, frame.picture, orientation, aspect, side)
                pictures[number] = data_uri(picture, QUANTISER)
            if number % REPORT_FRAMES == 0:
                on_frames(number + 1)
            if number >= last:
                break
    return pictures


def thumbnail_size(width: int, height: int, aspect: Fraction, side: int) -> tuple[int, int]:
    """Even width and height of a picture that fits into a square of `side`."""
    shown = width * float(aspect if aspect > 0 else 1)
    factor = side / max(shown, height)
    return max(2, 2 * round(shown * factor / 2)), max(2, 2 * round(height * factor / 2))


def _upright(
    reformatter: VideoReformatter,
    frame: av.VideoFrame,
    orientation: Orientation,
    aspect: Fraction,
    side: int,
) -> NDArray[np.uint8]:
    width, height = thumbnail_size(frame.width, frame.height, aspect, side)
    scaled = reformatter.reformat(
        frame, width=width, height=height, format="rgb24", dst_color_range=ColorRange.JPEG
    )
    return orientation.apply(plane_of(scaled, 0))
