"""`eruv relations`."""

from typing import TYPE_CHECKING, Any

from rich.console import Console

from eruv.cli.options import Parser, add_library, add_shared
from eruv.cli.output import titled

if TYPE_CHECKING:
    from eruv.pretext import TaskText


def arguments(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help="folder made by eruv pretrain")
    add_library(parser, "needed only if it was moved")
    parser.add_argument(
        "--pairs-per-relation", type=int, default=100, help="number of held-out pairs per relation"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the held-out pairs")
    add_shared(parser, "--device")


def text_of(result: dict[str, Any]) -> "TaskText":
    """Names of the samples and classes of a result's pretext task."""
    # Imported late: it loads torch, which --help does not need.
    from eruv.pretext import TASKS

    return TASKS[result.get("pretext", "eruv")].text  # earlier results are all eruv's


def show(console: Console, result: dict[str, Any]) -> None:
    text = text_of(result)
    paper = result.get("paper")
    numbers = ["accuracy", "chance", *(["paper (C3D, THUMOS14)"] if paper else [])]
    title = f"{text.kind} accuracy on held-out {text.sample}s"
    table = titled(title, text.kind, numbers=numbers)
    chance = f"{result['chance']:.3f}"
    for name, accuracy in result["relations"].items():
        shown = "–" if accuracy is None else f"{accuracy:.3f}"
        row = [f"{name}  {text.classes[name]}", shown, chance]
        table.add_row(*row, *([f"{paper[name]:.3f}"] if paper else []))
    table.add_section()
    row = ["mean", f"{result['relation_accuracy']:.3f}", chance]
    table.add_row(*row, *([f"{paper['overall']:.3f}"] if paper else []), style="bold")
    console.print(table)
    console.print(f"{result['pairs_per_relation']} {text.sample}s per {text.kind}")
