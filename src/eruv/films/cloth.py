"""Textures of the clothes: patterns and prints of photographs in two colours."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from eruv.films.photos import PHOTOS, load_photo

Colour = tuple[int, int, int]
Texture = NDArray[np.uint8]
Pixels = NDArray[np.float64]

SIZE = 64

_PATTERNS: dict[str, Callable[[Pixels, Pixels], Pixels]] = {
    "hoops": lambda x, y: (y % 16 < 7).astype(float),
    "checks": lambda x, y: ((x % 16 < 8) ^ (y % 16 < 8)).astype(float),
    "gingham": lambda x, y: ((x % 12 < 6).astype(float) + (y % 12 < 6)) / 2,
    "pinstripes": lambda x, y: (x % 8 < 2).astype(float),
    "bias": lambda x, y: ((x + y) % 16 < 7).astype(float),
    "dots": lambda x, y: ((x % 12 - 6) ** 2 + (y % 12 - 6) ** 2 < 14).astype(float),
    "chevrons": lambda x, y: ((y + abs(x % 16 - 8)) % 12 < 5).astype(float),
}

_PROCEDURAL: dict[str, tuple[str, ...]] = {
    "train": ("hoops", "checks", "gingham", "pinstripes"),
    "held_out": ("bias", "dots", "chevrons"),
}
CLOTHS: dict[str, tuple[str, ...]] = {
    split: (*_PROCEDURAL[split], *(f"{photo}_print" for photo in PHOTOS[split])) for split in PHOTOS
}


@dataclass(frozen=True)
class Cloth:
    """A fabric: a pattern of `CLOTHS` in two colours."""

    pattern: str
    ground: Colour
    figure: Colour

    def __post_init__(self) -> None:
        if not any(self.pattern in patterns for patterns in CLOTHS.values()):
            raise ValueError(f"unknown pattern {self.pattern!r}")


def weave(cloth: Cloth) -> Texture:
    """Make the (64, 64, 3) texture of a fabric.

    Raises:
        EruvError: if its photograph is missing, see `photos.load_photo`.
    """
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float64)
    if cloth.pattern in _PATTERNS:
        weight = _PATTERNS[cloth.pattern](x, y)
    else:
        weight = _printed(cloth.pattern.removesuffix("_print"))
    ground, figure = np.array(cloth.ground, float), np.array(cloth.figure, float)
    return (ground + weight[..., None] * (figure - ground)).astype(np.uint8)


def _printed(photo: str) -> Pixels:
    """The middle of a photograph as shares of the two colours, with stretched contrast."""
    picture = load_photo(photo).convert("L")
    side = min(picture.size) // 2
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    box = (left, top, left + side, top + side)
    shares = np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.BOX, box=box), float)
    low, high = np.percentile(shares, (5, 95))
    return np.clip((shares - low) / max(high - low, 1.0), 0, 1)
