"""The network of pre-training: one backbone for all clips of a sample, under a head (III-C)."""

from typing import Literal

import torch
from torch import Tensor, nn

from eruv.models.backbones import Backbone
from eruv.models.inputs import InputKind, network_input

BatchNorm = Literal["joint", "per_clip"]


class SiameseNet(nn.Module):
    """One backbone for all clips of a sample, and a head over their features (III-C).

    Args:
        backbone: shared by all clips.
        head: from features (B, N, F) to logits.
        batch_norm: `joint` sends all clips through in one batch; `per_clip` makes one forward
            pass a slot, so that statistics are those of that slot. In evaluation they agree.
        input: what the backbone sees of a clip.
    """

    def __init__(
        self,
        backbone: Backbone,
        head: nn.Module,
        batch_norm: BatchNorm,
        input: InputKind = "rgb",
    ) -> None:
        super().__init__()
        if batch_norm not in ("joint", "per_clip"):
            raise ValueError(f"batch_norm is 'joint' or 'per_clip'; got {batch_norm!r}")
        self.backbone = backbone
        self.head = head
        self.batch_norm = batch_norm
        self.input: InputKind = input

    def forward(self, clips_BNTHWC: Tensor) -> Tensor:
        """Logits (B, classes) of uint8 clips (B, N, T, H, W, 3)."""
        batch, num_clips = clips_BNTHWC.shape[:2]
        if self.batch_norm == "per_clip" and self.training:
            slots = [self._features(clips) for clips in clips_BNTHWC.unbind(1)]
            return self.head(torch.stack(slots, dim=1))
        features = self._features(clips_BNTHWC.flatten(0, 1))
        return self.head(features.unflatten(0, (batch, num_clips)))

    def _features(self, clips_BTHWC: Tensor) -> Tensor:
        return self.backbone(network_input(clips_BTHWC, self.input))
