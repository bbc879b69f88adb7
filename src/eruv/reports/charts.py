"""Charts of a training: loss, accuracy, learning rate and speed."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eruv.reports.results import Record, Results
from eruv.utils.axes import AxisScale, ticks
from eruv.utils.numbers import compact, percent

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 560, 50, 14, 12, 44
TALL, LOW = 300, 170
MOST_POINTS = 300
SMOOTHED_SHARE = 0.08

Point = tuple[float, float]
Format = Callable[[float], str]


@dataclass(frozen=True)
class Drawing:
    """A chart in the units of the drawing.

    Attributes:
        title: above it.
        description: for screen readers.
        height: of the drawing, which is WIDTH wide.
        x_ticks, y_ticks: position and label.
        x_label: what the horizontal axis counts.
        paths: kind (raw, smooth, held-out) and SVG path of every line.
        dots: position of held-out measurements, with a text for each.
        level: position and label of the chance line, if there is one.
    """

    title: str
    description: str
    height: int
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    x_label: str
    paths: list[tuple[str, str]]
    dots: list[tuple[float, float, str]]
    level: tuple[float, str] | None

    width, left, right = WIDTH, LEFT, WIDTH - RIGHT

    @property
    def bottom(self) -> int:
        """Where the plot ends."""
        return self.height - BOTTOM


@dataclass(frozen=True)
class Curve:
    """One measured quantity: its name, how its values are written, and its chance level."""

    key: str
    title: str
    write: Format
    chance: float | None = None
    height: int = TALL


def training_charts(results: Results) -> list[Drawing]:
    """The charts of the training so far."""
    classes = len(results.config.classes)
    curves = [
        Curve("loss", "Loss", compact, math.log(classes)),
        Curve("accuracy", "Accuracy", lambda share: percent(share, 0), 1 / classes),
        Curve("learning_rate", "Learning rate", compact, height=LOW),
        Curve(
            "pairs_per_s", f"{results.text.sample.capitalize()}s per second", compact, height=LOW
        ),
    ]
    drawn = [_draw(curve, results) for curve in curves]
    return [drawing for drawing in drawn if drawing]


def _draw(curve: Curve, results: Results) -> Drawing | None:
    factor = results.samples_per_step or 1.0
    training = points_of(results.training, curve.key, factor)
    held_out = points_of(results.validation, curve.key, factor)
    everything = training + held_out
    if not everything:
        return None
    height = curve.height
    across = AxisScale(0.0, max(x for x, _ in everything), LEFT, WIDTH - RIGHT)
    levels = [] if curve.chance is None else [curve.chance]
    up = AxisScale.around([y for _, y in everything] + levels, height - BOTTOM, TOP)
    sample = results.text.sample
    unit = f"{sample}s seen" if results.samples_per_step else "training steps"
    lines = _lines(training, smoothing=curve.chance is not None)
    if held_out:
        lines.append(("held-out", held_out))
    return Drawing(
        title=curve.title,
        description=_description(curve, training, held_out, unit, sample),
        height=height,
        x_ticks=[(across(tick), compact(tick)) for tick in ticks(0.0, across.high, 5)],
        y_ticks=[
            (up(tick), curve.write(tick))
            for tick in ticks(up.low, up.high, 5 if height == TALL else 3)
            if tick >= 0
        ],
        x_label=unit,
        paths=[(kind, path_of(points, across, up)) for kind, points in lines],
        dots=[(across(x), up(y), f"{curve.write(y)} at {compact(x)} {unit}") for x, y in held_out],
        level=None if curve.chance is None else (up(curve.chance), "chance"),
    )


def _lines(training: Sequence[Point], smoothing: bool) -> list[tuple[str, list[Point]]]:
    if not training:
        return []
    if not smoothing:
        return [("smooth", downsampled(training))]
    return [("raw", downsampled(training)), ("smooth", downsampled(smoothed(training)))]


def _description(
    curve: Curve, training: Sequence[Point], held_out: Sequence[Point], unit: str, sample: str
) -> str:
    parts = [
        f"{name} from {curve.write(points[0][1])} to {curve.write(points[-1][1])}"
        for name, points in (("in training", training), (f"on held-out {sample}s", held_out))
        if points
    ]
    return f"{curve.title} over {unit}: {'; '.join(parts)}."


def points_of(lines: Sequence[Record], key: str, factor: float) -> list[Point]:
    """Steps times `factor`, and the finite values of a key."""
    return [
        (line["step"] * factor, float(line[key]))
        for line in lines
        if line.get(key) is not None and math.isfinite(line[key])
    ]


def smoothed(points: Sequence[Point]) -> list[Point]:
    """Means over a window that shrinks at both ends, so that the end points stay."""
    radius = int(len(points) * SMOOTHED_SHARE / 2)
    values = [y for _, y in points]
    means = []
    for number, (x, _) in enumerate(points):
        reach = min(radius, number, len(points) - 1 - number)
        window = values[number - reach : number + reach + 1]
        means.append((x, sum(window) / len(window)))
    return means


def downsampled(points: Sequence[Point]) -> list[Point]:
    """At most `MOST_POINTS` points, each the mean of its neighbours."""
    size = -(-len(points) // MOST_POINTS)
    if size <= 1:
        return list(points)
    groups = [points[start : start + size] for start in range(0, len(points), size)]
    return [
        (sum(x for x, _ in group) / len(group), sum(y for _, y in group) / len(group))
        for group in groups
    ]


def path_of(points: Sequence[Point], across: AxisScale, up: AxisScale) -> str:
    """An SVG path through all points."""
    return "M" + "L".join(f"{across(x):g} {up(y):g}" for x, y in points)
