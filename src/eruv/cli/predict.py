"""`eruv predict`."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from eruv.cli.options import Parser, add_shared
from eruv.cli.output import narrow, show_damaged, show_faults
from eruv.detection.export.timecode import written_time
from eruv.utils.paths import printable


def arguments(parser: Parser) -> None:
    parser.add_argument("model", metavar="MODEL", help="folder made by eruv finetune")
    add_shared(parser, "videos")
    parser.add_argument(
        "--shots", action="store_true", help="predict every shot, not only the video"
    )
    add_shared(parser, "--device", "--threads", "--strict")


def show(console: Console, result: dict[str, Any]) -> None:
    table = narrow("video", "label", numbers=["score", "start", "end", "took (s)"])
    for column in table.columns[2:]:
        column.no_wrap = True
    for video in result["videos"]:
        name, seconds = printable(Path(video["path"]).name), f"{video['seconds']:.2f}"
        for row in video["predictions"]:
            times = (written_time(row["start_s"]), written_time(row["end_s"]))
            table.add_row(Text(name), Text(row["label"]), f"{row['score']:.3f}", *times, seconds)
            name = seconds = ""  # once for each video
    console.print(table)
    show_damaged(console, result)
    show_faults(console, "unreadable", result["unreadable"])
