"""`eruv pretrain`."""

from collections.abc import Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jsonargparse import Namespace
from rich.console import Console

from eruv.cli.options import DefaultConfig, Parser, add_shared, add_training
from eruv.cli.relations import text_of
from eruv.utils.console import clock

if TYPE_CHECKING:
    from eruv.training.pretrain_config import PretrainConfig

COMMON_SETTINGS = ("pretext", "backbone", "width", "batch_size", "epochs", "pairs", "seed")


def add_pretraining(parser: Parser, default_config: DefaultConfig | None = None) -> None:
    """The settings of a pre-training, and the encoder that it starts from.

    Args:
        parser: to add them to.
        default_config: see `add_training`; by default the recipe laptop.
    """
    from eruv.training.pretrain_config import PretrainConfig

    parser.add_argument("--init", metavar="RUN", help="folder of an earlier encoder to start from")
    add_training(parser, PretrainConfig, COMMON_SETTINGS, default_config or recipe_config)


def recipe_config(options: Namespace, named: Set[str]) -> "PretrainConfig":
    """The default recipe; its task is one of eruv, which other pretexts do not have."""
    from eruv.pretext import TASKS
    from eruv.pretext.relation_settings import RelationSettings
    from eruv.training.pretrain_config import default_recipe

    config, pretext = of_named_length(default_recipe(), named), TASKS.get(options.pretext)
    if pretext is None or pretext.has_settings:
        return config
    return replace(config, task=RelationSettings())


def of_named_length(config: "PretrainConfig", named: Set[str]) -> "PretrainConfig":
    """A configuration without what would overrule a number of epochs, where one is named."""
    if "epochs" not in named:
        return config
    return replace(config, pairs=None, least_pairs=1, most_pairs=None)


def arguments(parser: Parser) -> None:
    parser.add_argument("library", metavar="LIBRARY", help="folder made by eruv ingest")
    parser.add_argument("--to", metavar="RUN", required=True, help="folder of the run")
    add_shared(parser, "--device", "--engine", "--address")
    parser.add_argument(
        "--processes",
        type=int,
        help="number of Ray processes that share each step; default: one per GPU, or per node",
    )
    add_pretraining(parser)


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(
        f"{result['run']}: {result['pairs_seen']:,} {text_of(result).sample}s seen in "
        f"{clock(result['seconds'])}; weights of step {result['best_step']} kept (validation "
        f"accuracy {result['best_accuracy']:.3f}, loss {result['best_loss']:.3f})",
        markup=False,
    )
