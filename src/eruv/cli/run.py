"""`eruv run`."""

from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonargparse import Namespace
from rich.console import Console

from eruv.cli.options import Parser, add_shared
from eruv.cli.output import show_stages
from eruv.cli.pretrain import add_pretraining, of_named_length, recipe_config
from eruv.cli.relations import show as show_relations
from eruv.cli.relations import text_of

if TYPE_CHECKING:
    from eruv.training.pretrain_config import PretrainConfig


def arguments(parser: Parser) -> None:
    add_shared(parser, "videos")
    parser.add_argument(
        "--to", metavar="DIR", required=True, help="folder for library, run and report"
    )
    add_shared(parser, "--shortest_segment", "--workers", "--device", "--strict")
    add_pretraining(parser, _default_config)


def _default_config(options: Namespace, named: Set[str]) -> "PretrainConfig":
    """What the last run in the folder was started with, unless another pretext task is named."""
    from eruv.pipeline import last_config

    last = last_config(Path(options.to)) if options.to else None
    if last is None or ("pretext" in named and options.pretext != last.pretext):
        return recipe_config(options, named)
    return of_named_length(last, named)


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(
        f"{result['videos']:,} videos, {result['shots']:,} shots, {result['segments']:,} segments; "
        f"{result['quarantined']} files quarantined, {result['damaged']} damaged, "
        f"{result['too_short']} too short"
    )
    console.print(
        f"{result['windows']:,} windows are searchable: see eruv search --help, eruv serve --help"
    )
    show_relations(console, result)
    show_stages(console, result, text_of(result).sample)
