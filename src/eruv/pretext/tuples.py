"""Three clips one after another: what VCOP and VCP ask about (fact 6)."""

import numpy as np

from eruv.clips.spec import CLIP_FRAMES, ClipSize

TUPLE_CLIPS = 3
GAP_FRAMES = 8
STEP_FRAMES = CLIP_FRAMES + GAP_FRAMES
TUPLE_FRAMES = TUPLE_CLIPS * CLIP_FRAMES + (TUPLE_CLIPS - 1) * GAP_FRAMES

Frames = tuple[int, ...]


def clip_at(start: int) -> Frames:
    """Frames of an ordinary clip."""
    return tuple(range(start, start + CLIP_FRAMES))


def tuple_at(start: int) -> list[Frames]:
    """Frames of three clips with gaps of 8, in the order of time."""
    return [clip_at(start + STEP_FRAMES * number) for number in range(TUPLE_CLIPS)]


def draw_offsets(
    size: ClipSize, generator: np.random.Generator, centred: bool
) -> list[tuple[int, int]]:
    """The crop of each clip, independent of the others' (fact 2)."""
    if centred:
        return [size.centre] * TUPLE_CLIPS
    return [size.random_offset(generator) for _ in range(TUPLE_CLIPS)]
