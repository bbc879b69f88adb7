"""`eruv report`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser, add_library


def arguments(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help="folder made by eruv pretrain")
    parser.add_argument("--to", metavar="FILE", help="page to write; default: RUN/report.html")
    add_library(parser, "needed only if it was moved")


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(result["report"], markup=False)
