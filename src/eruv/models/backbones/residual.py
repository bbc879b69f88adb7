"""The residual skeleton that R3D and R(2+1)D share; they differ in their convolution only."""

from collections.abc import Callable, Sequence

from torch import Tensor, nn
from torch.nn import functional

from eruv.models.backbones.base import Backbone, scaled

Size = tuple[int, int, int]
# (in_channels, out_channels, kernel, stride) → a module that keeps the size but for its stride
Convolution = Callable[[int, int, Size, Size], nn.Module]

CHANNELS = (64, 128, 256, 512)


def same_padding(kernel: Size) -> Size:
    """The padding that keeps the size of a map at stride 1."""
    return kernel[0] // 2, kernel[1] // 2, kernel[2] // 2


class ResidualBlock(nn.Module):
    """conv-BN-ReLU-conv-BN, added to its input (or to a strided 1×1×1 of it), then ReLU."""

    def __init__(
        self, convolution: Convolution, in_channels: int, out_channels: int, stride: int
    ) -> None:
        super().__init__()
        strides = (stride, stride, stride)
        self.conv1 = convolution(in_channels, out_channels, (3, 3, 3), strides)
        self.norm1 = nn.BatchNorm3d(out_channels)
        self.conv2 = convolution(out_channels, out_channels, (3, 3, 3), (1, 1, 1))
        self.norm2 = nn.BatchNorm3d(out_channels)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1:
            self.shortcut = nn.Sequential(
                convolution(in_channels, out_channels, (1, 1, 1), strides),
                nn.BatchNorm3d(out_channels),
            )

    def forward(self, maps: Tensor) -> Tensor:
        inner = functional.relu(self.norm1(self.conv1(maps)), inplace=True)
        inner = self.norm2(self.conv2(inner))
        return functional.relu(inner + self.shortcut(maps), inplace=True)


class ResidualBackbone(Backbone):
    """A 3×7×7 stem and four stages of one residual block each; no max-pool.

    Maps (T×H×W) of a 16×112×112 clip: 16×56² (stem and stage 2), 8×28², 4×14², 2×7².
    """

    def __init__(self, convolution: Convolution, width: float) -> None:
        super().__init__(width)
        channels = [scaled(count, width) for count in CHANNELS]
        self.stem = nn.Sequential(
            convolution(3, channels[0], (3, 7, 7), (1, 2, 2)),
            nn.BatchNorm3d(channels[0]),
            nn.ReLU(inplace=True),
        )
        inputs = [channels[0], *channels[:-1]]
        strides = [1, 2, 2, 2]
        self.stages = nn.Sequential(
            *(
                ResidualBlock(convolution, *sizes)
                for sizes in zip(inputs, channels, strides, strict=True)
            )
        )

    @property
    def stage_modules(self) -> Sequence[nn.Module]:
        return [self.stem, *self.stages]
