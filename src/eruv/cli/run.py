"""`eruv run`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser, add_shared
from eruv.cli.output import show_stages
from eruv.cli.pretrain import add_pretraining
from eruv.cli.relations import show as show_relations
from eruv.cli.relations import words_of


def arguments(parser: Parser) -> None:
    add_shared(parser, "videos")
    parser.add_argument(
        "--to", metavar="DIR", required=True, help="folder for library, run and report"
    )
    add_shared(parser, "--shortest_segment", "--workers", "--device", "--strict")
    add_pretraining(parser)


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(
        f"{result['videos']:,} videos, {result['shots']:,} shots, {result['segments']:,} segments; "
        f"{result['quarantined']} files quarantined, {result['damaged']} damaged, "
        f"{result['too_short']} too short"
    )
    console.print(
        f"{result['windows']:,} windows can be searched: eruv search --help, eruv serve --help"
    )
    show_relations(console, result)
    show_stages(console, result, words_of(result).sample)
