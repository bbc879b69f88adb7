"""Thumbnails of chosen frames as data URIs."""

from collections.abc import Callable, Collection
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray

from eruv.media.orientation import Orientation, orientation_of_frame
from eruv.media.scaling import plane_of
from eruv.media.video import VideoSource
from eruv.utils.html import data_uri

# JPEG quantiser: 3 to 5 KB for a picture 160 pixels wide.
QUANTISER = 5
REPORT_FRAMES = 32


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
