"""What 1,000, 100,000 and a million hours of video take and cost, and what breaks first.

    python benchmarks/cost.py [--hours 1000 100000 1000000] [--core-hour 0.04] [--every-s 1] ...

Every measured constant comes from a page of docs/benchmarks; footage, machines and prices are
parameters, listed on the page. Nothing of this size was run.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from catalogue_scale import SEGMENTS, VIDEOS
from cost_model import (
    FRAMES_PER_SECOND,
    ROWS_OF_FILE,
    Assumptions,
    Demand,
    Measured,
    demand,
    dollars,
    measured,
)
from eruv.library.ingest import COMMIT_VIDEOS
from pages import DOCS, write_page

BASE = "open"  # the operation that reads no rows: the interpreter and its libraries
OF_SEGMENTS = "segment arrays (start of a training)"
INDEX, MEMORY = "building the search index", "memory"
EVERY_S = "`--every-s`, see below"
DAY_S = 86_400.0


def size(gigabytes: float) -> str:
    """Megabytes, gigabytes or terabytes."""
    if gigabytes < 1:
        return f"{1000 * gigabytes:,.0f} MB"
    return f"{gigabytes / 1000:,.1f} TB" if gigabytes >= 1000 else f"{gigabytes:,.1f} GB"


def number(value: float) -> str:
    """Whole, or with a digit behind the point where it is small."""
    return f"{value:,.0f}" if value >= 10 else f"{value:,.1f}"


def time_of(hours: float) -> str:
    """Hours, days or years."""
    if hours < 48:
        return f"{hours:,.1f} h"
    return f"{hours / 24:,.0f} days" if hours < 2 * 8766 else f"{hours / 8766:,.1f} years"


ROWS: dict[str, Callable[[Demand], str]] = {
    "videos": lambda one: f"{one.videos:,}",
    "segments": lambda one: f"{one.segments / 1e6:,.1f} M",
    "embedded windows": lambda one: f"{one.windows / 1e6:,.1f} M",
    "sources": lambda one: size(1000 * one.source_tb),
    "proxies": lambda one: size(1000 * one.proxy_tb),
    "catalogue": lambda one: size(one.catalogue_gb),
    "vectors, looks and index": lambda one: size(one.vectors_gb),
    "ingest, hours of one core": lambda one: number(one.ingest_core_hours),
    "ingest, wall time": lambda one: time_of(one.writer.seconds / 3600),
    "commits / compactions": lambda one: f"{one.writer.commits:,} / {one.writer.compactions:,}",
    "writer at work": lambda one: f"{one.writer.busy_s / one.writer.seconds:.1%}",
    "of it compaction": lambda one: f"{one.writer.compaction_s / one.writer.seconds:.1%}",
    "sampler, mapped on each machine": lambda one: size(one.sampler_gb),
    "training, hours of one GPU": lambda one: number(one.training_gpu_hours),
    "embedding, hours of one GPU": lambda one: number(one.embed_gpu_hours),
}


@dataclass(frozen=True)
class Limit:
    """Up to how many hours of footage a part stays within a resource."""

    part: str
    resource: str
    hours: float
    beyond: str


def limits(given: Assumptions, constants: Measured) -> list[Limit]:
    """The limits, the lowest first; each part is scaled alone."""
    room = given.memory_gb * 1e9 - constants.peaks[BASE]
    videos_per_hour, windows_per_hour = 60 / given.minutes_per_video, 3600 / given.every_s
    found = []
    for name, peak in constants.peaks.items():
        grown = peak - constants.peaks[BASE]
        if grown > 1e6:
            of_segments = name == OF_SEGMENTS
            each = grown / (SEGMENTS if of_segments else VIDEOS)
            per_hour = given.segments_per_hour if of_segments else videos_per_hour
            found.append(Limit(name, MEMORY, room / (each * per_hour), "several libraries"))
    row_s = max(one["build_s"] / one["rows"] for one in constants.builds)
    last, first = constants.builds[-1], constants.builds[0]
    row_bytes = (last["peak_bytes"] - first["peak_bytes"]) / (last["rows"] - first["rows"])
    found += [
        Limit(INDEX, "a day", DAY_S / row_s / windows_per_hour, EVERY_S),
        Limit(INDEX, MEMORY, room / row_bytes / windows_per_hour, EVERY_S),
    ]
    return sorted(found, key=lambda one: one.hours)


def most_cores(given: Assumptions, constants: Measured) -> float:
    """Cores that keep the one writer busy half of its time, in the largest measured catalogue."""
    largest = constants.commits[-1]
    seconds = largest["commit_s"] / COMMIT_VIDEOS
    video_s = given.minutes_per_video * 60 * FRAMES_PER_SECOND / constants.ingest_rate
    return 0.5 * video_s / seconds


def table(found: Sequence[Demand], given: Assumptions) -> list[str]:
    """Demand and dollars, a column for each number of hours."""
    heads = " | ".join(f"{one.hours:,.0f} h" for one in found)
    lines = [f"| | {heads} |", "|---" * (len(found) + 1) + "|"]
    for name, text in ROWS.items():
        lines.append(f"| {name} | {' | '.join(text(one) for one in found)} |")
    prices = [dollars(one, given) for one in found]
    for name in prices[0]:
        lines.append(f"| {name}, $ | {' | '.join(number(one[name]) for one in prices)} |")
    return lines


def page(found: Sequence[Demand], given: Assumptions, constants: Measured) -> list[str]:
    """The page as Markdown."""
    parts = limits(given, constants)
    assumed = ", ".join(f"{name} {value:g}" for name, value in asdict(given).items())
    return [
        "# What a large library takes",
        "",
        "    python benchmarks/cost.py [--hours ...] [--core-hour ...] [--every-s ...]",
        "",
        "Nothing of this size was run: constants measured on small machines are scaled, and the "
        "writer of the catalogue is simulated commit by commit. Assumed, and parameters of the "
        f"script: {assumed}.",
        "",
        *table(found, given),
        "",
        "One core ingests "
        f"{constants.ingest_rate:.0f} frames/s ([measured](ingest_rate.md)); commits and "
        "compactions cost what they cost in [catalogues of several sizes](commits.md), a "
        f"compaction at most what one of {ROWS_OF_FILE:,} rows costs, since full files are not "
        "written again. A GPU is an H200 with 16 cores "
        f"([measured](gpu.md)): its network makes {constants.pairs_per_s:.0f} pairs/s of C3D at "
        f"full width, its loaders {constants.loader_clips_per_s:,.0f} clips/s, and the slower "
        "counts; embedding a clip is taken to be a third of training on it. Sources are read "
        "once, proxies once to embed and once an epoch; egress costs nothing within a region. "
        "A catalogue under work also holds ten minutes of old versions, up to its size again.",
        "",
        "## What breaks first",
        "",
        f"On a machine with {given.memory_gb:.0f} GB for the catalogue, each part scaled alone:",
        "",
        "| part | limit | holds up to, hours | beyond it |",
        "|---|---|---|---|",
        *(f"| {one.part} | {one.resource} | {one.hours:,.0f} | {one.beyond} |" for one in parts),
        "",
        f"The first is {parts[0].part} ({parts[0].resource}), at {parts[0].hours:,.0f} hours. "
        "A window every ten seconds (`eruv embed --every-s 10`) takes a tenth of the windows, and "
        "moves both rows of the search index accordingly. Beyond that, libraries are kept apart, "
        "by year or by camera: encoders serve any library, and each is searched for itself. "
        f"The index was built of {constants.builds[-1]['rows']:,} windows at most, in time that "
        "grew with the windows; its centres are one for each thousand of them, so that beyond some "
        "size finding them must take more than that.",
        "",
        "The one writer is no limit: "
        f"{most_cores(given, constants):,.0f} cores keep it busy half of the time with commits, "
        "and compaction takes a twentieth of the time at most.",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Compute, and write the page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--hours", type=float, nargs="+", default=[1e3, 1e5, 1e6])
    for field in fields(Assumptions):
        default = getattr(Assumptions(), field.name)
        option = f"--{field.name.replace('_', '-')}"
        parser.add_argument(option, type=type(default), default=default)
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = vars(parser.parse_args(arguments))
    given = Assumptions(**{field.name: options[field.name] for field in fields(Assumptions)})
    constants = measured(given.height)
    found = [demand(hours, given, constants) for hours in options["hours"]]
    results = {"assumptions": asdict(given), "demand": [asdict(one) for one in found]}
    write_page(options["docs"], "cost", page(found, given, constants), results)


if __name__ == "__main__":
    main()
