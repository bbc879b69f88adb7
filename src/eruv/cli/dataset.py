"""`eruv dataset`."""

from typing import Any

from rich.console import Console
from rich.text import Text

from eruv.cli.options import Parser, add_dataset, add_shared
from eruv.cli.output import show_problems, titled

SHOWN_CLASSES = 20


def arguments(parser: Parser) -> None:
    add_dataset(parser)
    parser.add_argument("--to", metavar="LIBRARY", help="ingest the videos into this library")
    add_shared(parser, "--workers")
    parser.add_argument("--strict", action="store_true", help="exit with 3 if there are problems")


def show(console: Console, result: dict[str, Any]) -> None:
    classes = result["classes"]
    table = titled(result["name"], "class", numbers=["train", "test"])
    for row in classes[:SHOWN_CLASSES]:
        table.add_row(Text(row["class"]), f"{row['train']:,}", f"{row['test']:,}")
    if len(classes) > SHOWN_CLASSES:
        table.add_row(f"... and {len(classes) - SHOWN_CLASSES} more (--json lists all)", "", "")
    table.add_section()
    table.add_row(
        f"{len(classes):,} classes", f"{result['train']:,}", f"{result['test']:,}", style="bold"
    )
    console.print(table)
    if result["library"] is not None:
        console.print(f"in the library {result['library']}", markup=False)
    show_problems(console, result["problems"])
