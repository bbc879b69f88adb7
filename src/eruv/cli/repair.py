"""`eruv repair`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser
from eruv.cli.output import show_failed_videos
from eruv.utils.console import clock


def arguments(parser: Parser) -> None:
    parser.add_argument("library", metavar="LIBRARY", help="folder made by eruv ingest")


def show(console: Console, result: dict[str, Any]) -> None:
    swept = f", leftovers of {result['swept']:,} removed" if result["swept"] else ""
    console.print(f"{result['repaired']:,} videos repaired{swept}, in {clock(result['seconds'])}")
    show_failed_videos(console, "not repaired", result["failed"])
