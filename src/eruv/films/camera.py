"""Camera paths of the films: pan, tilt, zoom and handheld."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CAMERAS = ("static", "pan", "tilt", "zoom", "handheld")

# Largest shift from the middle in pixels; backgrounds reach this far beyond the picture.
MAX_SHIFT = (44.0, 28.0)


def camera_path(kind: str, seconds: Floats, rng: np.random.Generator) -> Floats:
    """Draw a smooth camera path.

    Args:
        kind: one of `CAMERAS`.
        seconds: (F,) times of the frames.
        rng: source of the extent, pace and phase of the motion.

    Returns:
        (F, 3): shift of the view to the right and downwards in pixels, and zoom (at least 1).

    Raises:
        ValueError: if the kind is unknown.
    """
    path = np.zeros((len(seconds), 3))
    path[:, 2] = 1.0
    if kind == "pan":
        path[:, 0] = rng.uniform(26, 44) * _swing(seconds, rng.uniform(5, 9), rng)
    elif kind == "tilt":
        path[:, 1] = rng.uniform(12, 22) * _swing(seconds, rng.uniform(5, 9), rng)
    elif kind == "zoom":
        path[:, 2] = 1.1 + rng.uniform(0.06, 0.1) * _swing(seconds, rng.uniform(5, 9), rng)
    elif kind == "handheld":
        path[:, :2] = np.stack([_tremble(seconds, rng), _tremble(seconds, rng)], axis=1)
    elif kind != "static":
        raise ValueError(f"camera must be one of {CAMERAS}, got {kind!r}")
    return path


def _swing(seconds: Floats, period: float, rng: np.random.Generator) -> Floats:
    return np.sin(2 * np.pi * (seconds / period + rng.random()))


def _tremble(seconds: Floats, rng: np.random.Generator) -> Floats:
    """The shake of a hand: slow drift and faster, smaller tremor."""
    swings = [
        size * _swing(seconds, period * rng.uniform(0.8, 1.25), rng)
        for size, period in ((5.0, 2.6), (2.5, 1.1), (1.2, 0.45))
    ]
    return np.sum(swings, axis=0)
