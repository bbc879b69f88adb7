"""What tables of several commands are made of."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from eruv.utils.paths import printable

SHOWN_FILES = 10

Result = dict[str, Any]


def plain(title: str) -> Table:
    """A table without an edge, to be filled."""
    return Table(title=title, title_justify="left", show_edge=False, pad_edge=False)


def line(path: str) -> str:
    """A path as one line of text."""
    return printable(Path(path))


def show_files(console: Console, title: str, lines: list[str]) -> None:
    """The first lines of what may be many, under their number."""
    if not lines:
        return
    console.print(f"{len(lines)} {title}", style="bold")
    for text in lines[:SHOWN_FILES]:
        console.print(f"  {text}", markup=False)
    if len(lines) > SHOWN_FILES:
        console.print(f"  ... and {len(lines) - SHOWN_FILES} more (--json lists all)")


def damage_lines(damaged: list[Result]) -> list[str]:
    """Files whose broken parts were left out."""
    return [
        f"{line(row['path'])}: {row['failed_packets']} of {row['packets']} packets, "
        f"{row['lost_s']:.2f} s lost; {row['first_failure']}"
        for row in damaged
    ]


def fault_lines(faults: list[Result]) -> list[str]:
    """Files that could not be read."""
    return [
        f"{line(row['path'])}: {row['reason']}"
        + (f" ({row['position']})" if row["position"] else "")
        for row in faults
    ]
