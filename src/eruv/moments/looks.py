"""How a clip looks, coarsely: tells the same footage again, and stills and black from the rest."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from eruv.evaluation.feature_file import Features

SIDE = 6
LENGTH = 3 * SIDE * SIDE
Pixels = NDArray[np.uint8]
# Numbers of a clip from 0 to 1: mean of its luma, deviation of that over the picture, and the
# median change of a pixel from one frame to the next.
FACTS = ("light", "spread", "motion")


def looks_of(clips_BTHWC: Pixels) -> Features:
    """Vectors (B, 108) of unit length of uint8 clips: mean colours of 6×6 tiles, over all frames.

    Each colour's own mean is taken away, so that brightness and tint tell nothing.
    """
    sums = clips_BTHWC.sum(axis=1, dtype=np.uint32).astype(np.float32)
    pictures = torch.from_numpy(sums / clips_BTHWC.shape[1]).permute(0, 3, 1, 2)  # (B, 3, H, W)
    tiles = functional.adaptive_avg_pool2d(pictures, SIDE).flatten(2)  # (B, 3, 36)
    centred = (tiles - tiles.mean(dim=2, keepdim=True)).flatten(1)
    found: Features = functional.normalize(centred, dim=1, eps=1e-6).numpy()
    return found


def facts_of(clips_BTHWC: Pixels) -> Features:
    """The `FACTS` of uint8 clips (B, 3).

    A key frame of a proxy differs from the frame before it in a still, too, hence the median.
    """
    # Sums of whole numbers: in floats they take several times as long.
    luma = clips_BTHWC[..., 0].astype(np.int16)  # three times the luma, (B, T, H, W)
    luma += clips_BTHWC[..., 1]
    luma += clips_BTHWC[..., 2]
    frames, pixels, white = luma.shape[1], luma.shape[2] * luma.shape[3], 3 * 255
    light = luma.sum(axis=(1, 2, 3), dtype=np.int64) / (frames * pixels * white)
    spread = luma.sum(axis=1, dtype=np.int32).reshape(len(luma), -1).std(axis=1, ddof=1)
    changes = np.abs(np.diff(luma, axis=1)).sum(axis=(2, 3), dtype=np.int64)
    motion = np.sort(changes, axis=1)[:, (frames - 2) // 2] / (pixels * white)
    return np.stack([light, spread / (frames * white), motion], axis=1).astype(np.float32)
