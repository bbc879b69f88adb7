"""How a clip looks, coarsely: tells the same footage again, and stills and black from the rest."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from eruv.evaluation.feature_file import Features

SIDE = 6
LENGTH = 3 * SIDE * SIDE
# Numbers of a clip from 0 to 1: mean of its luma, deviation of that over the picture, and the
# median change of a pixel from one frame to the next.
FACTS = ("light", "spread", "motion")


def looks_of(clips_BTHWC: Tensor) -> Features:
    """Vectors (B, 108) of unit length of uint8 clips: mean colours of 6×6 tiles, over all frames.

    Each colour's own mean is taken away, so that brightness and tint tell nothing.
    """
    pictures = clips_BTHWC.float().mean(dim=1).permute(0, 3, 1, 2)  # (B, 3, H, W)
    tiles = functional.adaptive_avg_pool2d(pictures, SIDE).flatten(2)  # (B, 3, 36)
    centred = (tiles - tiles.mean(dim=2, keepdim=True)).flatten(1)
    found: NDArray[np.float32] = functional.normalize(centred, dim=1, eps=1e-6).numpy()
    return found


def facts_of(clips_BTHWC: Tensor) -> Features:
    """The `FACTS` of uint8 clips (B, 3).

    A key frame of a proxy differs from the frame before it in a still, too, hence the median.
    """
    luma = clips_BTHWC.float().mean(dim=-1).div_(255)  # (B, T, H, W)
    changes = luma.diff(dim=1).abs().mean(dim=(2, 3))
    spread = luma.mean(dim=1).flatten(1).std(dim=1)
    found = torch.stack([luma.mean(dim=(1, 2, 3)), spread, changes.median(dim=1).values], dim=1)
    facts: Features = found.numpy()
    return facts
