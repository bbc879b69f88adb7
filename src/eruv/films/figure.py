"""The figure: its look, and a puppet that draws it in any pose."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from eruv.films import skeleton
from eruv.films.cloth import Cloth, Colour, Texture, weave
from eruv.films.limbs import Part, Shape, make_head, make_limb
from eruv.films.motion import View

Point = tuple[float, float]
Box = tuple[int, int, int, int]

# Limbs on the far side of a figure seen from the side are in the shade.
_FAR_LIGHT = 0.72


@dataclass(frozen=True)
class Look:
    """The look of a figure.

    Attributes:
        shirt: cloth of torso and arms.
        trousers: cloth of the legs.
        skin: colour of head and hands.
        hair: colour of the hair.
        shoes: colour of the feet.
        build: thickness of the limbs; 1 is average.
        bare_arms: whether the forearms are bare.
        bare_legs: whether the shins are bare.
    """

    shirt: Cloth
    trousers: Cloth
    skin: Colour
    hair: Colour
    shoes: Colour
    build: float
    bare_arms: bool
    bare_legs: bool

    @property
    def name(self) -> str:
        """The two cloths, as in films.json."""
        return f"{self.shirt.pattern}+{self.trousers.pattern}"


class Puppet:
    """A figure of one look, size and view, ready to be drawn in any pose.

    Args:
        look: its clothes and colours.
        view: the side it is seen from.
        height: body height in pixels at zoom 1.
        outline: colour of the contour.
    """

    def __init__(self, look: Look, view: View, height: float, outline: Colour) -> None:
        self._outline = outline
        self._height = height
        self._build = look.build
        self._layers = self._dress(look, view)

    def draw(
        self, picture: Image.Image, joints: dict[str, Point], zoom: float, looks_left: bool
    ) -> None:
        """Draw into an RGB picture.

        Args:
            picture: changed in place.
            joints: joint positions in pixels of the picture, y downwards.
            zoom: magnification on top of the puppet's own height.
            looks_left: whether the face is on the left.
        """
        for layer in self._layers:
            placed = [(part, *_place(part, joints, zoom, looks_left)) for part in layer]
            # All contours first: limbs that meet at a joint share one.
            for part, box, mapping in placed:
                picture.paste(self._outline, box, _warp(part.contour, box, mapping))
            for part, box, mapping in placed:
                sprite = _warp(part.sprite, box, mapping)
                picture.paste(sprite, box, sprite)

    def _dress(self, look: Look, view: View) -> tuple[tuple[Part, ...], ...]:
        """Make the parts, in layers from back to front."""
        shirt, trousers = weave(look.shirt), weave(look.trousers)
        radius = 0.085 if view == "front" else 0.072
        torso = make_limb(("pelvis", "neck"), self._shape(skeleton.TORSO, radius), shirt, light=1.0)
        head = make_head(self._shape(0, skeleton.HEAD_RADIUS), look.skin, look.hair, view)
        far_light = 1.0 if view == "front" else _FAR_LIGHT
        far_arm = self._arm("far", look, shirt, far_light)
        far_leg = self._leg("far", look, trousers, far_light)
        near_arm = self._arm("near", look, shirt, 1.0)
        near_leg = self._leg("near", look, trousers, 1.0)
        if view == "front":
            return far_leg, near_leg, (torso, head), far_arm, near_arm
        return far_arm, far_leg, near_leg, (torso, head), near_arm

    def _arm(self, side: str, look: Look, shirt: Texture, light: float) -> tuple[Part, ...]:
        shoulder, elbow, hand = (f"{side}_{joint}" for joint in ("shoulder", "elbow", "hand"))
        sleeve = _plain(look.skin) if look.bare_arms else shirt
        fore, upper = self._shape(skeleton.FOREARM, 0.035), self._shape(skeleton.UPPER_ARM, 0.041)
        return (
            make_limb((elbow, hand), fore, sleeve, light, tip=look.skin),
            make_limb((shoulder, elbow), upper, shirt, light),
        )

    def _leg(self, side: str, look: Look, trousers: Texture, light: float) -> tuple[Part, ...]:
        hip, knee, ankle, toe = (f"{side}_{joint}" for joint in ("hip", "knee", "ankle", "toe"))
        stocking = _plain(look.skin) if look.bare_legs else trousers
        foot, shin = self._shape(skeleton.FOOT, 0.032), self._shape(skeleton.SHIN, 0.041)
        thigh = self._shape(skeleton.THIGH, 0.056)
        return (
            make_limb((ankle, toe), foot, _plain(look.shoes), light),
            make_limb((knee, ankle), shin, stocking, light),
            make_limb((hip, knee), thigh, trousers, light),
        )

    def _shape(self, length: float, radius: float) -> Shape:
        """Turn body heights into pixels."""
        rim = max(1.5, 0.012 * self._height)
        return Shape(length * self._height, radius * self._build * self._height, rim)


def _plain(colour: Colour) -> Texture:
    return np.array([[colour]], dtype=np.uint8)


def _place(
    part: Part, joints: dict[str, Point], zoom: float, looks_left: bool
) -> tuple[Box, tuple[float, ...]]:
    """The box of a part in the picture, and the affine map from box to sprite pixels."""
    (x0, y0), (x1, y1) = joints[part.start], joints[part.end]
    scale = zoom
    if part.start == "head":
        neck_x, neck_y = joints["neck"]
        direction = math.atan2(y0 - neck_y, x0 - neck_x)
    else:
        direction = math.atan2(y1 - y0, x1 - x0)
        # A limb pointing at the camera looks short, but its ends stay nearly round.
        scale = max(math.hypot(x1 - x0, y1 - y0) / part.shape.length, 0.4 * zoom)
    reach = (part.shape.radius + part.shape.rim) * max(zoom, scale) + 2
    box = (
        math.floor(min(x0, x1) - reach),
        math.floor(min(y0, y1) - reach),
        math.ceil(max(x0, x1) + reach),
        math.ceil(max(y0, y1) + reach),
    )
    cosine, sine = math.cos(direction), math.sin(direction)
    flank = -1.0 if looks_left else 1.0
    along_x, along_y = cosine / scale, sine / scale
    across_x, across_y = -flank * sine / zoom, flank * cosine / zoom
    left, top, middle = box[0] - x0, box[1] - y0, part.contour.height / 2
    return box, (
        along_x,
        along_y,
        along_x * left + along_y * top + middle,
        across_x,
        across_y,
        across_x * left + across_y * top + middle,
    )


def _warp(sprite: Image.Image, box: Box, mapping: tuple[float, ...]) -> Image.Image:
    size = (box[2] - box[0], box[3] - box[1])
    return sprite.transform(size, Image.Transform.AFFINE, mapping, Image.Resampling.BILINEAR)
