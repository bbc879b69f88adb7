"""Turn pictures upright by the display matrix of their container."""

import struct
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from av.sidedata.sidedata import Type
from numpy.typing import NDArray


@dataclass(frozen=True)
class Orientation:
    """One of the eight orientations of a picture: transpose first, then flip."""

    transpose: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    def apply(self, plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The upright plane of a stored plane (H, W)."""
        if self.transpose:
            plane = plane.swapaxes(0, 1)
        rows = slice(None, None, -1 if self.flip_rows else 1)
        columns = slice(None, None, -1 if self.flip_columns else 1)
        return plane[rows, columns]

    def shown_size(self, width: int, height: int) -> tuple[int, int]:
        """Upright width and height of a picture stored with these."""
        return (height, width) if self.transpose else (width, height)


UPRIGHT = Orientation()
# Counter-clockwise, without mirroring.
QUARTER_TURNS = (
    UPRIGHT,
    Orientation(transpose=True, flip_rows=True),
    Orientation(flip_rows=True, flip_columns=True),
    Orientation(transpose=True, flip_columns=True),
)


def orientation_of_matrix(matrix: bytes) -> Orientation:
    """Read a display matrix: 3×3 little-endian 32-bit numbers, 16.16 fixed point.

    A stored point (x, y) is shown at (a·x + c·y, b·x + d·y), so b and c swap the axes and a
    negative sign flips an axis (ISO/IEC 14496-12, 8.3.2). Angles that are no multiple of 90
    degrees give the nearest orientation.
    """
    a, b, _, c, d = struct.unpack("<9i", matrix[:36])[:5]
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Orientation(transpose=True, flip_rows=b < 0, flip_columns=c < 0)
    return Orientation(flip_rows=d < 0, flip_columns=a < 0)


def display_matrix(frame: av.VideoFrame) -> bytes | None:
    """The display matrix in the side data of a decoded frame; None if it has none."""
    # The type stubs take the container's keys for names; they are the data themselves.
    data: Any
    try:
        all_data = list(frame.side_data.keys())
    except ValueError:
        return None  # PyAV fails on a kind of side data that it does not know (EXIF in JPEG)
    for data in all_data:
        if data.type == Type.DISPLAYMATRIX:
            return bytes(data)[:36]
    return None


def orientation_of_frame(frame: av.VideoFrame) -> Orientation:
    """The orientation in the side data of a decoded frame; upright without any."""
    matrix = display_matrix(frame)
    if matrix is None:
        return QUARTER_TURNS[round(frame.rotation / 90) % 4]
    return orientation_of_matrix(matrix)
