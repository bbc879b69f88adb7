"""Transitions that move both pictures: whip, zoom, spin; and those of pixels and blur."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from shot_mixing import Picture, dissolve, height_of

BLUR = 3  # moments of a frame while its shutter is open
Places = tuple[NDArray[np.float32], NDArray[np.float32]]


def _planes(picture: Picture) -> list[tuple[slice, tuple[int, int]]]:
    """Rows of each plane of yuv420p in the picture, and its shape."""
    rows, width = height_of(picture), picture.shape[1]
    quarter = rows // 4
    return [
        (slice(0, rows), (rows, width)),
        (slice(rows, rows + quarter), (rows // 2, width // 2)),
        (slice(rows + quarter, rows + 2 * quarter), (rows // 2, width // 2)),
    ]


def _seen(picture: Picture, place: Callable[[Places], Places]) -> Picture:
    """A picture whose points come from others, in units of half its side around the middle."""
    seen = np.empty_like(picture)
    for part, (rows, width) in _planes(picture):
        plane = picture[part].reshape(rows, width)
        y, x = np.mgrid[:rows, :width].astype(np.float32)
        y, x = place((2 * y / rows - 1, 2 * x / width - 1))
        # beyond an edge the picture is mirrored
        y, x = (1 - np.abs((one - 1) % 4 - 2) for one in (y, x))
        at_y = np.clip(((y + 1) / 2 * rows).astype(int), 0, rows - 1)
        at_x = np.clip(((x + 1) / 2 * width).astype(int), 0, width - 1)
        seen[part] = plane[at_y, at_x].reshape(seen[part].shape)
    return seen


def _blurred(moment: Callable[[float], Picture], share: float, step: float = 0.03) -> Picture:
    pictures = [moment(min(0.999, max(0.001, share + step * n))) for n in range(BLUR)]
    total = sum((one.astype(np.uint16) for one in pictures[1:]), pictures[0].astype(np.uint16))
    return np.asarray(total // np.uint16(BLUR), np.uint8)


def _whip(old: Picture, new: Picture, share: float) -> Picture:
    """The camera seems to swing from one picture over mirrored ones to the next."""

    def moment(share: float) -> Picture:
        soft = share * share * (3 - 2 * share)
        picture, way = (old, 6 * soft) if share < 0.5 else (new, 6 * (soft - 1))
        return _seen(picture, lambda at: (at[0], at[1] + np.float32(way)))

    return _blurred(moment, share)


def _zoom(old: Picture, new: Picture, share: float) -> Picture:
    """Into the old picture, and out of nearness to the new one."""

    def moment(share: float) -> Picture:
        factor = 1 - 1.4 * share if share < 0.5 else 1 - 1.4 * (1 - share)
        picture = old if share < 0.5 else new
        return _seen(picture, lambda at: (at[0] * factor, at[1] * factor))

    return _blurred(moment, share, 0.02)


def _spin(old: Picture, new: Picture, share: float) -> Picture:
    """Both pictures turn about the middle."""

    def moment(share: float) -> Picture:
        soft = share * share * (3 - 2 * share)
        picture = old if share < 0.5 else new
        angle = np.pi * (soft if share < 0.5 else soft - 1)
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        return _seen(picture, lambda at: (cos * at[0] - sin * at[1], sin * at[0] + cos * at[1]))

    return _blurred(moment, share)


def _pixels(old: Picture, new: Picture, share: float) -> Picture:
    """Through coarse tiles."""
    count = max(5.0, 60 * abs(2 * share - 1) ** 1.5)
    both = dissolve(old, new, share)
    return _seen(
        both,
        lambda at: (
            (np.floor(at[0] * count / 2) + np.float32(0.5)) * 2 / np.float32(count),
            (np.floor(at[1] * count / 2) + np.float32(0.5)) * 2 / np.float32(count),
        ),
    )


def _squeeze(old: Picture, new: Picture, share: float) -> Picture:
    """The old picture is squeezed to a side while the new one unfolds."""
    edge = 1 - share

    def place(at: Places) -> Places:
        return at[0], (at[1] + 1) / np.float32(edge) - 1

    def other(at: Places) -> Places:
        return at[0], 1 - (1 - at[1]) / np.float32(share)

    shown, shown_new = _seen(old, place), _seen(new, other)
    mixed = shown_new
    for part, (rows, width) in _planes(old):
        plane = mixed[part].reshape(rows, width)
        until = int(edge * width)
        plane[:, :until] = shown[part].reshape(rows, width)[:, :until]
        mixed[part] = plane.reshape(mixed[part].shape)
    return mixed


_MAKE: dict[str, Callable[[Picture, Picture, float], Picture]] = {
    "whip": _whip,
    "zoom": _zoom,
    "spin": _spin,
    "pixels": _pixels,
    "squeeze": _squeeze,
}
TURNS = tuple(_MAKE)


def turn(old: Picture, new: Picture, share: float, kind: str) -> Picture:
    """A moment of a transition.

    Raises:
        KeyError: if the kind is not one of `TURNS`.
    """
    return _MAKE[kind](old, new, share)
