"""`eruv check`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser
from eruv.cli.output import show_failed_videos


def arguments(parser: Parser) -> None:
    parser.add_argument("library", metavar="LIBRARY", help="folder made by eruv ingest")


def show(console: Console, result: dict[str, Any]) -> None:
    sound = result["videos"] - len(result["failed"])
    console.print(f"{sound:,} of {result['videos']:,} videos are whole")
    show_failed_videos(console, "cannot be used as they are", result["failed"])
    notes = {
        "orphans": "have remains of an interrupted command",
        "without_digest": "came with an earlier version: their frames were counted",
        "without_files": "have no file any more: their proxies serve, but could not be repaired",
    }
    for name, words in notes.items():
        if result[name]:
            console.print(f"{result[name]:,} {words}")
    if result["quarantined"]:
        console.print(f"{result['quarantined']:,} files are quarantined")
    if result["failed"] or result["orphans"]:
        console.print(f"mend them: eruv repair {result['library']}", markup=False)
