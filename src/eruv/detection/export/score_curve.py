"""The score curve of the contact sheet: scores, threshold and transitions over time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eruv.detection.detect import ShotList
from eruv.detection.export.rows import in_words
from eruv.utils.axes import AxisScale, ticks, time_ticks
from eruv.utils.numbers import compact, duration

WIDTH, HEIGHT = 1000, 200
MOST_POINTS = 1000
# Films with many transitions get a drawing that is wider than the page, and scrolls.
PIXELS_PER_TRANSITION, WIDEST = 8, 8000
# A transition narrower than this could not be seen.
LEAST_WIDTH = 2.0


@dataclass(frozen=True)
class Mark:
    """A transition on the drawing: cut, gradual or gap, its place, width and label."""

    kind: str
    x: float
    width: float
    text: str


@dataclass(frozen=True)
class ScoreCurve:
    """A drawing of WIDTH × HEIGHT that may be stretched; labels stand beside it, in per cent.

    Attributes:
        description: for screen readers.
        least_width: in pixels.
        path: of the scores.
        threshold: height of the line, and its label.
        marks: transitions.
        x_ticks, y_ticks: place in per cent of the drawing, and label.
    """

    description: str
    least_width: int
    path: str
    threshold: tuple[float, str]
    marks: list[Mark]
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]


def score_curve(shots: ShotList) -> ScoreCurve:
    """Draw the scores of a film over time."""
    start_s = shots.times.start(shots.first)
    times = shots.times_s[shots.first :] - start_s
    length_s = max(1e-6, shots.end_s - start_s)
    scores = np.nan_to_num(shots.scores[shots.first :].astype(np.float64))
    highest = max(float(scores.max(initial=0.0)), shots.threshold) * 1.06 or 1.0
    across = AxisScale(0.0, length_s, 0, WIDTH)
    up = AxisScale(min(0.0, float(scores.min(initial=0.0))), highest, HEIGHT, 0)
    wide = min(WIDEST, PIXELS_PER_TRANSITION * len(shots.transitions))
    points = zip(*_peaks(times, scores, max(MOST_POINTS, wide)), strict=True)
    most_ticks = max(6, wide // 160)
    return ScoreCurve(
        description=(
            f"Scores of {len(scores)} frames over {duration(length_s)}, "
            f"threshold {compact(shots.threshold)}, {len(shots.transitions)} transitions."
        ),
        least_width=wide,
        path="M" + "L".join(f"{across(x):g} {up(y):g}" for x, y in points),
        threshold=(up(shots.threshold), f"threshold {compact(shots.threshold)}"),
        marks=_marks(shots, across),
        x_ticks=[
            (100 * tick / length_s, duration(tick)) for tick in time_ticks(length_s, most_ticks)
        ],
        y_ticks=[(up(tick) / HEIGHT * 100, compact(tick)) for tick in ticks(up.low, highest, 4)],
    )


def _peaks(
    times: NDArray[np.float64], scores: NDArray[np.float64], most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At most so many points, each the highest of its neighbours, because cuts are peaks."""
    size = -(-len(scores) // most)
    if size <= 1:
        return times, scores
    starts = np.arange(0, len(scores), size)
    highest = [start + int(scores[start : start + size].argmax()) for start in starts]
    return times[highest], scores[highest]


def _marks(shots: ShotList, across: AxisScale) -> list[Mark]:
    edges = shots.edges_s
    return [
        Mark(
            "gradual" if one.is_gradual else one.kind,
            across(float(edges[one.start] - edges[shots.first])),
            max(LEAST_WIDTH, across(float(edges[one.end] - edges[one.start]))),
            in_words(one),
        )
        for one in shots.transitions
    ]
