"""The result of `eruv paper` as tables for a person."""

from typing import Any

from rich.console import Console
from rich.table import Table

from eruv.utils.console import clock

Result = dict[str, Any]


def show_paper(console: Console, result: Result) -> None:
    """Print tables, or the plan of a dry run."""
    if result["dry_run"]:
        _show_plan(console, result)
        return
    for table in result["tables"]:
        _show_table(console, table)
        console.print()
    for failure in result["failed"]:
        console.print(f"failed: {failure['title']}: {failure['reason']}", markup=False)
    for path in result["files"]:
        console.print(path, markup=False)


def _show_plan(console: Console, result: Result) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("run", "state", "pairs or clips", "time"):
        table.add_column(name, justify="left" if name in ("run", "state") else "right")
    for run in result["plan"]:
        samples = "?" if run["samples"] is None else f"{run['samples']:,}" if run["samples"] else ""
        seconds = "?" if run["seconds"] is None else clock(run["seconds"])
        table.add_row(run["title"], "there" if run["done"] else "to do", samples, seconds)
    console.print(table)
    unknown = f"; {result['unknown_times']} of unknown length" if result["unknown_times"] else ""
    console.print(
        f"{result['runs']} runs, {result['to_do']} to do: about "
        f"{clock(result['seconds_left'])} on this machine{unknown}"
    )


def _show_table(console: Console, record: Result) -> None:
    table = Table(title=record["title"], title_justify="left", show_edge=False, pad_edge=False)
    table.add_column("", no_wrap=True)
    for column in record["columns"]:
        table.add_column(column, justify="right", overflow="fold")
    for row in record["rows"]:
        table.add_row(row["title"], *(_cell(cell) for cell in row["cells"]))
    console.print(table)
    console.print(
        "measured ± spread (published, and the difference where it is comparable), in per cent",
        markup=False,
        style="dim",
    )
    console.print(" ".join([*record["notes"], record["seeds"]]), markup=False, style="dim")


def _cell(cell: Result) -> str:
    published = "–" if cell["published"] is None else f"{cell['published']:.1f}"
    if cell["measured"] is None:
        return f"({published})" if cell["published"] is not None else published
    text = f"{cell['measured']:.1f}"
    if cell["spread"] is not None:
        text += f" ± {cell['spread']:.1f}"
    if cell["published"] is None:
        return text
    if cell["difference"] is None:
        return f"{text} ({published})"
    return f"{text} ({published}, {cell['difference']:+.1f})"
