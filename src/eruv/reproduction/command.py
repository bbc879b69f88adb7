"""`eruv paper`: the paper's tables, published and measured side by side.

The Python function is `eruv.reproduce`: a function of that name would be hidden.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eruv.reproduction.asked import NAMES, Asked
from eruv.reproduction.carry_out import Workplace
from eruv.reproduction.factory import Factory
from eruv.reproduction.given import Given
from eruv.reproduction.pages import write_pages
from eruv.reproduction.plan import data_needed, plan_record, seconds_left
from eruv.reproduction.results import missing_cells, table_record
from eruv.reproduction.work import Failure, carry_out_all
from eruv.utils.console import clock, say
from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock

EVERYTHING = "all"


def reproduce(
    what: Sequence[str],
    to: Path | str,
    given: Given,
    *,
    dry_run: bool = False,
    device: str = "auto",
) -> dict[str, Any]:
    """Fill tables and draw figures of the paper: train what is missing, take what is there.

    A run is known by all its settings and its data, and taken again when and only when they are
    the same. Called again after an interruption, it goes on where it stopped.

    Args:
        what: of table1 to table6, probe, joined, fig5 and fig6; or all.
        to: folder for data, runs and pages.
        given: data, scale and seeds.
        dry_run: only say what would be done.
        device: auto, cpu or cuda.

    Returns:
        plan (title, key, done, pairs or clips, seconds of each run), seconds_left; and, unless it
        is a dry run, tables, files and failed.

    Raises:
        EruvError: for an unknown table, or data that cannot be read.
        Interrupted: after Ctrl-C.
    """
    names = wanted_names(what)
    folder = Path(to)
    scale = given.make_scale()
    sets = given.make_sets(folder / "data", scale)
    place = Workplace(folder / "runs", sets, device)
    work = Asked.of(names, Factory(scale, sets.outlines(), given.seeds, given.relations), place)
    if not work.experiments:
        raise EruvError(
            f"the data given is none that {', '.join(names)} needs. Name more of --untrimmed, "
            f"--ucf101 and --hmdb51."
        )
    if dry_run:
        return {"dry_run": True, **plan_record(work.plan(work.rates()))}
    folder.mkdir(parents=True, exist_ok=True)
    with folder_lock(folder):
        outlines = sets.prepare(data_needed(work.experiments))
        factory = Factory(scale, outlines, given.seeds, given.relations)
        return _carried_out(Asked.of(names, factory, place), folder)


def wanted_names(what: Sequence[str]) -> list[str]:
    """Tables and figures by name, in the order of the paper.

    Raises:
        EruvError: for an unknown one.
    """
    unknown = [name for name in what if name not in (*NAMES, EVERYTHING)]
    if unknown or not what:
        raise EruvError(
            f"there are {', '.join(NAMES)} and {EVERYTHING}; got {', '.join(unknown) or 'none'}."
        )
    return [name for name in NAMES if name in what or EVERYTHING in what]


def _carried_out(asked: Asked, folder: Path) -> dict[str, Any]:
    # One for all: networks of which no run has ended are tried once.
    rates = asked.rates()
    plan = asked.plan(rates)
    todo = sum(not run.done for run in plan)
    say(f"paper: {todo} of {len(plan)} runs are to be done: about {clock(seconds_left(plan))}")
    failed: list[Failure] = []
    try:
        failed = carry_out_all(plan, asked.place, rates)
    finally:
        # Whatever happened, what there is by now can be looked at.
        tables, figures = asked.tables(), asked.figures()
        files = write_pages(folder, tables, figures, asked.runs(), asked.factory)
    return {
        "dry_run": False,
        **plan_record(asked.plan(rates)),
        "tables": [table_record(table) for table in tables],
        "missing_cells": missing_cells(tables),
        "failed": [{"title": one.title, "reason": one.reason} for one in failed],
        "files": [str(path) for path in files],
    }
