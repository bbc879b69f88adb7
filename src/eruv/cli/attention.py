"""`eruv attention`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser, add_shared

INTERRUPTED = "no file is left half written"


def arguments(parser: Parser) -> None:
    parser.add_argument(
        "runs", metavar="RUN", nargs="+", help="folders of encoders, to stand side by side"
    )
    parser.add_argument("video", metavar="VIDEO", help="any video file; it comes last")
    parser.add_argument("--to", metavar="DIR", default=".", help="folder for the files")
    parser.add_argument(
        "--start", dest="start_s", type=float, default=0.0, help="second to begin with"
    )
    parser.add_argument(
        "--end", dest="end_s", type=float, help="second to end before; default: the last"
    )
    parser.add_argument(
        "--no-film", dest="film", action="store_false", help="only the figure, no mp4"
    )
    add_shared(parser, "--device", "--threads")


def show(console: Console, result: dict[str, Any]) -> None:
    for one in result["encoders"]:
        console.print(f"{one['title']}: {one['run']}", markup=False)
    for path in result["files"]:
        console.print(path, markup=False)
