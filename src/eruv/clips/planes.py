"""Clips that leave the reading process as planes, and become RGB on the device that trains."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eruv.clips.reader import ClipReader, move_tiles
from eruv.clips.spec import IN_PLACE, ClipSize, ClipSpec
from eruv.media.proxy import ProxySettings

CPU = torch.device("cpu")
# BT.601 in limited range to RGB in full range, in 1/8192. Coefficients and the order of shifts are
# those of FFmpeg's converter, so that every pixel is equal.
LUMA = 9539
RED_OF_V, GREEN_OF_U, GREEN_OF_V, BLUE_OF_U = 13075, -3209, -6660, 16525


class PlaneClips(NamedTuple):
    """Clips before their colours are converted and their squares cut out.

    Attributes:
        planes: whole frames, uint8 (..., T, 3H/2, W), see `pack_planes`.
        pixels: number of the pixel of a frame, row by row, that is shown at each place of the
            square, int32 (..., side, side).
    """

    planes: Tensor
    pixels: Tensor


# RGB, uint8 (..., T, side, side, 3), or planes that `to_rgb` turns into it.
Clips = Tensor | PlaneClips


def rgb_on(clips: Clips, device: torch.device) -> Tensor:
    """Clips in RGB on a device, uint8 (..., T, side, side, 3)."""
    if isinstance(clips, Tensor):
        return clips.to(device, non_blocking=True)
    return to_rgb(PlaneClips(*(part.to(device, non_blocking=True) for part in clips)))


def can_convert(device: torch.device, size: ClipSize, proxies: ProxySettings) -> bool:
    """Whether clips should come as planes: for a GPU, and if no picture has to be scaled."""
    same_size = (size.height, size.width) == (proxies.height, proxies.width)
    return device.type == "cuda" and same_size


def read_plane_clips(reader: ClipReader, specs: Sequence[ClipSpec]) -> PlaneClips:
    """Clips of one length, (N, T, 3H/2, W) with (N, side, side)."""
    planes = torch.from_numpy(reader.read_planes(specs))
    width, side = planes.shape[-1], reader.size.crop
    pixels = np.stack([_pixels(spec, side, width) for spec in specs])
    return PlaneClips(planes, torch.from_numpy(pixels))


def to_rgb(clips: PlaneClips) -> Tensor:
    """The clips in RGB, uint8 (..., T, side, side, 3), on the device of the planes."""
    planes, pixels = clips
    height, width = planes.shape[-2] * 2 // 3, planes.shape[-1]
    rows, columns = pixels // width, pixels % width
    of_u = (height + rows // 2) * width + columns // 2
    y, u, v = (_gathered(planes, index) for index in (pixels, of_u, of_u + width // 2))
    luma = ((y - 16) * 8 * LUMA) >> 16
    u, v = (u - 128) * 8, (v - 128) * 8
    red = luma + (v * RED_OF_V >> 16)
    green = luma + (u * GREEN_OF_U >> 16) + (v * GREEN_OF_V >> 16)
    blue = luma + (u * BLUE_OF_U >> 16)
    return torch.stack((red, green, blue), dim=-1).clamp_(0, 255).to(torch.uint8)


def _gathered(planes: Tensor, index: Tensor) -> Tensor:
    """Bytes of each frame at an index (..., side, side): int32 (..., T, side, side)."""
    frames = planes.flatten(-2)  # (..., T, 3HW/2)
    side = index.shape[-1]
    of_frames = index.long().flatten(-2).unsqueeze(-2).expand(*frames.shape[:-1], -1)
    return frames.gather(-1, of_frames).unflatten(-1, (side, side)).int()


def _pixels(spec: ClipSpec, side: int, width: int) -> NDArray[np.int32]:
    row, column = spec.offset
    return _square(spec.quarter_turns, spec.tiles, side, width) + np.int32(row * width + column)


@lru_cache(maxsize=32)  # four turns, and the few orders of tiles that a task has
def _square(turns: int, tiles: tuple[int, ...], side: int, width: int) -> NDArray[np.int32]:
    """Pixels of the square in the corner of a frame, as they are shown: (side, side)."""
    rows, columns = np.mgrid[:side, :side].astype(np.int32)
    square = np.rot90(rows * width + columns, turns).copy()
    if tiles != IN_PLACE:
        move_tiles(square[None], tiles)
    return square
