"""Parts that the output of several commands is made of."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table

from eruv.utils.console import clock
from eruv.utils.paths import printable

SHOWN_FILES = 10


def titled(title: str, *columns: str, numbers: Iterable[str] = ()) -> Table:
    """A table under a title, to be filled: columns of text, then of numbers."""
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    return _with_columns(table, columns, numbers)


def narrow(*columns: str, numbers: Iterable[str] = ()) -> Table:
    """The same without title and lines, to fit into 80 columns."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    return _with_columns(table, columns, numbers)


def _with_columns(table: Table, columns: Iterable[str], numbers: Iterable[str]) -> Table:
    for column in columns:
        table.add_column(column, overflow="fold")
    for column in numbers:
        table.add_column(column, justify="right", overflow="fold")
    return table


def show_files(console: Console, title: str, lines: list[str]) -> None:
    """The first lines of what may be many, under their number."""
    if not lines:
        return
    console.print(f"{len(lines)} {title}", style="bold")
    for text in lines[:SHOWN_FILES]:
        console.print(f"  {text}", markup=False)
    if len(lines) > SHOWN_FILES:
        console.print(f"  ... and {len(lines) - SHOWN_FILES} more (--json lists all)")


def show_damaged(console: Console, result: dict[str, Any]) -> None:
    """Files that were used without their broken parts."""
    lines = [
        f"{printable(row['path'])}: {row['failed_packets']} of {row['packets']} packets, "
        f"{row['lost_s']:.2f} s lost; {row['first_failure']}"
        for row in result["damaged"]
    ]
    show_files(console, "damaged, read without the broken parts", lines)


def show_faults(console: Console, title: str, faults: list[dict[str, Any]]) -> None:
    """Files of which nothing came, with reason and position."""
    lines = [
        f"{printable(row['path'])}: {row['reason']}"
        + (f" ({row['position']})" if row.get("position") else "")
        for row in faults
    ]
    show_files(console, title, lines)


def show_failed_videos(console: Console, title: str, faults: list[dict[str, str]]) -> None:
    """Videos of a library that are not intact, each with the reason."""
    lines = [f"{printable(one['path'] or one['video_id'])}: {one['reason']}" for one in faults]
    show_files(console, title, lines)


def show_problems(console: Console, problems: list[str]) -> None:
    """Sentences about what is wrong."""
    for problem in problems:
        console.print(f"problem: {problem}", style="bold red", markup=False)
    if not problems:
        console.print("no problems found")


def show_stages(console: Console, result: dict[str, Any], sample: str) -> None:
    """The end of a full pipeline: is the encoder worth trying, samples, times and the report."""
    console.print(result["worth"]["sentence"], style="bold", markup=False)
    stages = ", ".join(f"{name} {clock(s)}" for name, s in result["stage_seconds"].items())
    console.print(
        f"{result['pairs_seen']:,} {sample}s seen; {clock(result['seconds'])} in all ({stages})"
    )
    console.print(f"report: {result['report']}", markup=False)
