"""`eruv finetune`."""

from typing import Any

from rich.console import Console

from eruv.cli.options import Parser, add_dataset, add_library, add_shared, add_training
from eruv.cli.output import line
from eruv.cli.recognition import show as show_recognition
from eruv.utils.console import clock

MOST_PEOPLE_NEED = (
    "backbone", "width", "batch_size", "epochs", "steps", "held_out", "labels_per_class", "seed",
)  # fmt: skip


def arguments(parser: Parser) -> None:
    from eruv.training.finetune_config import FinetuneConfig

    add_dataset(parser)
    parser.add_argument("--to", metavar="MODEL", required=True, help="folder of the classifier")
    parser.add_argument(
        "--init",
        "--run",
        metavar="RUN",
        help="folder of the encoder to fine-tune; default: from scratch",
    )
    add_library(parser, "default: in MODEL")
    add_shared(parser, "--workers", "--device")
    add_training(parser, FinetuneConfig, MOST_PEOPLE_NEED)


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(
        f"{line(result['model'])}: {result['clips_seen']:,} clips of {result['data']} seen in "
        f"{clock(result['seconds'])}; kept are the weights of step {result['best_step']}, with a "
        f"validation loss of {result['best_loss']:.3f} and accuracy of "
        f"{result['best_accuracy']:.3f}",
        markup=False,
    )
    if result.get("test"):
        show_recognition(console, result["test"])
