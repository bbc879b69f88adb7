"""How a clip looks, coarsely: tells the same footage again, in another size, rate or encoding."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from eruv.evaluation.feature_file import Features

SIDE = 6
LENGTH = 3 * SIDE * SIDE


def looks_of(clips_BTHWC: Tensor) -> Features:
    """Vectors (B, 108) of unit length of uint8 clips: mean colours of 6×6 tiles, over all frames.

    Each colour's own mean is taken away, so that brightness and tint tell nothing.
    """
    pictures = clips_BTHWC.float().mean(dim=1).permute(0, 3, 1, 2)  # (B, 3, H, W)
    tiles = functional.adaptive_avg_pool2d(pictures, SIDE).flatten(2)  # (B, 3, 36)
    centred = (tiles - tiles.mean(dim=2, keepdim=True)).flatten(1)
    found: NDArray[np.float32] = functional.normalize(centred, dim=1, eps=1e-6).numpy()
    return found
