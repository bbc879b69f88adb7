"""Frames as pictures inside a page.

Comes in: RGB arrays. Goes out: data URIs, so that the page needs no other file.
"""

import base64
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray


def jpeg_uri(picture: NDArray[np.uint8]) -> str:
    """A picture (H, W, 3) as a JPEG data URI."""
    height, width = (side - side % 2 for side in picture.shape[:2])
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Fraction(1)
    encoder.qmin = encoder.qmax = 4
    rgb = np.ascontiguousarray(picture[:height, :width])
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuvj420p")
    frame.pts = 0
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return "data:image/jpeg;base64," + base64.b64encode(b"".join(map(bytes, packets))).decode()


def strip(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Frames (T, H, W, 3) side by side, as a picture (H, T·(W + 2) − 2, 3) with white gaps."""
    gap = np.full((frames.shape[1], 2, 3), 255, np.uint8)
    parts = [part for frame in frames for part in (frame, gap)]
    return np.concatenate(parts[:-1], axis=1)
