"""`eruv retrieve`."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.text import Text

from eruv.cli.options import Parser, add_dataset, add_library, add_shared
from eruv.cli.output import titled


def arguments(parser: Parser) -> None:
    add_dataset(parser)
    parser.add_argument("--run", metavar="RUN", required=True, help="folder of the encoder")
    parser.add_argument(
        "--to", metavar="DIR", help="folder for the results; default: one per data set in RUN"
    )
    parser.add_argument(
        "--level",
        choices=("video", "clip"),
        default="video",
        help="whether queries are videos or clips",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of the queries that the page shows at random"
    )
    add_library(
        parser,
        "default: one next to RUN that has them, else in DIR; runs can share one",
    )
    add_shared(parser, "--workers", "--device")


def show(console: Console, result: dict[str, Any]) -> None:
    title = f"retrieval on {result['data_set']}: recall@k (%)"
    table = titled(title, "features", numbers=[f"k = {k}" for k in result["recall"]])
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


def _per_cent(shares: Iterable[float]) -> list[str]:
    return [f"{100 * share:.1f}" for share in shares]
