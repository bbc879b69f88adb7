"""Scale frames of any size, format and orientation to one size."""

import av
import numpy as np
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

from eruv.media.orientation import Orientation

Plane = NDArray[np.uint8]


def padded_rows(plane: VideoPlane) -> Plane:
    """A view of a plane with the padding at the end of its rows: (H, bytes of a row)."""
    return np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)


def plane_of(frame: av.VideoFrame, index: int) -> Plane:
    """A view of one 8-bit plane without the padding of its rows: (H, W), for rgb24 (H, W, 3)."""
    plane = frame.planes[index]
    rows = padded_rows(plane)
    if frame.format.name == "rgb24":
        return rows[: plane.height, : 3 * plane.width].reshape(plane.height, plane.width, 3)
    return rows[: plane.height, : plane.width]


class Scaler:
    """Scales frames to one upright size; one reformatter for all is several times faster.

    Args:
        height: upright rows.
        width: upright columns.
        format: "gray" for luma alone, "yuv420p", or "rgb24" with one plane (H, W, 3).
    """

    def __init__(self, height: int, width: int, format: str) -> None:
        self.height, self.width, self.format = height, width, format
        self.reformatter = VideoReformatter()

    def planes(self, frame: av.VideoFrame, orientation: Orientation) -> list[Plane]:
        """Upright planes: (H, W), and for yuv420p two of (ceil(H/2), ceil(W/2)).

        Colours are converted to BT.601, whatever the file has.
        yuv420p has limited range (black 16, white 235), gray and rgb24 full range (0 to 255).
        Alpha is dropped: the colours under it are used. Pixels that are not square, and fields,
        are scaled like all others.
        """
        turned = orientation.transpose
        scaled = self.reformatter.reformat(
            frame,
            width=self.height if turned else self.width,
            height=self.width if turned else self.height,
            format=self.format,
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.MPEG,
            threads=1,  # the pictures are too small for more to pay
        )
        return [orientation.apply(plane_of(scaled, index)) for index in range(len(scaled.planes))]
