"""Charts of a training as SVG.

Comes in: metrics and counts. Goes out: SVG text to stand in a page.
"""

import io
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

ACCENT, SECOND, FAINT, INK = "#1f6feb", "#d1570f", "#8b949e", "#24292f"
STYLE: Any = {
    # Text stays text; equal charts are equal files.
    "svg.fonttype": "none",
    "svg.hashsalt": "eruv",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": FAINT,
    "text.color": INK,
    "axes.labelcolor": "#57606a",
    "xtick.color": "#57606a",
    "ytick.color": "#57606a",
}

Lines = Sequence[dict[str, Any]]


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None}, transparent=True)
    svg = text.getvalue()
    return svg[svg.index("<svg") :]


def course_chart(metrics: Lines, pairs_per_step: float, chance: float) -> str:
    """Loss and accuracy over the pairs seen, in training and on held-out pairs."""
    train = [line for line in metrics if line["kind"] == "train"]
    validation = [line for line in metrics if line["kind"] == "validation"]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9, 3), layout="constrained")
        axes = figure.subplots(1, 2)
        for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
            _curve(axis, train, name, pairs_per_step, color=ACCENT, label="training")
            _curve(
                axis, validation, name, pairs_per_step, color=SECOND, marker="o", label="held out"
            )
            axis.set_title(name, loc="left", fontweight="bold")
            axis.set_xlabel("pairs seen")
        axes[1].axhline(chance, color=FAINT, linestyle=":", label="chance")
        axes[1].set_ylim(0, 1)
        for axis in axes:
            axis.legend(frameon=False)
        return _svg(figure)


def _curve(axis: Axes, lines: Lines, name: str, pairs_per_step: float, **style: str) -> None:
    pairs = [line["step"] * pairs_per_step for line in lines]
    axis.plot(pairs, [line[name] for line in lines], **style)  # type: ignore[arg-type]


def confusion_chart(counts: Sequence[Sequence[int]], names: Sequence[str]) -> str:
    """Shares of the answers (columns) to each true relation (rows), in per cent."""
    values = np.asarray(counts, float)
    totals = values.sum(axis=1, keepdims=True)
    shares = 100 * values / np.maximum(totals, 1)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 4.4), layout="constrained")
        axis = figure.subplots()
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=100)
        for (row, column), share in np.ndenumerate(shares):
            shown = f"{share:.0f}" if totals[row, 0] else "–"
            colour = "white" if share > 55 else INK
            axis.text(column, row, shown, ha="center", va="center", color=colour)
        axis.set_xticks(range(len(names)), names)
        axis.set_yticks(range(len(names)), names)
        axis.set_xlabel("answered")
        axis.set_ylabel("true")
        axis.spines[:].set_visible(False)
        axis.tick_params(length=0)
        return _svg(figure)


def bar_chart(values: dict[str, float], chance: float) -> str:
    """Shares as horizontal bars, the first one accented, with a line at chance."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(7, 0.5 + 0.38 * len(values)), layout="constrained")
        axis = figure.subplots()
        colours = [ACCENT] + [FAINT] * (len(values) - 1)
        bars = axis.barh(list(values), list(values.values()), color=colours, height=0.65)
        axis.bar_label(bars, fmt="{:.3f}", padding=4)
        axis.axvline(chance, color=SECOND, linestyle=":")
        axis.invert_yaxis()
        axis.spines[["left", "bottom"]].set_visible(False)
        axis.set_xticks([])
        axis.tick_params(length=0)
        axis.set_xlim(0, max([*values.values(), chance]) * 1.2)
        return _svg(figure)
