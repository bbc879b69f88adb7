"""A backbone under one linear layer: clips become logits of named classes."""

from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from eruv.clips.spec import ClipSize
from eruv.models.backbones import make_backbone
from eruv.models.inputs import network_input


class Classifier(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="eruv",
    license="apache-2.0",
    tags=["video-classification", "eruv"],
):
    """A backbone under one linear layer, with the names of its classes; saved as a folder.

    Args:
        classes: names, in the order of the outputs.
        backbone, width, frame_height, frame_width, crop: as of an `Encoder`.
        details: how it was trained, for the model card; any JSON.
    """

    def __init__(
        self,
        classes: list[str],
        backbone: str = "c3d",
        width: float = 1.0,
        frame_height: int = 128,
        frame_width: int = 171,
        crop: int = 112,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.classes = tuple(classes)
        self.backbone = make_backbone(backbone, width)
        self.head = nn.Linear(self.backbone.num_features, len(classes))
        self.size = ClipSize(frame_height, frame_width, crop)
        self.details = details or {}

    def forward(self, clips_BTHWC: Tensor) -> Tensor:
        """Logits (B, classes) of uint8 RGB clips (B, 16, crop, crop, 3)."""
        return self.head(self.backbone(network_input(clips_BTHWC)))

    @torch.no_grad()
    def of_video(self, clips_NTHWC: Tensor) -> Tensor:
        """Logits (classes,) of a video: the mean over those of its clips (fact 4)."""
        return self(clips_NTHWC.to(self.head.weight.device)).mean(dim=0).cpu()
