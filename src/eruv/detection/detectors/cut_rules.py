"""Rules that recalibrate the network's probability of a cut by what changes around it."""

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detectors.features import (
    NUM_FEATURES,
    PER_SPAN,
    SMALL_SPANS,
    SPANS,
    Floats,
)

# Features by number: HOG distance over the next spans and over a long one; colour's over a short
# one; blocks that are not found again; the largest changes of luma, from one picture to the next
# and over eight.
AROUND, FAR = [PER_SPAN * n for n in (1, 2, 3)], PER_SPAN * 4
COLOUR_CHANGE, LOST = PER_SPAN * SMALL_SPANS[-1] + 3, PER_SPAN * len(SPANS)
LARGEST_STEP, LARGEST_CHANGE = NUM_FEATURES - 2 * len(SMALL_SPANS) + 1, NUM_FEATURES - 1
# What cannot be seen of luma, and what can of colour.
STILL_STEP, STILL_CHANGE = float(np.log1p(3) / 3), float(np.log1p(2) / 3)
COLOURED = float(np.log1p(2) / 2)
# Of a clear cut: blocks of the picture before are not found again, pictures further apart differ
# hardly more than those on either side, and pictures beside it differ less; where a camera moves
# they differ as much.
BLOCKS_LOST, GROWTH, PEAK = 0.38, 1.15, 1.4
# Of what is rather none: blocks are found again, as after a key frame; pictures beside it differ
# as much and those further apart more; or those around it are alike, as in a strobe.
BLOCKS_FOUND, NO_PEAK, ALIKE = 0.25, 1.3, 0.3
# Probabilities that are recalibrated to one half: a network trained on composed films is
# underconfident about clear cuts of real ones, and overconfident about the others.
MIDPOINT, CLEAR_MIDPOINT, MOVING_MIDPOINT, FOUND_MIDPOINT = 0.5, 0.05, 0.9, 0.95


def cut_midpoints(rows: Floats) -> Floats:
    """The probability of a cut that is recalibrated to one half, (R,), from rows (R, F)."""
    change = rows[:, 0]
    beside = np.maximum(np.append(0, change[:-1]), np.append(change[1:], 0))
    grown = rows[:, FAR] >= GROWTH * change
    returns = rows[:, AROUND].max(axis=1) < ALIKE * change
    lost = rows[:, LOST]  # 0 where too little changes to look for blocks
    midpoints = np.full(len(rows), MIDPOINT, np.float32)
    midpoints[grown & (change < NO_PEAK * beside)] = MOVING_MIDPOINT
    midpoints[(lost > BLOCKS_LOST) & (change > PEAK * beside) & ~grown] = CLEAR_MIDPOINT
    midpoints[(lost > 0) & (lost < BLOCKS_FOUND) | returns] = FOUND_MIDPOINT
    return midpoints


def luma_is_still(rows: Floats) -> NDArray[np.bool_]:
    """Whether luma stays the same from one picture to the next at rows (R, F)."""
    return rows[:, LARGEST_STEP] < STILL_STEP


def only_colours_change(rows: Floats) -> NDArray[np.bool_]:
    """Whether over the eight pictures around rows (R, F) colours change and luma does not."""
    return (rows[:, LARGEST_CHANGE] < STILL_CHANGE) & (rows[:, COLOUR_CHANGE] > COLOURED)
