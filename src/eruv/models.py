"""The networks: a backbone under a head while pre-training, the bare encoder afterwards.

Comes in: uint8 clips. Goes out: logits, or features.
"""

from collections.abc import Collection
from itertools import combinations
from typing import Any, Literal, TypeVar

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from numpy.typing import NDArray
from torch import Tensor, nn

from eruv.backbones import BACKBONES, Backbone
from eruv.clips import ClipSize

Network = TypeVar("Network", bound=nn.Module)
BatchNorm = Literal["joint", "per_clip"]


def network_input(clips_BTHWC: Tensor) -> Tensor:
    """uint8 RGB clips (B, T, H, W, 3) as float (B, 3, T, H, W) in [0, 1] (fact 2).

    The result is a view with channels last: the layout that pixels come in.

    Raises:
        TypeError: for clips that are not uint8, which may be scaled already.
    """
    if clips_BTHWC.dtype != torch.uint8:
        raise TypeError(f"clips are uint8, from 0 to 255; got {clips_BTHWC.dtype}")
    return clips_BTHWC.permute(0, 4, 1, 2, 3).float().div_(255)


def with_channels_last(network: Network) -> Network:
    """The same network with weights laid out as its input is."""
    return network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]


class ConcatenationHead(nn.Module):
    """One linear layer on the features of all clips of a sample, concatenated (III-C)."""

    def __init__(self, in_features: int, num_classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, num_classes)

    def forward(self, features_BNF: Tensor) -> Tensor:
        """Logits (B, num_classes) of features (B, N, F)."""
        return self.linear(features_BNF.flatten(1))


class PairwiseHead(nn.Module):
    """VCOP's head: every two clips are compared by one and the same layer (fact 1).

    The features of two clips, concatenated, go through a linear layer and ReLU; what comes out for
    all pairs of slots (0, 1), (0, 2), (1, 2) ... is concatenated, and a last linear layer tells
    the class. The comparison has 512 numbers, whatever the width of the backbone.

    Args:
        num_features: of one clip.
        num_clips: of a sample.
        num_classes: of the task.
    """

    HIDDEN = 512
    DROPPED = 0.5

    def __init__(self, num_features: int, num_clips: int, num_classes: int) -> None:
        super().__init__()
        self.pairs = list(combinations(range(num_clips), 2))
        self.compare = nn.Linear(2 * num_features, self.HIDDEN)
        self.dropout = nn.Dropout(self.DROPPED)
        self.linear = nn.Linear(len(self.pairs) * self.HIDDEN, num_classes)

    def forward(self, features_BNF: Tensor) -> Tensor:
        """Logits (B, num_classes) of features (B, N, F)."""
        pairs_BPNF = torch.stack([features_BNF[:, pair] for pair in self.pairs], dim=1)
        compared_BPH = self.compare(pairs_BPNF.flatten(2)).relu()
        return self.linear(self.dropout(compared_BPH.flatten(1)))


class SiameseNet(nn.Module):
    """One backbone for all clips of a sample, and a head over their features (III-C).

    Args:
        backbone: shared by all clips.
        head: from features (B, N, F) to logits.
        batch_norm: `joint` sends all clips through in one batch; `per_clip` makes one forward
            pass a slot, so that statistics are those of that slot. In evaluation they agree.
    """

    def __init__(self, backbone: Backbone, head: nn.Module, batch_norm: BatchNorm) -> None:
        super().__init__()
        if batch_norm not in ("joint", "per_clip"):
            raise ValueError(f"batch_norm is 'joint' or 'per_clip'; got {batch_norm!r}")
        self.backbone = backbone
        self.head = head
        self.batch_norm = batch_norm

    def forward(self, clips_BNTHWC: Tensor) -> Tensor:
        """Logits (B, classes) of uint8 clips (B, N, T, H, W, 3)."""
        batch, num_clips = clips_BNTHWC.shape[:2]
        if self.batch_norm == "per_clip" and self.training:
            slots = [self.backbone(network_input(clips)) for clips in clips_BNTHWC.unbind(1)]
            return self.head(torch.stack(slots, dim=1))
        features = self.backbone(network_input(clips_BNTHWC.flatten(0, 1)))
        return self.head(features.unflatten(0, (batch, num_clips)))


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


def make_backbone(name: str, width: float = 1.0) -> Backbone:
    """A backbone with random weights.

    Raises:
        ValueError: for an unknown name or a width out of range.
    """
    if name not in BACKBONES:
        raise ValueError(f"a backbone is one of {', '.join(BACKBONES)}; got {name!r}")
    return BACKBONES[name](width)
