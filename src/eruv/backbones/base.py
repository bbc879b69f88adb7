"""What every backbone shares: feature maps in the last layer, their average as the feature.

Comes in: clips (B, 3, T, H, W) in [0, 1]. Goes out: features (B, num_features).
"""

from abc import ABC, abstractmethod

from torch import Tensor, nn


def scaled(channels: int, width: float) -> int:
    """Number of channels at a width; 1.0 is the published size, at least one is kept."""
    return max(1, round(channels * width))


class Backbone(nn.Module, ABC):
    """A 3-D convolutional network.

    Args:
        width: factor on every channel count; 1.0 is the paper's network.

    Raises:
        ValueError: if `width` is not in (0, 4].
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        if not 0 < width <= 4:
            raise ValueError(
                f"width is a factor in (0, 4], 1.0 is the paper's network; got {width}"
            )
        self.width = width
        self.num_features = scaled(512, width)

    @abstractmethod
    def forward_features(self, clips: Tensor) -> Tensor:
        """Last feature maps (B, num_features, T/8, H/16, W/16) of clips (B, 3, T, H, W)."""

    def forward(self, clips: Tensor) -> Tensor:
        """Features (B, num_features): the global average of the last feature maps."""
        return self.forward_features(clips).mean(dim=(2, 3, 4))
