"""Which kind of transition a gradual one is, classified while the film is read."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detectors.base import GRADUAL_KINDS, Kind, Plane
from eruv.detection.detectors.kind_features import (
    APART,
    FROM_SUM,
    LUMA,
    NOISE,
    Floats,
    Thumbnail,
    kind_features,
    thumbnail_of,
)

WEIGHTS = Path(__file__).with_name("kinds.npz")
# Pictures beside a range that may still be of the transition.
BESIDE = 1
# Grey levels by which pictures of one shot may differ; how far, as a share of the way, pictures lie
# from the sum of both ends.
ALIKE, STRAIGHT = 2.0, 0.1
# Largest grey levels of luma that no one sees, and least ones of colour that are no noise.
STILL, COLOURED = 3, 1
LEAST_THUMBNAILS = 3  # the shots on either side, and something between
MOST_THUMBNAILS = 4096  # of a transition that will not end; older ones are forgotten


class KindPictures:
    """Small pictures of the rows that a transition may still begin in; about 1 KB a row.

    Attributes:
        thumbnails: of the rows from number `first` on.
    """

    def __init__(self) -> None:
        self.thumbnails: list[Thumbnail] = []
        self.first = 0

    def add(self, planes: Sequence[Plane]) -> None:
        """The picture of the next row."""
        self.thumbnails.append(thumbnail_of(planes))

    def add_again(self, times: int) -> None:
        """The last picture is that of so many more rows."""
        self.thumbnails += self.thumbnails[-1:] * times

    def forget_before(self, row: int) -> None:
        """No transition begins before this row any more."""
        kept = max(
            row - BESIDE - 1, self.first + len(self.thumbnails) - MOST_THUMBNAILS, self.first
        )
        del self.thumbnails[: kept - self.first]
        self.first = kept

    def around(self, start: int, end: int) -> NDArray[np.uint8] | None:
        """Pictures (N, 1152) of the rows [start, end) and of those beside; None if forgotten."""
        if start - 1 < self.first:
            return None
        low = max(0, start - 1 - BESIDE - self.first)
        return np.stack(self.thumbnails[low : end + BESIDE + 1 - self.first])

    def only_colours_change(self, start: int, end: int) -> bool:
        """Whether from the row before [start, end), or to the one after, luma stands still."""
        thumbnails = np.array(
            self.thumbnails[max(0, start - 1 - self.first) : end + 1 - self.first], np.int16
        )
        if len(thumbnails) < LEAST_THUMBNAILS or start - 1 < self.first:
            return False
        steps = np.abs(np.diff(thumbnails, axis=0))
        coloured = (steps[:, :LUMA].max(1) < STILL) & (steps[:, LUMA:].mean(1) >= COLOURED)
        return bool(coloured[:-1].all() or coloured[1:].all())

    def features(self, start: int, end: int, frames: int) -> Floats | None:
        """Numbers about the rows [start, end), which take so many frames; None if forgotten."""
        thumbnails = self.around(start, end)
        return (
            None
            if thumbnails is None or len(thumbnails) < LEAST_THUMBNAILS
            else kind_features(thumbnails, frames)
        )


def leads_nowhere(features: Floats | None) -> bool:
    """Whether the pictures before and after a transition are alike, and others between them.

    A globe that turns is such a thing; a line of text that appears changes little, too, but runs
    straight from one picture to the other.
    """
    if features is None:
        return False
    apart = float(np.expm1(features[APART])) - NOISE
    return apart < ALIKE and float(features[FROM_SUM]) > STRAIGHT


@lru_cache(maxsize=1)
def _weights() -> dict[str, NDArray[np.float32]]:
    with np.load(WEIGHTS) as stored:
        return {name: stored[name] for name in stored.files}


def predicted_kind(features: Floats | None) -> tuple[Kind, float]:
    """The likeliest kind of a gradual transition, and how likely it is."""
    if features is None:
        return "other", 0.0
    shares = kind_shares(features[None], _weights())[0]
    best = int(shares.argmax())
    return GRADUAL_KINDS[best], float(shares[best])


def kind_shares(features: Floats, weights: dict[str, NDArray[np.float32]]) -> Floats:
    """How likely each of `GRADUAL_KINDS` is: (N, F) to (N, K), by a network of one hidden layer."""
    rows = (features - weights["mean"]) / weights["scale"]
    # Sums of products in one order, for equal bits: a matrix library may choose another.
    hidden = np.tanh((rows[:, :, None] * weights["first"]).sum(axis=1) + weights["first_bias"])
    logits = (hidden[:, :, None] * weights["last"]).sum(axis=1) + weights["last_bias"]
    grown = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True), np.float32)
