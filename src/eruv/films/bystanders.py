"""Figures in the back of a shot that do something else: clutter for tests of recognition."""

from dataclasses import dataclass

import numpy as np

from eruv.films.actions import ACTIONS, SPEEDS
from eruv.films.figure import Look
from eruv.films.looks import draw_look

# Share of the height of the figure in front, and distance from the middle in picture widths.
HEIGHTS = (0.6, 0.95)
OFFSETS = (0.1, 0.42)
# Makes these draws independent of all others of a shot.
_STREAM = 1


@dataclass(frozen=True)
class Bystander:
    """One figure in the back.

    Attributes:
        action, speed, height, offset, looks_left, start_cycle: as of the shot's own figure.
        look: its clothes and colours.
    """

    action: str
    speed: float
    height: float
    offset: float
    looks_left: bool
    start_cycle: float
    look: Look


def draw_bystanders(
    count: int, split: str, front_height: float, seed: tuple[int, ...]
) -> tuple[Bystander, ...]:
    """Draw the bystanders of a shot, those farthest away first.

    Args:
        count: how many.
        split: of their cloths.
        front_height: of the figure in front, as a share of the picture's height.
        seed: of the shot.
    """
    rng = np.random.default_rng((*seed, _STREAM))
    drawn = [
        Bystander(
            action=str(rng.choice(list(ACTIONS))),
            speed=float(np.exp(rng.uniform(*np.log(SPEEDS)))),
            height=front_height * float(rng.uniform(*HEIGHTS)),
            offset=float(rng.choice((-1, 1)) * rng.uniform(*OFFSETS)),
            looks_left=bool(rng.random() < 0.5),
            start_cycle=float(rng.uniform(0, 10)),
            look=draw_look(split, rng),
        )
        for _ in range(count)
    ]
    return tuple(sorted(drawn, key=lambda one: one.height))
