"""Choose what is held out for validation: whole videos, never single segments (fact 3)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eruv.pretext.segment_arrays import SegmentTable
from eruv.utils.errors import EruvError

# Held-out choices come from a stream of their own.
_STREAM = 3
FEWEST_VIDEOS = 4


@dataclass(frozen=True)
class Split:
    """Which segments are held out.

    Attributes:
        mask: (S,), true where a segment is held out.
        by: "videos", or "shots" where there are too few videos.
    """

    mask: NDArray[np.bool_]
    by: str


def hold_out(table: SegmentTable, share: float, seed: int, named: Sequence[str] = ()) -> Split:
    """Hold out a share of the videos, at least two, drawn by seed.

    At least one held-out video has two shots with segments (C_V needs them) where another such one
    remains for training; a single one is for training. With fewer than four videos, whole
    shots are held out instead.

    Args:
        table: all segments.
        share: of the videos (or shots), in (0, 1).
        seed: of the draw.
        named: ids of the videos to hold out; overrides the draw.

    Raises:
        EruvError: if an id is unknown, or nothing would remain on either side.
    """
    segments = table.segments
    if named:
        return Split(_named_mask(table, named), "videos")
    generator = np.random.default_rng([seed, _STREAM])
    if segments.num_videos < FEWEST_VIDEOS:
        return Split(_shot_mask(table, share, generator), "shots")
    # Two remain at least: training needs other videos too (C_D).
    count = min(segments.num_videos - 2, max(2, round(share * segments.num_videos)))
    order = generator.permutation(segments.num_videos)
    chosen, remaining = order[:count].copy(), order[count:]
    several = _videos_with_shots(table)
    if several[chosen].any() and not several[remaining].any():
        chosen[np.flatnonzero(several[chosen])[0]] = remaining[0]
    elif not several[chosen].any() and several[remaining].sum() >= 2:
        chosen[-1] = next(video for video in remaining if several[video])
    return Split(np.isin(segments.video, chosen), "videos")


def _videos_with_shots(table: SegmentTable) -> NDArray[np.bool_]:
    """Per video (V,), whether it has at least two shots with segments."""
    segments = table.segments
    firsts = segments.video[segments.shot_offsets[:-1]]
    return np.bincount(firsts, minlength=segments.num_videos) >= 2


def _named_mask(table: SegmentTable, named: Sequence[str]) -> NDArray[np.bool_]:
    unknown = set(named) - set(table.video_ids)
    if unknown:
        raise EruvError(
            f"held_out_ids names {len(unknown)} videos that have no segment in the library, "
            f"for example {min(unknown)}. Use ids from the library's table of videos."
        )
    numbers = [number for number, name in enumerate(table.video_ids) if name in set(named)]
    mask = np.isin(table.segments.video, numbers)
    if mask.all():
        raise EruvError("held_out_ids names every video; nothing would remain for training.")
    return mask


def _shot_mask(
    table: SegmentTable, share: float, generator: np.random.Generator
) -> NDArray[np.bool_]:
    segments = table.segments
    if segments.num_shots < 2:
        raise EruvError(
            f"training needs at least two shots with segments, one of them held out; the library "
            f"has {segments.num_shots}. Add videos with eruv ingest."
        )
    count = min(segments.num_shots - 1, max(2, round(share * segments.num_shots)))
    chosen = generator.permutation(segments.num_shots)[:count]
    return np.isin(segments.shot, chosen)
