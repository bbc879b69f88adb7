"""Sizes of published data sets, and when a set counts as one of them."""

from typing import NamedTuple

# A few files that cannot be read do not make it another data set.
MOST_MISSING = 0.01


class Published(NamedTuple):
    """Numbers of classes, training videos and test videos of one official split."""

    classes: int
    train: int
    test: int


# By the number of the split.
SIZES = {
    "ucf101": {
        1: Published(101, 9537, 3783),
        2: Published(101, 9586, 3734),
        3: Published(101, 9624, 3696),
    },
    "hmdb51": dict.fromkeys((1, 2, 3), Published(51, 3570, 1530)),
}


def is_complete(count: int, published: int) -> bool:
    """Whether a set has its published number of videos, to 1 %."""
    return 0 <= published - count <= MOST_MISSING * published
