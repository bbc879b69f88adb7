"""`eruv serve`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser, add_shared
from eruv.utils.numbers import hours


def arguments(parser: Parser) -> None:
    parser.add_argument(
        "library",
        metavar="LIBRARY",
        help="library made by eruv ingest: a folder, or an address on object storage",
    )
    parser.add_argument("--run", metavar="RUN", help="encoder; default: the one that embedded last")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; 0.0.0.0 lets other machines in, with a token",
    )
    parser.add_argument(
        "--port", type=int, default=8340, help="port to listen on; 0 takes a free one"
    )
    parser.add_argument(
        "--token", metavar="TEXT", help="token that other machines need; default: a random one"
    )
    parser.add_argument(
        "--name",
        metavar="HOST",
        help="another host name of the page, such as that of a reverse proxy",
    )
    add_shared(parser, "--device")


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(f"the page was served for {hours(result['seconds'])}")
