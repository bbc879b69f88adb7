"""Results of `eruv retrieve` and `eruv attention` as tables for a person."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

Result = dict[str, Any]


def show_retrieve(console: Console, result: Result) -> None:
    """Recall beside chance, and beside what is published on the same data set."""
    table = Table(
        title=f"retrieval on {result['data_set']}: a right one among the k nearest (%)",
        title_justify="left",
        show_edge=False,
        pad_edge=False,
    )
    table.add_column("features")
    for k in result["recall"]:
        table.add_column(f"k = {k}", justify="right")
    table.add_row(Text(result["title"]), *_per_cent(result["recall"].values()), style="bold")
    table.add_row("chance", *_per_cent(result["chance"].values()))
    published = result["published"]
    if published:
        table.add_section()
        table.add_row(f"published ({published['table']}, split 1)")
        for method, row in published["rows"].items():
            table.add_row(f"  {method}", *(f"{value:.1f}" for value in row))
    console.print(table)
    console.print(
        f"level {result['level']}: {result['queries']:,} queries, {result['gallery']:,} in the "
        f"gallery, {result['classes']:,} classes"
    )
    console.print(f"page: {result['page']}", markup=False)


def _per_cent(shares: Any) -> list[str]:
    return [f"{100 * share:.1f}" for share in shares]


def show_attention(console: Console, result: Result) -> None:
    """What was written."""
    for one in result["encoders"]:
        console.print(f"{one['title']}: {one['run']}", markup=False)
    for path in result["files"]:
        console.print(path, markup=False)
