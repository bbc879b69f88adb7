"""What every backbone shares: feature maps in the last layer, their average as the feature."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import ClassVar

from torch import Tensor, nn


def scaled(channels: int, width: float) -> int:
    """Number of channels at a width; 1.0 is the published size, at least one is kept."""
    return max(1, round(channels * width))


class Backbone(nn.Module, ABC):
    """A 3-D convolutional network.

    Args:
        width: factor on every channel count; 1.0 is the paper's network.

    Attributes:
        title: the network's name as papers write it.

    Raises:
        ValueError: if `width` is not in (0, 4].
    """

    title: ClassVar[str]

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        if not 0 < width <= 4:
            raise ValueError(
                f"width must be a factor in (0, 4], 1.0 is the paper's network; got {width}"
            )
        self.width = width
        self.num_features = scaled(512, width)

    @property
    @abstractmethod
    def stage_modules(self) -> Sequence[nn.Module]:
        """conv1 to conv5 in the order in which clips go through them."""

    def forward_features(self, clips: Tensor) -> Tensor:
        """Last feature maps (B, num_features, T/8, H/16, W/16) of clips (B, 3, T, H, W)."""
        maps = clips
        for stage in self.stage_modules:
            maps = stage(maps)
        return maps

    def forward_stages(self, clips: Tensor, stages: Collection[int]) -> dict[int, Tensor]:
        """Feature maps of some stages, those that `forward_features` goes through.

        Args:
            clips: (B, 3, T, H, W).
            stages: numbers from 1 (conv1) to 5 (conv5); conv4 of a 16×112×112 clip is 4×14×14.

        Returns:
            Maps (B, C, T', H', W') of each of the stages.

        Raises:
            ValueError: for a stage that there is not.
        """
        modules = self.stage_modules
        if not stages or not set(stages) <= set(range(1, len(modules) + 1)):
            raise ValueError(f"stages must be from 1 to {len(modules)}; got {sorted(stages)}")
        found = {}
        maps = clips
        for number, stage in enumerate(modules[: max(stages)], start=1):
            maps = stage(maps)
            if number in stages:
                found[number] = maps
        return found

    def forward(self, clips: Tensor) -> Tensor:
        """Features (B, num_features): the global average of the last feature maps."""
        return self.forward_features(clips).mean(dim=(2, 3, 4))
