"""Which pixels a clip consists of: video, frames, crop, and at most one spatial operation."""

from dataclasses import dataclass

import numpy as np

CLIP_FRAMES = 16  # k, the length of a clip (IV-A)


# The four tiles of a picture, row by row, where they belong.
IN_PLACE: tuple[int, ...] = (0, 1, 2, 3)


@dataclass(frozen=True)
class ClipSize:
    """Sizes of the picture in pixels (fact 2).

    Attributes:
        height: height that frames are scaled to.
        width: width that frames are scaled to.
        crop: side of the square that is cut out of them.
    """

    height: int = 128
    width: int = 171
    crop: int = 112

    def __post_init__(self) -> None:
        if not 16 <= self.crop <= min(self.height, self.width):
            raise ValueError(
                f"crop must be at least 16 and fit into {self.height}x{self.width}; got {self.crop}"
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
        tiles: for each of the 2×2 places, row by row, the tile of the square that is shown there;
            not together with a turn.
    """

    video: int
    frames: tuple[int, ...]
    offset: tuple[int, int]
    quarter_turns: int = 0
    tiles: tuple[int, ...] = IN_PLACE

    def __post_init__(self) -> None:
        if not self.frames or min(self.frames) < 0:
            raise ValueError(f"a clip must have frame numbers of at least 0; got {self.frames}")
        if not 0 <= self.quarter_turns <= 3:
            raise ValueError(f"quarter_turns must be 0, 1, 2 or 3; got {self.quarter_turns}")
        if self.tiles != IN_PLACE:
            if tuple(sorted(self.tiles)) != IN_PLACE:
                raise ValueError(f"tiles must be 0, 1, 2 and 3 in any order; got {self.tiles}")
            if self.quarter_turns:
                raise ValueError(
                    "a clip can be turned or have its tiles moved, not both; "
                    f"got quarter_turns {self.quarter_turns} and tiles {self.tiles}"
                )

    @property
    def is_unaltered(self) -> bool:
        """Whether it shows successive frames as they are."""
        successive = range(self.frames[0], self.frames[0] + len(self.frames))
        return (
            self.frames == tuple(successive) and not self.quarter_turns and self.tiles == IN_PLACE
        )
