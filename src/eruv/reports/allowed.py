"""What the segments of a run allow its task."""

from dataclasses import dataclass

from eruv.pretext import Words
from eruv.reports.results import Record
from eruv.utils.numbers import count, percent

# Rates of what is done where the first choice does not fit, by their names in the record.
FALLBACKS = {
    "C_S_within_one_segment": "fallback: both clips of a same-shot pair from one segment, being "
    "alone in its shot",
    "P_S_only_double_speed": "fallback: sped up two times only, being too short for four times",
    "remote_from_another_segment": "fallback: a remote clip from another segment, having no room "
    "in its own",
}


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
        for name, title in FALLBACKS.items()
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
