"""A trained backbone, ready to be used: clips become features."""

from collections.abc import Collection
from typing import Any

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from numpy.typing import NDArray
from torch import Tensor, nn

from eruv.clips.spec import ClipSize
from eruv.models.backbones import make_backbone
from eruv.models.inputs import network_input


class Encoder(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="eruv",
    license="apache-2.0",
    tags=["video", "self-supervised", "eruv"],
):
    """A trained backbone with all it needs to be used again; saved as a folder.

    Args:
        backbone: name in `BACKBONES`.
        width: factor on the channel counts; 1.0 is the paper's network.
        frame_height, frame_width: what frames are scaled to before the crop.
        crop: side of the square that the network sees.
        details: how it was trained, for the model card; any JSON.
    """

    def __init__(
        self,
        backbone: str = "c3d",
        width: float = 1.0,
        frame_height: int = 128,
        frame_width: int = 171,
        crop: int = 112,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.backbone = make_backbone(backbone, width)
        self.size = ClipSize(frame_height, frame_width, crop)
        self.details = details or {}

    @property
    def num_features(self) -> int:
        return self.backbone.num_features

    def forward(self, clips_BTHWC: Tensor) -> Tensor:
        """Features (B, num_features) of uint8 RGB clips (B, 16, crop, crop, 3)."""
        return self.backbone(network_input(clips_BTHWC))

    @torch.no_grad()
    def features(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features (B, num_features) of uint8 RGB clips (B, 16, crop, crop, 3), without torch."""
        tensor = torch.from_numpy(clips).to(next(self.parameters()).device)
        return self(tensor).cpu().numpy()

    def forward_features(self, clips_BTHWC: Tensor) -> Tensor:
        """Last feature maps (B, num_features, 2, crop/16, crop/16) of uint8 clips."""
        return self.backbone.forward_features(network_input(clips_BTHWC))

    def forward_stages(self, clips_BTHWC: Tensor, stages: Collection[int]) -> dict[int, Tensor]:
        """Feature maps of some stages of uint8 clips; see `Backbone.forward_stages`."""
        return self.backbone.forward_stages(network_input(clips_BTHWC), stages)
