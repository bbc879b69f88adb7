"""`eruv ingest`."""

from pathlib import Path
from typing import Any

from jsonargparse import Namespace
from rich.console import Console

from eruv.cli.options import Parser, add_shared
from eruv.cli.output import show_damaged, show_faults, show_files
from eruv.utils.console import clock


def arguments(parser: Parser) -> None:
    add_shared(parser, "videos")
    parser.add_argument("--to", metavar="LIBRARY", required=True, help="folder of the library")
    parser.add_argument("--detector", help="shot detector; default: the library's")
    add_shared(parser, "--shortest_segment", "--workers", "--engine", "--address", "--strict")


def translate(options: Namespace) -> None:
    from eruv.cli.shots import detector_of
    from eruv.library.catalogue import chosen_settings

    detector = None if options.detector is None else detector_of(options.detector, [])
    options.settings = chosen_settings(Path(options.to), detector, options.shortest_segment)


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(
        f"{result['videos']:,} videos, {result['shots']:,} shots, {result['segments']:,} segments, "
        f"{result['frames']:,} frames in {result['library']}; "
        f"{result['new_videos']:,} videos new, in {clock(result['seconds'])}",
        markup=False,
    )
    shortest = result["shortest_segment"]
    show_files(console, f"too short: no shot of {shortest} frames", result["too_short"])
    show_files(
        console, "same bytes as another", [f"{path} = {first}" for path, first in result["aliases"]]
    )
    show_damaged(console, result)
    show_faults(console, "quarantined, not used", result["quarantined"])
