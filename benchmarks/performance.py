"""One page of all performance measurements, with charts.

python benchmarks/performance.py
"""

import json
import statistics
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from clip_readers import PARTS
from pages import DOCS

PAGE = DOCS.parent / "performance.md"
PAGES = ("clips", "proxies", "proxy_shortcut", "steps", "sampling", "loader_memory")
OURS, OTHERS = "#0b6e4f", "#9aa5b1"


def bars(axes: Axes, names: Sequence[str], values: Sequence[float], ours: set[str]) -> None:
    """Horizontal bars with their values, the first one on top."""
    places = range(len(names))[::-1]
    axes.barh(places, values, color=[OURS if name in ours else OTHERS for name in names])
    axes.set_yticks(places, names)
    for place, value in zip(places, values, strict=True):
        axes.annotate(
            f" {value:,.3g}" if value < 100 else f" {value:,.0f}", (value, place), va="center"
        )
    axes.margins(x=0.15)


def clips_chart(figure: Figure, results: Any) -> None:
    """Readers of the same proxies."""
    rows = [
        one
        for one in results
        if one["reads"] == "proxies" and one["stride"] == 1 and one["reader"] not in PARTS
    ]
    rows.sort(key=lambda one: -statistics.median(one["clips_per_s"]))
    axes = figure.subplots()
    values = [statistics.median(one["clips_per_s"]) for one in rows]
    bars(axes, [one["reader"] for one in rows], values, {"eruv", "eruv, as planes"})
    axes.set_xlabel("random clips of 16 frames a second, from proxies, one core")


def proxies_chart(figure: Figure, results: Any) -> None:
    """Speed against size."""
    axes = figure.subplots()
    for number, one in enumerate(results):
        axes.plot(one["mb_an_hour"], one["clips_per_s"], "o", color=OTHERS if number else OURS)
        place = (one["mb_an_hour"], one["clips_per_s"])
        axes.annotate(str(number + 1), place, (5, 3), textcoords="offset points", fontsize=8)
    axes.set_xlabel("MB an hour; numbers are rows of the table")
    axes.set_ylabel("clips a second")
    axes.margins(0.2)


def steps_chart(figure: Figure, results: Any) -> None:
    """How many times as fast as the plain loop, by network."""
    plain = {
        (one["backbone"], one["width"]): one["pairs_per_s"]
        for one in results
        if one["way"] == "plain loop"
    }
    ours = [one for one in results if one["way"] == "ours"]
    names = [f"{one['backbone']}, width {one['width']}" for one in ours]
    values = [
        statistics.median(
            a / b
            for a, b in zip(one["pairs_per_s"], plain[one["backbone"], one["width"]], strict=True)
        )
        for one in ours
    ]
    axes = figure.subplots()
    bars(axes, names, values, set(names))
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("pairs a second, times the plain loop's")


def memory_chart(figure: Figure, results: Any) -> None:
    """Memory over clips read."""
    axes = figure.subplots()
    clips, memory = zip(*results["points"], strict=True)
    axes.plot(clips, memory, color=OURS)
    axes.set_ylim(0, 1.2 * max(memory))
    axes.set_xlabel("clips read")
    axes.set_ylabel("MB (USS) of all loader workers")


CHARTS: dict[str, Callable[[Figure, Any], None]] = {
    "clips": clips_chart,
    "proxies": proxies_chart,
    "steps": steps_chart,
    "loader_memory": memory_chart,
}


def draw(name: str, results: Any) -> None:
    """Write NAME.svg, the same bytes for the same results."""
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    CHARTS[name](figure, results)
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(DOCS / f"{name}.svg", metadata={"Date": None})


def section(name: str) -> list[str]:
    """A benchmark's page as a part of this one."""
    stored = json.loads((DOCS / f"{name}.json").read_text())
    lines = [line for line in (DOCS / f"{name}.md").read_text().splitlines() if line[:2] != "!["]
    if name in CHARTS:
        draw(name, stored["results"])
        lines += ["", f"![{lines[0].lstrip('# ')}](benchmarks/{name}.svg)"]
    on = "; ".join(f"{key} {value}" for key, value in stored["measured_on"].items())
    return [f"#{lines[0]}", *lines[1:], "", f"<small>Measured on: {on}.</small>", ""]


def main() -> None:
    """Write the page from whatever was measured so far."""
    there = [name for name in PAGES if (DOCS / f"{name}.json").is_file()]
    lines = [
        "# Performance",
        "",
        "Written by `make bench VIDEOS=DIR`; numbers are in `benchmarks/*.json`. Shot detection "
        "has [a page of its own](benchmarks/shots.md). Ratios are of one round in one run, on the "
        "same machine; absolute figures hold for that machine only.",
        "",
    ]
    for name in there:
        lines += section(name)
    PAGE.write_text("\n".join(lines).rstrip() + "\n")
    print(f"{PAGE}: {', '.join(there)}")


if __name__ == "__main__":
    main()
