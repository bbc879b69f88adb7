"""Fixtures of the tests of media: small files of every kind whose frames tell their number.

- `write_video(path, count, codec=, pixels=, pts=, ...)` writes frames of one flat level each.
- `read_numbers(path, threads)` is the number of every frame, and the frames themselves.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from eruv.media.orientation import UPRIGHT
from eruv.media.scaling import Scaler
from eruv.media.video import SourceFrame, VideoSource

BLACK, STEP = 20, 5  # luma of frame 0, and from one frame to the next
X264 = {"preset": "ultrafast", "crf": "10", "g": "12", "bf": "2"}


def _write_video(
    path: Path,
    count: int,
    *,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    size: tuple[int, int] = (64, 48),
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    pts: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, 25),
    rate: int = 25,
    set_up: Callable[[av.VideoStream], None] = lambda stream: None,
) -> Path:
    """Write up to 43 frames; `set_up` may change the stream before it is opened."""
    if options is None:
        options = X264 if codec == "libx264" else {}
    options = {"b": "4M"} | options if codec.startswith("mpeg") else options
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = time_base
        set_up(stream)
        for number in range(count):
            frame = _flat_frame(number, size, pixels)
            frame.pts = number if pts is None else pts[number]
            frame.time_base = time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _flat_frame(number: int, size: tuple[int, int], pixels: str) -> av.VideoFrame:
    grey = round((BLACK + STEP * number - 16) * 255 / 219)
    picture = np.full((size[1], size[0], 3), grey, np.uint8)
    return av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pixels)


def _read_numbers(path: Path, threads: int = 1) -> tuple[list[int], list[SourceFrame]]:
    scaler = Scaler(32, 32, "yuv420p")
    with VideoSource(path, threads) as source:
        frames = list(source.frames())
    levels = [scaler.planes(frame.picture, UPRIGHT)[0].mean() for frame in frames]
    return [round((level - BLACK) / STEP) for level in levels], frames


@pytest.fixture(scope="session")
def write_video() -> Callable[..., Path]:
    """The function that writes a video, see `_write_video`."""
    return _write_video


@pytest.fixture(scope="session")
def read_numbers() -> Callable[..., tuple[list[int], list[SourceFrame]]]:
    """The function that reads all frames and their numbers."""
    return _read_numbers
