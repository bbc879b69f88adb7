"""C3D with batch normalisation (fact 1, after VCOP's models/c3d.py)."""

from collections.abc import Sequence

from torch import nn

from eruv.models.backbones.base import Backbone, scaled

STAGES = ((64,), (128,), (256, 256), (512, 512), (512, 512))


def conv_block(in_channels: int, out_channels: int) -> list[nn.Module]:
    """A 3×3×3 convolution with bias, batch norm and ReLU; the size is kept."""
    return [
        nn.Conv3d(in_channels, out_channels, kernel_size=3, padding=1),
        nn.BatchNorm3d(out_channels),
        nn.ReLU(inplace=True),
    ]


class C3D(Backbone):
    """Eight convolutions in five stages, max-pooled between the stages; no fc6 and fc7.

    Maps (T×H×W) of a 16×112×112 clip: 16×112², 16×56², 8×28², 4×14², 2×7².
    """

    title = "C3D"

    def __init__(self, width: float = 1.0) -> None:
        super().__init__(width)
        stages: list[nn.Module] = []
        in_channels = 3
        for index, stage in enumerate(STAGES):
            layers: list[nn.Module] = []
            if index:
                kernel = (1, 2, 2) if index == 1 else (2, 2, 2)
                layers.append(nn.MaxPool3d(kernel))
            for channels in stage:
                layers += conv_block(in_channels, scaled(channels, width))
                in_channels = scaled(channels, width)
            stages.append(nn.Sequential(*layers))
        self.stages = nn.Sequential(*stages)

    @property
    def stage_modules(self) -> Sequence[nn.Module]:
        return list(self.stages)
