"""What the segments of a run allow its task."""

from dataclasses import dataclass

from eruv.pretext import Words
from eruv.reports.results import Record
from eruv.utils.numbers import count, percent


@dataclass(frozen=True)
class AllowedRow:
    """One figure of the training and of the held-out segments; a symbol where it is of a class."""

    title: str
    symbol: str
    training: str
    held_out: str


@dataclass(frozen=True)
class Allowed:
    """Rows, and how many segments the task could not use, in words or empty."""

    rows: list[AllowedRow]
    left_out: str


def allowed(feasibility: Record, words: Words) -> Allowed:
    """The table of one run."""
    training, held_out = feasibility["training"], feasibility["held_out"]
    rows = [
        AllowedRow(
            words.classes[symbol],
            symbol,
            percent(share),
            percent(held_out["possible"].get(symbol)),
        )
        for symbol, share in training["possible"].items()
        if words.needs  # else every segment allows every class
    ]
    rows += [
        AllowedRow(title, "", percent(training[name]), percent(held_out[name]))
        for name, title in words.fallbacks.items()
        if name in training
    ]
    rows += [
        AllowedRow(f"{unit} of this run", "", count(training[unit]), count(held_out[unit]))
        for unit in ("segments", "shots", "videos")
    ]
    return Allowed(rows, _left_out(feasibility.get("left_out"), words))


def _left_out(record: Record | None, words: Words) -> str:
    # Runs of earlier versions did not write it down.
    if not record or not record["segments"]:
        return ""
    return (
        f"Left out were {record['segments']:,} of {record['of']:,} segments: they have fewer than "
        f"the {record['shorter_than']} frames that a {words.sample} takes."
    )
