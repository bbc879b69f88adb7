"""R(2+1)D with one residual block a stage (fact 1, after VCOP's models/r21d.py)."""

from math import prod

from torch import nn

from eruv.models.backbones.residual import ResidualBackbone, Size, same_padding


def middle_channels(in_channels: int, out_channels: int, kernel: Size) -> int:
    """Channels between the two halves that keep the parameter count of the full convolution."""
    spatial = kernel[1] * kernel[2] * in_channels
    return max(1, prod(kernel) * in_channels * out_channels // (spatial + kernel[0] * out_channels))


def factored_convolution(
    in_channels: int, out_channels: int, kernel: Size, stride: Size
) -> nn.Module:
    """A 1×k×k convolution, batch norm, ReLU and a k×1×1 convolution, all without bias."""
    spatial, temporal = (1, *kernel[1:]), (kernel[0], 1, 1)
    middle = middle_channels(in_channels, out_channels, kernel)
    return nn.Sequential(
        nn.Conv3d(
            in_channels, middle, spatial, (1, *stride[1:]), same_padding(spatial), bias=False
        ),
        nn.BatchNorm3d(middle),
        nn.ReLU(inplace=True),
        nn.Conv3d(
            middle, out_channels, temporal, (stride[0], 1, 1), same_padding(temporal), bias=False
        ),
    )


class R2Plus1D(ResidualBackbone):
    """The residual skeleton with every convolution split into space and time, shortcuts too."""

    title = "R(2+1)D"

    def __init__(self, width: float = 1.0) -> None:
        super().__init__(factored_convolution, width)
