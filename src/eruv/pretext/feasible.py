"""Which segments allow which relation (fact 6)."""

import numpy as np
from numpy.typing import NDArray

from eruv.clips.spec import CLIP_FRAMES
from eruv.pretext.draws import sizes
from eruv.pretext.relation_settings import RELATIONS
from eruv.pretext.segment_arrays import Segments

SPEEDS = (2, 4)


def span(speed: int) -> int:
    """Frames from the first to the last of a clip that shows every `speed`-th frame."""
    return (CLIP_FRAMES - 1) * speed + 1


def feasible(
    segments: Segments, relation: str, first: int = 0, end: int | None = None
) -> NDArray[np.bool_]:
    """For the segments from `first` up to `end`, whether each can be v_i of the relation.

    Raises:
        ValueError: for a name that is no relation.
    """
    part = slice(first, len(segments) if end is None else end)
    if relation == "C_V":
        return sizes(segments.video_offsets, segments.video[part]) > sizes(
            segments.shot_offsets, segments.shot[part]
        )
    if relation == "C_D":
        return sizes(segments.video_offsets, segments.video[part]) < len(segments)
    lengths = segments.end[part] - segments.start[part]
    if relation == "C_S":
        alone = sizes(segments.shot_offsets, segments.shot[part]) == 1
        return ~alone | (lengths >= 2 * CLIP_FRAMES)
    if relation == "P_S":
        return lengths >= span(SPEEDS[0])
    if relation in RELATIONS:
        return np.ones(len(lengths), bool)
    raise ValueError(f"a relation must be one of {', '.join(RELATIONS)}; got {relation!r}")
