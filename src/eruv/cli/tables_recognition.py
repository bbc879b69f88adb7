"""Results of recognition as tables for a person."""

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from eruv.cli.tables_parts import Result, damage_lines, fault_lines, line, plain, show_files
from eruv.detection.export.timecode import written_time
from eruv.utils.console import clock
from eruv.utils.paths import printable

# A larger matrix is wider than a terminal: the pairs that are confused most stand for it.
WIDEST_MATRIX = 12
SHOWN_CONFUSIONS = 10
SHORT_NAME = 14


def show_finetune(console: Console, result: Result) -> None:
    """How the training went and, where it was tested, what it is worth."""
    console.print(
        f"{line(result['model'])}: {result['clips_seen']:,} clips of {result['data']} seen in "
        f"{clock(result['seconds'])}; kept are the weights of step {result['best_step']}, with a "
        f"validation loss of {result['best_loss']:.3f} and accuracy of "
        f"{result['best_accuracy']:.3f}",
        markup=False,
    )
    if "test" in result:
        _show_recognition(console, result["test"])


def _show_recognition(console: Console, result: Result) -> None:
    counts = dict(zip(result["class_accuracy"], result["confusion"], strict=True))
    table = plain(f"recognition on {result['videos']:,} test videos")
    table.add_column("class")
    table.add_column("videos", justify="right")
    table.add_column("accuracy", justify="right")
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
    table = Table(title="confusion: rows are true", title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for number in range(len(counts)):
        table.add_column(f"{number + 1}", justify="right")
    for number, (name, row) in enumerate(counts.items(), start=1):
        short = name if len(name) <= SHORT_NAME else f"{name[: SHORT_NAME - 1]}…"
        table.add_row(Text(f"{number} {short}"), *(f"{count:,}" if count else "·" for count in row))
    console.print(table)


def _show_most_confused(console: Console, counts: dict[str, list[int]]) -> None:
    names = list(counts)
    confused = sorted(
        (
            (-count, true, taken)
            for true, row in zip(names, counts.values(), strict=True)
            for taken, count in zip(names, row, strict=True)
            if count and taken != true
        ),
    )[:SHOWN_CONFUSIONS]
    if not confused:
        return
    table = plain("confused most")
    for name in ("class", "taken for"):
        table.add_column(name)
    table.add_column("videos", justify="right")
    for minus_count, true, taken in confused:
        table.add_row(Text(true), Text(taken), f"{-minus_count:,}")
    console.print(table)


def show_predict(console: Console, result: Result) -> None:
    """A row for each video, or for each shot."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("video", overflow="fold")
    table.add_column("label")
    for name in ("score", "start", "end", "took (s)"):
        table.add_column(name, justify="right", no_wrap=True)
    for video in result["videos"]:
        for number, row in enumerate(video["predictions"]):
            table.add_row(
                Text(printable(Path(Path(video["path"]).name))) if number == 0 else "",
                Text(row["label"]),
                f"{row['score']:.3f}",
                written_time(row["start_s"]),
                written_time(row["end_s"]),
                f"{video['seconds']:.2f}" if number == 0 else "",
            )
    console.print(table)
    show_files(console, "damaged, read without the broken parts", damage_lines(result["damaged"]))
    show_files(console, "unreadable", fault_lines(result["unreadable"]))
