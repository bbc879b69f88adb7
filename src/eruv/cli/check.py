"""`eruv check`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser
from eruv.cli.output import show_failed_videos

# Counts of a result, each with its words for one and for several.
NOTES = {
    "orphans": (
        "video has leftovers of an interrupted command",
        "videos have leftovers of an interrupted command",
    ),
    "without_digest": (
        "video is of an earlier version: only its frames were counted",
        "videos are of an earlier version: only their frames were counted",
    ),
    "without_files": (
        "source file is missing: the proxy still works, but could not be rebuilt",
        "source files are missing: the proxies still work, but could not be rebuilt",
    ),
    "quarantined": ("file is quarantined", "files are quarantined"),
}


def arguments(parser: Parser) -> None:
    parser.add_argument("library", metavar="LIBRARY", help="folder made by eruv ingest")


def show(console: Console, result: dict[str, Any]) -> None:
    intact = result["videos"] - len(result["failed"])
    console.print(f"{intact:,} of {result['videos']:,} videos are intact")
    show_failed_videos(console, "cannot be used as they are", result["failed"])
    for name, (one, several) in NOTES.items():
        if result[name]:
            console.print(f"{result[name]:,} {one if result[name] == 1 else several}")
    if result["failed"] or result["orphans"]:
        console.print(f"to repair them: eruv repair {result['library']}", markup=False)
