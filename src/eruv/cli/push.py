"""`eruv push`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser


def arguments(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help="folder of an encoder")
    parser.add_argument(
        "hub_id",
        metavar="ORGANISATION/NAME",
        help="repository on the hub; created if it does not exist",
    )
    parser.add_argument("--private", action="store_true", help="make a new repository private")


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(f"pushed: {result['address']}", markup=False)
