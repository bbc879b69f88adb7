"""Draw the places, figures and colour grade of a film at random."""

import colorsys

import numpy as np

from eruv.films.cloth import CLOTHS, Cloth, Colour
from eruv.films.figure import Look
from eruv.films.photos import PHOTOS, Grade, Place

_SKINS = ((250, 214, 186), (232, 184, 146), (196, 138, 98), (141, 90, 60), (94, 60, 42))
_HAIRS = ((35, 28, 26), (92, 56, 32), (205, 160, 84), (150, 62, 34), (190, 190, 196))
_SHOES = ((30, 30, 36), (240, 240, 240), (200, 40, 40), (30, 80, 170))


def draw_places(split: str, rng: np.random.Generator) -> tuple[Place, ...]:
    """Draw the two or three places of a film, each in another photograph of its split."""
    photos = rng.choice(PHOTOS[split], size=rng.integers(2, 4), replace=False)
    return tuple(
        Place(
            photo=str(photo),
            left=float(rng.random()),
            top=float(rng.random()),
            extent=float(rng.uniform(0.6, 0.95)),
            mirrored=bool(rng.random() < 0.5),
            tone=_tone(rng.random(), 0.3),
            exposure=float(rng.uniform(-28, 28)),
        )
        for photo in photos
    )


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


def draw_grade(rng: np.random.Generator) -> Grade:
    """Draw the look that the shots of a film share."""
    return Grade(
        tint=_tone(rng.random(), float(rng.uniform(0.0, 0.2))),
        contrast=float(rng.uniform(0.45, 0.75)),
        brightness=float(rng.uniform(80, 165)),
        grain=float(rng.uniform(0, 4)),
    )


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)


def _tone(hue: float, strength: float) -> tuple[float, float, float]:
    """Colour multipliers of mean 1."""
    colour = np.array(colorsys.hsv_to_rgb(hue, strength, 1.0))
    red, green, blue = (colour / colour.mean()).tolist()
    return red, green, blue
