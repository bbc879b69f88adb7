"""The frame of a video that is shown at a second, found from the key frame before it."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from eruv.media.damage import UnreadableVideo
from eruv.media.orientation import orientation_of_frame
from eruv.media.scaling import Scaler
from eruv.media.video import SourceFrame, VideoSource
from eruv.utils.html import jpeg
from eruv.web.preview_file import OPENING, upright_size

# Addresses have milliseconds, so a moment may be said to begin a little before its frame does.
ROUNDED_S = 0.0006
# A key frame may be shown later than it is decoded, and transport streams are searched by guesses.
BACK_S = (0.0, 1.0, 5.0, 30.0)
# Without jumps both clocks end together; an audio stream that is longer may count.
SAME_END_S = 1.0
JUMPING = frozenset(("mpegts", "mpeg", "flv"))


def frame_at(path: Path, seconds: float, end_s: float | None = None) -> tuple[SourceFrame, Any]:
    """The last frame that begins at or before a second; the first one before all.

    Args:
        path: the video.
        seconds: on its clock, as the catalogue has it.
        end_s: when its last frame ends, by the catalogue: where a container whose clock may jump
            says otherwise, it is read from its start.

    Returns:
        The frame, and the width of a pixel by its height.

    Raises:
        UnreadableVideo: if no frame can be decoded.
    """
    until = seconds + ROUNDED_S
    for back_s in (*BACK_S, None):
        with VideoSource(path, 0, OPENING) as source:
            aspect = source.stream.sample_aspect_ratio
            if back_s is not None and not _sought(source, until - back_s, end_s):
                continue
            found = None
            for frame in source.frames():
                if frame.time_s > until and (found is not None or back_s is not None):
                    break
                found = frame
                if frame.time_s > until:
                    break
            if found is not None:
                return found, aspect
    raise UnreadableVideo("no frame could be decoded", "the start")


def _sought(source: VideoSource, seconds: float, end_s: float | None) -> bool:
    """Go to the key frame before a second; whether that could be done."""
    base = source.stream.time_base
    if not base:
        return False
    if end_s is not None and JUMPING.intersection(source.container.format.name.split(",")):
        stated_s = source.stated_end_s
        if stated_s is None or abs(stated_s - end_s) > SAME_END_S:
            return False
    try:
        source.container.seek(int(seconds / base), stream=source.stream)
    except av.error.FFmpegError:
        return False
    return True


def still_of(
    path: Path,
    seconds: float,
    height: int,
    on_share: Callable[[float], None],
    end_s: float | None = None,
) -> dict[str, Any]:
    """The frame at a second as JPEG: upright, with square pixels, at most `height` rows.

    Returns:
        `jpeg`, in base 64, and `time_s` of the frame.
    """
    frame, aspect = frame_at(path, seconds, end_s)
    width, rows = upright_size(frame.picture, aspect)
    scale = min(1.0, height / rows, 4 * height / width)
    width, rows = max(1, round(width * scale)), max(1, round(rows * scale))
    scaler = Scaler(rows, width, "rgb24")
    (pixels,) = scaler.planes(frame.picture, orientation_of_frame(frame.picture))
    picture = jpeg(np.ascontiguousarray(pixels))
    return {"jpeg": base64.b64encode(picture).decode("ascii"), "time_s": frame.time_s}
