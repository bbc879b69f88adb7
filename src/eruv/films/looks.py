"""Draw the looks of figures from the cloths and colours of a split."""

import colorsys

import numpy as np

from eruv.films.cloth import CLOTHS, Cloth, Colour
from eruv.films.figure import Look

_SKINS = ((250, 214, 186), (232, 184, 146), (196, 138, 98), (141, 90, 60), (94, 60, 42))
_HAIRS = ((35, 28, 26), (92, 56, 32), (205, 160, 84), (150, 62, 34), (190, 190, 196))
_SHOES = ((30, 30, 36), (240, 240, 240), (200, 40, 40), (30, 80, 170))


def draw_look(split: str, rng: np.random.Generator) -> Look:
    """Draw a figure that wears two cloths of its split."""
    shirt, trousers = rng.choice(CLOTHS[split], size=2, replace=False)
    return Look(
        shirt=_draw_cloth(str(shirt), rng),
        trousers=_draw_cloth(str(trousers), rng),
        skin=_SKINS[rng.integers(len(_SKINS))],
        hair=_HAIRS[rng.integers(len(_HAIRS))],
        shoes=_SHOES[rng.integers(len(_SHOES))],
        build=float(rng.uniform(0.9, 1.2)),
        bare_arms=bool(rng.random() < 0.5),
        bare_legs=bool(rng.random() < 0.3),
    )


def _draw_cloth(pattern: str, rng: np.random.Generator) -> Cloth:
    hue = rng.random()
    ground = _colour(hue, rng.uniform(0.5, 0.9), rng.uniform(0.55, 0.95))
    figure = _colour(hue + rng.uniform(0.05, 0.5), rng.uniform(0.2, 0.8), rng.uniform(0.4, 1.0))
    return Cloth(pattern, ground, figure)


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)
