"""`eruv predict`."""

from pathlib import Path
from typing import Any

from jsonargparse import Namespace
from rich.console import Console
from rich.text import Text

import eruv
from eruv.cli.options import STRICT, Parser, add_device, add_threads, add_videos
from eruv.cli.output import line, narrow, show_damaged, show_faults
from eruv.detection.export.timecode import written_time
from eruv.utils.results import Result


def arguments(parser: Parser) -> None:
    parser.add_argument("model", metavar="MODEL", help="folder made by eruv finetune")
    add_videos(parser)
    parser.add_argument("--shots", action="store_true", help="a prediction for every shot")
    add_device(parser)
    add_threads(parser)
    parser.add_argument("--strict", action="store_true", help=STRICT)


def call(options: Namespace) -> Result:
    return eruv.predict(
        options.model,
        options.videos,
        shots=options.shots,
        device=options.device,
        threads=options.threads,
    )


def show(console: Console, result: dict[str, Any]) -> None:
    table = narrow("video", "label", numbers=["score", "start", "end", "took (s)"])
    for column in table.columns[2:]:
        column.no_wrap = True
    for video in result["videos"]:
        name, seconds = line(Path(video["path"]).name), f"{video['seconds']:.2f}"
        for row in video["predictions"]:
            times = (written_time(row["start_s"]), written_time(row["end_s"]))
            table.add_row(Text(name), Text(row["label"]), f"{row['score']:.3f}", *times, seconds)
            name = seconds = ""  # once for each video
    console.print(table)
    show_damaged(console, result)
    show_faults(console, "unreadable", result["unreadable"])
