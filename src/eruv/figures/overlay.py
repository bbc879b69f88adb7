"""Attention laid over a picture: glowing where the network looks, grey elsewhere."""

import numpy as np
from matplotlib import colormaps

from eruv.figures.attended_video import Box, Heat, Picture

# From black over red to yellow: rising in lightness, so that it is read without colour, too.
COLOURS = (colormaps["inferno"](np.linspace(0, 1, 256))[:, :3] * 255).astype(np.float32)
LEAST, MOST = 0.25, 0.8  # share of the glow where attention is 0, and 1
UNSEEN = 0.35  # of the light of the picture, where the network does not see it
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def overlaid(picture: Picture, heat: Heat, box: Box) -> Picture:
    """A picture with attention over the part that the network sees; the rest is darkened.

    Args:
        picture: RGB, (H, W, 3).
        heat: (h, w), from 0 to 1.
        box: where the heat lies, of that size.
    """
    row, column, height, width = box
    grey = (picture @ LUMA)[..., None].repeat(3, axis=2)
    shown = UNSEEN * grey
    part = grey[row : row + height, column : column + width]
    share = (LEAST + (MOST - LEAST) * heat)[..., None]
    glow = COLOURS[(heat * 255).round().astype(np.intp)]
    shown[row : row + height, column : column + width] = (1 - share) * part + share * glow
    return shown.round().clip(0, 255).astype(np.uint8)
