"""`eruv demo`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser, add_shared
from eruv.cli.output import show_stages, titled
from eruv.cli.relations import show as show_relations
from eruv.cli.relations import text_of


def arguments(parser: Parser) -> None:
    parser.add_argument(
        "--to", metavar="DIR", default="demo", help="folder for films, library, run and report"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of the training; the films stay the same"
    )
    add_shared(parser, "--device")


def show(console: Console, result: dict[str, Any]) -> None:
    # Imported late: it loads torch, which --help does not need.
    from eruv.reports.measured import FEATURES

    show_relations(console, result)
    console.print()
    title = "nearest-neighbour retrieval of actions, queries from held-out films"
    table = titled(title, "features", numbers=["recall at 1"])
    for ending, features in FEATURES.items():
        table.add_row(features, f"{result[f'retrieval_top1{ending}']:.3f}")
    table.add_row("chance", f"{result['retrieval_chance']:.3f}")
    console.print(table)
    console.print(f"{result['queries']} queries, {result['gallery']} videos in the gallery")
    show_stages(console, result, text_of(result).sample)
