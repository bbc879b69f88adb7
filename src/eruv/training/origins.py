"""Where the clips of a batch come from, for losses that compare any two of them."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from eruv.pretext.segment_arrays import Segments
from eruv.pretext.task import Sample

Columns = tuple[int, ...]


def origin_columns(sample: Sample, segments: Segments) -> Columns:
    """For each clip in turn its video, its shot, and whether it is unaltered."""
    return tuple(
        value
        for clip in sample.clips
        for value in (
            clip.video,
            segments.shot_at(clip.video, min(clip.frames)),
            int(clip.is_unaltered),
        )
    )


@dataclass(frozen=True)
class Origins:
    """Of the M unaltered clips of a batch, whose relations are known.

    Attributes:
        unaltered: (B · N,), which of all clips they are.
        video, shot: (M,).
    """

    unaltered: Tensor
    video: Tensor
    shot: Tensor

    @classmethod
    def of(cls, columns_BK: Tensor) -> Self:
        """From the rows of `origin_columns` of a batch."""
        video, shot, unaltered = columns_BK.reshape(-1, 3).unbind(1)
        kept = unaltered.bool()
        return cls(kept, video[kept], shot[kept])

    @property
    def same_video(self) -> Tensor:
        """(M, M)."""
        return self.video[:, None] == self.video

    @property
    def same_shot(self) -> Tensor:
        """(M, M); shots are numbered over all videos."""
        return self.shot[:, None] == self.shot

    @property
    def different(self) -> Tensor:
        """(M, M), without a clip and itself."""
        return ~torch.eye(len(self.shot), dtype=torch.bool, device=self.shot.device)
