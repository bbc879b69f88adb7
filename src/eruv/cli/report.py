"""`eruv report`."""

from typing import Any

from jsonargparse import Namespace
from rich.console import Console

import eruv
from eruv.cli.options import Parser, add_library
from eruv.utils.results import Result


def arguments(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help="folder made by eruv pretrain")
    parser.add_argument("--to", metavar="FILE", help="page to write; default: RUN/report.html")
    add_library(parser, "only if it was moved")


def call(options: Namespace) -> Result:
    return eruv.report(options.run, options.to, library=options.library)


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(result["report"], markup=False)
