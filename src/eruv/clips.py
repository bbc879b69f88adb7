"""Clip specs become pixels; the only place where pretext pixels are read.

Comes in: a ClipSpec. Goes out: a uint8 clip (T, H, W, 3).
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eruv.media.proxy import ProxyReader, ProxySettings

CLIP_FRAMES = 16  # k, the length of a clip (IV-A)
MAX_OPEN_PROXIES = 32


@dataclass(frozen=True)
class ClipSize:
    """Sizes of the picture in pixels (fact 2): frames are scaled to `height` × `width`, then a
    square of `crop` is cut out."""

    height: int = 128
    width: int = 171
    crop: int = 112

    def __post_init__(self) -> None:
        if not 16 <= self.crop <= min(self.height, self.width):
            raise ValueError(
                f"crop is at least 16 and fits into {self.height}x{self.width}; got {self.crop}"
            )

    @property
    def centre(self) -> tuple[int, int]:
        """Offset (row, column) of the crop in the middle, as in evaluation."""
        return (self.height - self.crop) // 2, (self.width - self.crop) // 2

    def random_offset(self, generator: np.random.Generator) -> tuple[int, int]:
        """A uniformly drawn offset (row, column) of the crop, one for all frames of a clip."""
        return (
            int(generator.integers(self.height - self.crop + 1)),
            int(generator.integers(self.width - self.crop + 1)),
        )


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """Which pixels a clip consists of.

    Attributes:
        video: number of the video in its catalogue.
        frames: frame numbers in the order in which they are shown.
        offset: (row, column) of the square crop.
        quarter_turns: how often the square is turned by 90 degrees, counter-clockwise.
    """

    video: int
    frames: tuple[int, ...]
    offset: tuple[int, int]
    quarter_turns: int = 0

    def __post_init__(self) -> None:
        if not self.frames or min(self.frames) < 0:
            raise ValueError(f"a clip has frame numbers of at least 0; got {self.frames}")
        if not 0 <= self.quarter_turns <= 3:
            raise ValueError(f"quarter_turns is 0, 1, 2 or 3; got {self.quarter_turns}")


class ClipReader:
    """Reads clips from proxies, keeping a bounded number of them open.

    Args:
        proxies: path of each video's proxy, by the video's number.
        settings: how the proxies were written.
        size: scaling and crop.
    """

    def __init__(self, proxies: Sequence[Path], settings: ProxySettings, size: ClipSize) -> None:
        self.proxies = proxies
        self.settings = settings
        self.size = size
        self.open: OrderedDict[int, ProxyReader] = OrderedDict()

    def read(self, spec: ClipSpec) -> NDArray[np.uint8]:
        """One clip, RGB, (T, crop, crop, 3)."""
        pictures = self._proxy(spec.video).read(spec.frames, (self.size.height, self.size.width))
        row, column = spec.offset
        crop = pictures[:, row : row + self.size.crop, column : column + self.size.crop]
        return np.ascontiguousarray(np.rot90(crop, spec.quarter_turns, axes=(1, 2)))

    def _proxy(self, video: int) -> ProxyReader:
        reader = self.open.get(video)
        if reader is None:
            reader = self.open[video] = ProxyReader(self.proxies[video], self.settings)
            if len(self.open) > MAX_OPEN_PROXIES:
                self.open.popitem(last=False)[1].close()
        self.open.move_to_end(video)
        return reader

    def close(self) -> None:
        """Close all proxies."""
        for reader in self.open.values():
            reader.close()
        self.open.clear()
