"""The network of pre-training: one backbone for all clips of a sample, under a head (III-C)."""

from collections.abc import Mapping
from typing import Literal, overload

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
        auxiliary: heads over the features of single clips, by name, for further losses.
    """

    def __init__(
        self,
        backbone: Backbone,
        head: nn.Module,
        batch_norm: BatchNorm,
        input: InputKind = "rgb",
        auxiliary: Mapping[str, nn.Module] | None = None,
    ) -> None:
        super().__init__()
        if batch_norm not in ("joint", "per_clip"):
            raise ValueError(f"batch_norm must be 'joint' or 'per_clip'; got {batch_norm!r}")
        self.backbone = backbone
        self.head = head
        self.batch_norm = batch_norm
        self.input: InputKind = input
        self.auxiliary = nn.ModuleDict(auxiliary)

    @overload
    def forward(self, clips_BNTHWC: Tensor) -> Tensor: ...

    @overload
    def forward(self, clips_BNTHWC: Tensor, chosen: Tensor) -> tuple[Tensor, dict[str, Tensor]]: ...

    def forward(
        self, clips_BNTHWC: Tensor, chosen: Tensor | None = None
    ) -> Tensor | tuple[Tensor, dict[str, Tensor]]:
        """Logits (B, classes) of uint8 clips (B, N, T, H, W, 3).

        With `chosen`, a mask (B · N,) of the clips, also what each auxiliary head makes of the
        features (M, F) of the chosen ones, by its name.
        """
        features_BNF = self.features(clips_BNTHWC)
        logits: Tensor = self.head(features_BNF)
        if chosen is None:
            return logits
        features_MF = features_BNF.flatten(0, 1)[chosen]
        return logits, {name: head(features_MF) for name, head in self.auxiliary.items()}

    def features(self, clips_BNTHWC: Tensor) -> Tensor:
        """Features (B, N, F) of uint8 clips (B, N, T, H, W, 3)."""
        if self.batch_norm == "per_clip" and self.training:
            slots = [self._clip_features(clips) for clips in clips_BNTHWC.unbind(1)]
            return torch.stack(slots, dim=1)
        features = self._clip_features(clips_BNTHWC.flatten(0, 1))
        return features.unflatten(0, clips_BNTHWC.shape[:2])

    def _clip_features(self, clips_BTHWC: Tensor) -> Tensor:
        return self.backbone(network_input(clips_BTHWC, self.input))
