"""`eruv finetune`."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from eruv.cli.options import Parser, add_dataset, add_library, add_shared, add_training
from eruv.cli.output import titled
from eruv.utils.console import clock
from eruv.utils.paths import printable

COMMON_SETTINGS = (
    "backbone", "width", "batch_size", "epochs", "steps", "held_out", "labels_per_class", "seed",
)  # fmt: skip
# A larger matrix is wider than a terminal: the most confused pairs are shown instead.
WIDEST_MATRIX = 12
SHOWN_CONFUSIONS = 10
SHORT_NAME = 14


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
    add_library(parser, "default: one next to MODEL or RUN that has them, else in MODEL")
    add_shared(parser, "--workers", "--device")
    add_training(parser, FinetuneConfig, COMMON_SETTINGS)


def show(console: Console, result: dict[str, Any]) -> None:
    console.print(
        f"{printable(result['model'])}: {result['clips_seen']:,} clips of {result['data']} seen in "
        f"{clock(result['seconds'])}; weights of step {result['best_step']} kept (validation "
        f"accuracy {result['best_accuracy']:.3f}, loss {result['best_loss']:.3f})",
        markup=False,
    )
    if result.get("test"):
        show_recognition(console, result["test"])


def show_recognition(console: Console, result: dict[str, Any]) -> None:
    counts = dict(zip(result["class_accuracy"], result["confusion"], strict=True))
    title = f"recognition on {result['videos']:,} test videos"
    table = titled(title, "class", numbers=["videos", "accuracy"])
    for name, accuracy in result["class_accuracy"].items():
        shown = "–" if accuracy is None else f"{accuracy:.3f}"
        table.add_row(Text(name), f"{sum(counts[name]):,}", shown)
    table.add_section()
    table.add_row("mean of classes", "", f"{result['mean_class_accuracy']:.3f}", style="bold")
    console.print(table)
    if len(counts) <= WIDEST_MATRIX:
        _show_matrix(console, counts)
    else:
        _show_most_confused(console, counts)
    console.print(
        f"top-1 {result['top1']:.3f}, top-{result['top5_of']} {result['top5']:.3f}, "
        f"chance {result['chance']:.3f}",
        style="bold",
    )


def _show_matrix(console: Console, counts: dict[str, list[int]]) -> None:
    table = Table(
        title="confusion: rows are true classes, columns predicted ones",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    table.add_column("")
    for number in range(len(counts)):
        table.add_column(f"{number + 1}", justify="right")
    for number, (name, row) in enumerate(counts.items(), start=1):
        short = name if len(name) <= SHORT_NAME else f"{name[: SHORT_NAME - 1]}…"
        table.add_row(Text(f"{number} {short}"), *(f"{count:,}" if count else "·" for count in row))
    console.print(table)


def _show_most_confused(console: Console, counts: dict[str, list[int]]) -> None:
    confused = sorted(
        (-count, true, taken)
        for true, row in counts.items()
        for taken, count in zip(counts, row, strict=True)
        if count and taken != true
    )[:SHOWN_CONFUSIONS]
    if not confused:
        return
    table = titled("most confused", "true", "predicted", numbers=["videos"])
    for minus_count, true, taken in confused:
        table.add_row(Text(true), Text(taken), f"{-minus_count:,}")
    console.print(table)
