"""`eruv attention`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser, add_shared

INTERRUPTED = "no file is left half written"


def arguments(parser: Parser) -> None:
    parser.add_argument(
        "runs", metavar="RUN", nargs="+", help="folders of encoders, shown side by side"
    )
    parser.add_argument("video", metavar="VIDEO", help="any video file; the last argument")
    parser.add_argument("--to", metavar="DIR", default=".", help="folder for the files")
    parser.add_argument(
        "--start", dest="start_s", type=float, default=0.0, help="start, in seconds"
    )
    parser.add_argument(
        "--end", dest="end_s", type=float, help="end, in seconds; default: the end of the video"
    )
    parser.add_argument(
        "--no-film", dest="film", action="store_false", help="write only the figure, no mp4"
    )
    add_shared(parser, "--device", "--threads")


def show(console: Console, result: dict[str, Any]) -> None:
    for one in result["encoders"]:
        console.print(f"{one['title']}: {one['run']}", markup=False)
    for path in result["files"]:
        console.print(path, markup=False)
