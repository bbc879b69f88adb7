"""R3D with one residual block a stage (fact 1, after VCOP's models/r3d.py)."""

from torch import nn

from eruv.models.backbones.residual import ResidualBackbone, Size, same_padding


def full_convolution(in_channels: int, out_channels: int, kernel: Size, stride: Size) -> nn.Module:
    """One 3-D convolution without bias."""
    return nn.Conv3d(in_channels, out_channels, kernel, stride, same_padding(kernel), bias=False)


class R3D(ResidualBackbone):
    """The residual skeleton with full 3-D convolutions."""

    title = "R3D"

    def __init__(self, width: float = 1.0) -> None:
        super().__init__(full_convolution, width)
