"""`eruv remove`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser
from eruv.cli.output import show_files
from eruv.utils.paths import printable


def arguments(parser: Parser) -> None:
    parser.add_argument("library", metavar="LIBRARY", help="folder made by eruv ingest")
    parser.add_argument(
        "videos", metavar="VIDEO", nargs="+", help="files, folders, or ids of videos"
    )


def show(console: Console, result: dict[str, Any]) -> None:
    show_files(console, "removed; their own files stay", list(map(printable, result["removed"])))
    console.print(f"{result['videos']:,} videos are left in {result['library']}", markup=False)
