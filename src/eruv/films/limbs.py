"""Sprites of the figure's limbs and head."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from eruv.films.cloth import Colour, Texture
from eruv.films.motion import View

Floats = NDArray[np.float64]

_EYE: Colour = (25, 20, 25)
# The hand is the last part of the forearm.
_TIP_SHARE = 0.78


@dataclass(frozen=True)
class Shape:
    """Length, radius and contour width of a limb in pixels."""

    length: float
    radius: float
    rim: float

    def __post_init__(self) -> None:
        if self.length < 0 or self.radius <= 0 or self.rim <= 0:
            raise ValueError(f"a limb cannot have the form {self}")

    def grid(self) -> tuple[Floats, Floats]:
        """Distances of sprite pixels along the limb from its first joint, and across it."""
        reach = math.ceil(self.radius + self.rim) + 1
        along = np.arange(-reach, math.ceil(self.length) + reach) + 0.5
        across = np.arange(-reach, reach) + 0.5
        columns, rows = np.meshgrid(along, across)
        return columns, rows


@dataclass(frozen=True)
class Part:
    """One limb, pointing to the right, to be warped into a picture.

    Attributes:
        start: first joint, in the middle of the sprite's height and as far from its left.
        end: last joint.
        shape: its form.
        sprite: colours multiplied by their coverage (mode RGBa), so that they warp cleanly.
        contour: mask of the limb and the rim around it.
    """

    start: str
    end: str
    shape: Shape
    sprite: Image.Image
    contour: Image.Image


def make_limb(
    joints: tuple[str, str], shape: Shape, cloth: Texture, light: float, tip: Colour | None = None
) -> Part:
    """Make a rounded limb of cloth.

    Args:
        joints: names of its first and last joint.
        shape: its form.
        cloth: (N, N, 3) texture, repeated as needed.
        light: multiplier of the colours; far limbs are darker.
        tip: colour of the last part: the hand of an arm.
    """
    along, across = shape.grid()
    size = len(cloth)
    colours = cloth[np.floor(along).astype(int) % size, np.floor(across).astype(int) % size]
    if tip is not None:
        colours[along > _TIP_SHARE * shape.length] = tip
    # Darker flanks make the limb look round.
    shading = light * (1.08 - 0.38 * np.minimum(np.abs(across) / shape.radius, 1) ** 2)
    distance = np.hypot(along - np.clip(along, 0, shape.length), across)
    return _cut_out(joints, shape, distance, colours * shading[..., None])


def make_head(shape: Shape, skin: Colour, hair: Colour, view: View) -> Part:
    """Make the head, crown to the right and face downwards; the neck is on its left."""
    along, across = shape.grid()
    crown, face = along / shape.radius, across / shape.radius
    shading = 1.05 - 0.3 * np.minimum(crown**2 + face**2, 1)
    colours = np.array(skin) * shading[..., None]
    colours[crown > (0.35 if view == "front" else 0.25 + 0.9 * face)] = hair
    for eye in (-0.38, 0.38) if view == "front" else (0.55,):
        colours[np.hypot(crown + 0.05, face - eye) < 0.16] = _EYE
    return _cut_out(("head", "head"), shape, np.hypot(along, across), colours)


def _cut_out(joints: tuple[str, str], shape: Shape, distance: Floats, colours: Floats) -> Part:
    coverage = np.clip(shape.radius - distance + 0.5, 0, 1)
    pixels = np.dstack([np.clip(colours, 0, 255), 255 * coverage])
    sprite = Image.fromarray(pixels.astype(np.uint8)).convert("RGBa")
    mask = 255 * np.clip(shape.radius + shape.rim - distance + 0.5, 0, 1)
    return Part(*joints, shape, sprite, Image.fromarray(mask.astype(np.uint8)))
