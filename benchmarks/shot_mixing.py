"""What happens to pictures: mixing of two, wipes, light, crops."""

from collections.abc import Callable
from functools import lru_cache

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
WipeKind = str
BLACK, WHITE, GREY = 16, 235, 128
WIPES: tuple[WipeKind, ...] = ("left", "right", "up", "down", "diagonal", "iris", "blinds", "clock")


def height_of(picture: Picture) -> int:
    """Rows of the luma plane."""
    return len(picture) * 2 // 3


def flat(like: Picture, luma: int) -> Picture:
    """A grey picture of the same size."""
    picture = np.full_like(like, GREY)
    picture[: height_of(like)] = luma
    return picture


def dissolve(old: Picture, new: Picture, share: float) -> Picture:
    """The sum of both; `share` is that of the new one, in (0, 1)."""
    weight = np.uint16(round(share * 256))
    total = old * (np.uint16(256) - weight)
    total += new * weight
    total += np.uint16(128)
    total >>= np.uint16(8)
    return total.astype(np.uint8)


@lru_cache(maxsize=32)
def _order(kind: WipeKind, height: int, width: int) -> NDArray[np.float32]:
    """When a pixel of a plane turns new, in [0, 1)."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    y, x = (y + 0.5) / height, (x + 0.5) / width
    orders: dict[WipeKind, Callable[[], NDArray[np.float32]]] = {
        "left": lambda: 1 - x,
        "right": lambda: x,
        "up": lambda: 1 - y,
        "down": lambda: y,
        "diagonal": lambda: (x + y) / 2,
        "iris": lambda: np.hypot(x - 0.5, y - 0.5) * np.sqrt(2, dtype=np.float32),
        "blinds": lambda: np.mod(y * 6, 1),
        "clock": lambda: (np.arctan2(x - 0.5, y - 0.5) / (2 * np.pi) + 0.5).astype(np.float32),
    }
    return orders[kind]().astype(np.float32)


def wipe(old: Picture, new: Picture, share: float, kind: WipeKind) -> Picture:
    """The new picture has come over a part of the old one.

    Raises:
        KeyError: if the kind is not one of `WIPES`.
    """
    rows, (_, width) = height_of(old), old.shape
    mixed = old.copy()
    luma = _order(kind, rows, width) < share
    mixed[:rows][luma] = new[:rows][luma]
    chroma = np.tile(_order(kind, rows // 2, width // 2) < share, (2, 1)).reshape(-1, width)
    mixed[rows:][chroma] = new[rows:][chroma]
    return mixed


def combed(old: Picture, new: Picture, share: float) -> Picture:
    """Every second row of luma is the new picture's, and its chroma is the sum of both."""
    mixed = dissolve(old, new, 0.5)
    rows = height_of(old)
    mixed[0:rows:2], mixed[1:rows:2] = old[0:rows:2], new[1:rows:2]
    return mixed


def push(old: Picture, new: Picture, share: float, side: int) -> Picture:
    """The new picture has pushed the old one out by a share of its side: left, right, up, down."""
    rows, width = height_of(old), old.shape[1]
    mixed = np.empty_like(old)
    planes = [(0, rows)] + [(rows + n * rows // 4, rows // 4) for n in range(2)]
    # PyAV lays both planes of chroma as (rows / 4, width) each, of rows / 2 by width / 2
    for start, count in planes:
        shape = (rows, width) if start == 0 else (rows // 2, width // 2)
        a, b = (one[start : start + count].reshape(shape) for one in (old, new))
        axis = 1 if side < 2 else 0
        both = np.concatenate([a, b] if side % 2 == 0 else [b, a], axis=axis)
        size = shape[axis]
        moved = round(share * size)
        begin = moved if side % 2 == 0 else size - moved
        part = both[:, begin : begin + size] if axis == 1 else both[begin : begin + size]
        mixed[start : start + count] = part.reshape(count, width)
    return mixed


def through(old: Picture, new: Picture, share: float, luma: int, hold: float) -> Picture:
    """A fade through black or white; `hold` is the share of the time that nothing is seen."""
    edge = (1 - hold) / 2
    plain = flat(old, luma)
    if share < edge:
        return dissolve(old, plain, share / edge)
    if share > 1 - edge:
        return dissolve(plain, new, (share - 1 + edge) / edge)
    return plain


def relit(picture: Picture, gain: float, gamma: float) -> Picture:
    """Other light: luma to the power of gamma, times gain; chroma fades with a low gain."""
    rows = height_of(picture)
    lit = picture.copy()
    lit[:rows] = _luma_table(gain, gamma)[picture[:rows]]
    lit[rows:] = _chroma_table(min(1.0, gain))[picture[rows:]]
    return lit


@lru_cache(maxsize=64)
def _luma_table(gain: float, gamma: float) -> NDArray[np.uint8]:
    share = np.clip((np.arange(256) - BLACK) / (WHITE - BLACK), 0, 1)
    return np.clip(np.rint(BLACK + (WHITE - BLACK) * gain * share**gamma), BLACK, WHITE).astype(
        np.uint8
    )


@lru_cache(maxsize=64)
def _chroma_table(gain: float) -> NDArray[np.uint8]:
    return np.rint(GREY + (np.arange(256) - GREY) * gain).astype(np.uint8)


def crop(picture: Picture, top: int, left: int, height: int, width: int) -> Picture:
    """A part of a picture; odd places and sizes are rounded down to even ones."""
    top, left, height, width = (number // 2 * 2 for number in (top, left, height, width))
    rows, full = height_of(picture), picture.shape[1]
    part = np.empty((height * 3 // 2, width), np.uint8)
    part[:height] = picture[top : top + height, left : left + width]
    chroma = picture[rows:].reshape(2, rows // 2, full // 2)
    part[height:] = chroma[
        :, top // 2 : (top + height) // 2, left // 2 : (left + width) // 2
    ].reshape(-1, width)
    return part


_REFORMATTER = VideoReformatter()


def zoom(picture: Picture, top: int, left: int, height: int, width: int) -> Picture:
    """A part of a picture, enlarged to the size of the whole."""
    part = av.VideoFrame.from_ndarray(crop(picture, top, left, height, width), "yuv420p")
    scaled = _REFORMATTER.reformat(
        part, picture.shape[1], height_of(picture), "yuv420p", interpolation="BILINEAR"
    )
    return np.asarray(scaled.to_ndarray(), np.uint8)
