"""The learned detector's network: three convolutions over time, in numpy.

Comes in: rows of features (T, F). Goes out: how likely each frame begins a shot, or is in a
gradual transition (T, 2).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

KERNEL = 9
DILATIONS = (1, 2, 4)
# Frames on either side that an output depends on.
CONTEXT = sum(KERNEL // 2 * dilation for dilation in DILATIONS)

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class TemporalNetwork:
    """Weights as trained, by name; see `benchmarks/train_shots.py`.

    Attributes:
        mean, scale: of every feature (F,).
        first: (F, H) and bias (H,), frame by frame.
        layers: (KERNEL · H, H) and bias (H,), one for each dilation, each added to its input.
        last: (H, 2) and bias (2,).
    """

    mean: Floats
    scale: Floats
    first: tuple[Floats, Floats]
    layers: tuple[tuple[Floats, Floats], ...]
    last: tuple[Floats, Floats]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read an .npz with the arrays mean, scale, first_weight, first_bias, layer0_weight …"""
        with np.load(path) as stored:
            pairs = {
                name: (stored[f"{name}_weight"], stored[f"{name}_bias"])
                for name in ("first", *(f"layer{n}" for n in range(len(DILATIONS))), "last")
            }
            layers = tuple(pairs[f"layer{n}"] for n in range(len(DILATIONS)))
            return cls(stored["mean"], stored["scale"], pairs["first"], layers, pairs["last"])

    def __call__(self, rows: Floats) -> Floats:
        """Probabilities (T, 2): frame t begins a shot, frame t is in a gradual transition.

        Outside the rows nothing is assumed: the convolutions pad with zeros.
        """
        hidden = _relu(((rows - self.mean) / self.scale) @ self.first[0] + self.first[1])  # (T, H)
        for dilation, (weight, bias) in zip(DILATIONS, self.layers, strict=True):
            hidden = hidden + _relu(_neighbours(hidden, dilation) @ weight + bias)
        logits = hidden @ self.last[0] + self.last[1]
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)


def _relu(values: NDArray[Any]) -> NDArray[Any]:
    return np.maximum(values, 0)


def _neighbours(hidden: NDArray[Any], dilation: int) -> NDArray[Any]:
    """Each frame with the KERNEL frames round it, `dilation` apart: (T, H) → (T, KERNEL · H)."""
    reach = KERNEL // 2 * dilation
    padded = np.pad(hidden, ((reach, reach), (0, 0)))
    parts = [padded[k * dilation : k * dilation + len(hidden)] for k in range(KERNEL)]
    return np.concatenate(parts, axis=1)
