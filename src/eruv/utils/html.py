"""HTML pages that load nothing: their templates, and pictures as data URIs."""

import base64
from fractions import Fraction

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from numpy.typing import NDArray

from eruv.utils import numbers

FILTERS = (
    numbers.percent,
    numbers.count,
    numbers.compact,
    numbers.duration,
    numbers.hours,
    numbers.plural,
)
# Quantiser of the JPEG encoder from 2 (best) to 31; 3 is about "quality 80" of other encoders.
QUANTISER = 3


def page_environment(*packages: str) -> Environment:
    """The templates of packages, the first first, and the style sheet that all pages share."""
    # Escaping is always on: names of files are written by whoever made the files.
    environment = Environment(
        loader=ChoiceLoader([*map(PackageLoader, packages), PackageLoader("eruv.utils")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({one.__name__: one for one in FILTERS})
    return environment


def jpeg(picture: NDArray[np.uint8], quantiser: int = QUANTISER) -> bytes:
    """One RGB picture (H, W, 3) as a JPEG file; equal pictures give equal bytes."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    frame.pts = 0
    encoder = av.CodecContext.create("mjpeg", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = frame.width, frame.height
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {"qmin": str(quantiser), "qmax": str(quantiser)}
    full_range = frame.reformat(
        format="yuvj420p", dst_color_range=ColorRange.JPEG, dst_colorspace=Colorspace.ITU601
    )
    full_range.pts = 0
    packets = [*encoder.encode(full_range), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


def data_uri(picture: NDArray[np.uint8], quantiser: int = QUANTISER) -> str:
    """One RGB picture (H, W, 3) as the `src` of an image."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg(picture, quantiser)).decode("ascii")
