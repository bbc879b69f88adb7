"""`eruv embed`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser, add_shared


def arguments(parser: Parser) -> None:
    parser.add_argument("library", metavar="LIBRARY", help="folder made by eruv ingest")
    parser.add_argument(
        "--run", metavar="RUN", required=True, help="folder of the encoder; or hf:FOLDER or hf:ID"
    )
    parser.add_argument(
        "--every_s", type=float, default=1.0, help="seconds from one window to the next"
    )
    parser.add_argument(
        "--workers", type=int, help="number of processes that read clips; default: chosen by device"
    )
    add_shared(parser, "--device", "--engine", "--address")


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(
        f"{result['windows']:,} windows of {result['videos']:,} videos are searchable; "
        f"{result['new_windows']:,} of {result['new_videos']:,} videos are new"
    )
    console.print(f"search: eruv search {result['library']} FILE@12.5-15", markup=False)
    console.print(f"browse: eruv serve {result['library']}", markup=False)
