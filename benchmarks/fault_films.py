"""Small films that a seed decides, in many containers, for benchmarks of reliability."""

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, RATE = 96, 72, 25

# Suffix, codec and pixel format of each container.
CONTAINERS = {
    "mp4": ("libx264", "yuv420p"),
    "mov": ("mpeg4", "yuv420p"),
    "mkv": ("libx264", "yuv420p"),
    "webm": ("libvpx", "yuv420p"),
    "avi": ("mpeg4", "yuv420p"),
    "ts": ("mpeg2video", "yuv420p"),
    "flv": ("flv", "yuv420p"),
    "mpg": ("mpeg1video", "yuv420p"),
    "gif": ("gif", "rgb8"),
    "nut": ("ffv1", "yuv420p"),
    "mxf": ("mpeg2video", "yuv420p"),
    "asf": ("msmpeg4v2", "yuv420p"),
}


def make_film(path: Path, seed: int, shots: int = 2, frames: int = 60) -> Path:
    """Write a film of shots that pan over still noise; its suffix names the container.

    Args:
        path: of the film.
        seed: of the pictures; the same one gives the same film.
        shots: with hard cuts between them.
        frames: of each shot.
    """
    codec, pixels = CONTAINERS[path.suffix[1:]]
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"preset": "ultrafast", "g": "24"} if codec == "libx264" else {}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
        stream.codec_context.thread_count = 1
        for shot in range(shots):
            still = _still(np.random.default_rng([seed, shot]))
            for step in range(frames):
                picture = np.roll(still, step // 3, axis=1)
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                for packet in stream.encode(frame.reformat(format=pixels)):
                    container.mux(packet)
        container.mux(stream.encode(None))
    return path


def _still(rng: np.random.Generator) -> NDArray[np.uint8]:
    """A picture (72, 96, 3) of coloured squares of 8 pixels."""
    squares = rng.integers(20, 236, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    return squares.repeat(8, 0).repeat(8, 1)
