"""Write a short clip or a picture anew: what others made is decoded here and nowhere else."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from eruv.media.orientation import orientation_of_frame
from eruv.media.scaling import Scaler
from eruv.media.video import VideoSource
from eruv.utils.atomic import whole_file
from eruv.web.preview_file import OPENING, TIME_BASE, PreviewWriter, shown_size

MOST_PIXELS = 1 << 26  # 8192×8192
CRF = "20"

OnShare = Callable[[float], None]


class TooLong(Exception):
    """A clip that lasts longer than is allowed."""


class TooLarge(Exception):
    """Pictures with more pixels than are decoded."""


def write_clip(
    path: Path, to: Path, picture_to: str, most_s: float, on_share: OnShare
) -> dict[str, Any]:
    """Write a file anew as a clip or a picture.

    Args:
        path: the file.
        to: an MP4 file for a clip, without audio, from 0 s on.
        picture_to: a PNG file, for a picture; the first frame of a clip too.
        most_s: seconds that a clip may last.
        on_share: called with the share that is done.

    Returns:
        `kind` (clip or picture), `seconds`, `width`, `height` and `frames`.

    Raises:
        TooLong, TooLarge: for more than is allowed.
        UnreadableVideo: if it is no video and no picture.
    """
    with VideoSource(path, 0, OPENING) as source, PreviewWriter(to, None, CRF) as writer:
        stream = source.stream
        if stream.width * stream.height > MOST_PIXELS:
            raise TooLarge(
                f"Its pictures have {stream.width}×{stream.height} pixels; at most 67 million "
                f"can be decoded."
            )
        stated_s = source.stated_duration_s or 0.0
        if stated_s > most_s + 1:
            raise _too_long(stated_s, most_s)
        start_s = last_s = None
        for frame in source.frames():
            if start_s is None:
                start_s = frame.time_s
                _write_png(frame.picture, stream.sample_aspect_ratio, Path(picture_to))
            last_s = frame.time_s - start_s
            if last_s > most_s:
                raise _too_long(last_s, most_s)
            writer.write(frame.picture, last_s, source.rate, stream.sample_aspect_ratio)
            on_share(last_s / (stated_s or most_s))
        assert writer.stream is not None
        end_s = (writer.last_ticks + writer.step) * float(TIME_BASE)
        return {
            "kind": "picture" if writer.num_frames == 1 else "clip",
            "seconds": end_s,
            "width": writer.stream.width,
            "height": writer.stream.height,
            "frames": writer.num_frames,
        }


def _too_long(seconds: float, most_s: float) -> TooLong:
    return TooLong(
        f"It lasts {seconds:.0f} seconds or more; a clip to search with can last at most "
        f"{most_s:.0f}. Cut out the moment first."
    )


def _write_png(picture: av.VideoFrame, aspect: Fraction | None, to: Path) -> None:
    width, height = shown_size(picture, aspect)
    (pixels,) = Scaler(height, width, "rgb24").planes(picture, orientation_of_frame(picture))
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    encoder = av.CodecContext.create("png", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "rgb24"
    encoder.time_base = Fraction(1, 25)
    frame.pts = 0
    with whole_file(to) as partial:
        partial.write_bytes(b"".join(map(bytes, [*encoder.encode(frame), *encoder.encode(None)])))
