"""The network of the learned detector: four convolutions over time, compiled."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from eruv.utils.compiled import compiled

KERNEL = 9
DILATIONS = (1, 2, 4, 8)
# Rows on either side that an output depends on.
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

        The convolutions pad with zeros.
        """
        # (T, F) → (T, H)
        hidden = _convolve((rows - self.mean) / self.scale, *self.first, 1)
        for dilation, (weight, bias) in zip(DILATIONS, self.layers, strict=True):
            hidden = hidden + _convolve(hidden, weight, bias, dilation)
        logits = (hidden[:, :, None] * self.last[0]).sum(axis=1) + self.last[1]
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)


@compiled()
def _convolve(rows, weight, bias, dilation):  # type: ignore[no-untyped-def]
    """Rectified weighted sums of each row's neighbours, `dilation` apart, with zeros beyond.

    A matrix library is no faster at this size, and its idle threads keep a core from the decoder.
    The order of the sums is fixed, so that machines of one kind give the same bits.

    Rows are (T, F), the weight is (K · F, H) for K neighbours; the result is (T, H).
    """
    count, width = rows.shape
    taps, outputs = weight.shape[0] // width, weight.shape[1]
    results = np.empty((count, outputs), np.float32)
    for t in range(count):
        sums = results[t]
        sums[:] = bias
        for tap in range(taps):
            neighbour = t + (tap - taps // 2) * dilation
            if neighbour < 0 or neighbour >= count:
                continue
            for feature in range(width):
                value = rows[neighbour, feature]
                if value == 0:
                    continue
                weights = weight[tap * width + feature]
                for output in range(outputs):
                    sums[output] += value * weights[output]
        for output in range(outputs):
            sums[output] = max(sums[output], np.float32(0))
    return results
