"""`eruv run`."""

from typing import Any

from jsonargparse import Namespace
from rich.console import Console

import eruv
from eruv.cli.options import STRICT, Parser, add_device, add_videos, add_workers
from eruv.cli.output import show_stages
from eruv.cli.pretrain import add_pretraining
from eruv.cli.relations import show as show_relations
from eruv.cli.relations import words_of
from eruv.utils.results import Result


def arguments(parser: Parser) -> None:
    add_videos(parser)
    parser.add_argument(
        "--to", metavar="DIR", required=True, help="folder for library, run and report"
    )
    add_workers(parser)
    add_device(parser)
    parser.add_argument("--strict", action="store_true", help=STRICT)
    add_pretraining(parser)


def call(options: Namespace) -> Result:
    return eruv.run(
        options.videos,
        options.to,
        options.training,
        init=options.init,
        workers=options.workers,
        device=options.device,
    )


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(
        f"{result['videos']:,} videos, {result['shots']:,} shots, {result['segments']:,} segments; "
        f"{result['quarantined']} files quarantined, {result['damaged']} damaged, "
        f"{result['too_short']} too short"
    )
    show_relations(console, result)
    show_stages(console, result, words_of(result).sample)
