"""Results as tables for a person.

Comes in: the result of a command. Goes out: text on stdout.
"""

from typing import Any

from rich.console import Console
from rich.table import Table

from eruv.progress import clock

SHOWN_FILES = 10

Result = dict[str, Any]


def show(command: str, result: Result) -> None:
    """Print what a command found."""
    console = Console(soft_wrap=True, highlight=False)
    SHOW[command](console, result)


def _plain(title: str) -> Table:
    return Table(title=title, title_justify="left", show_edge=False, pad_edge=False)


def _show_ingest(console: Console, result: Result) -> None:
    console.print(
        f"{result['videos']:,} videos, {result['shots']:,} shots, {result['segments']:,} segments, "
        f"{result['frames']:,} frames in {result['library']}; "
        f"{result['new_videos']:,} videos new, in {clock(result['seconds'])}"
    )
    _show_files(console, "too short: no shot of 48 frames", result["too_short"])
    _show_files(
        console, "same bytes as another", [f"{path} = {first}" for path, first in result["aliases"]]
    )
    _show_files(
        console,
        "damaged, kept without the broken parts",
        [
            f"{row['path']}: {row['failed_packets']} of {row['packets']} packets, "
            f"{row['lost_s']:.2f} s lost; {row['first_failure']}"
            for row in result["damaged"]
        ],
    )
    _show_files(
        console,
        "quarantined, not used",
        [f"{row['path']}: {row['reason']} ({row['position']})" for row in result["quarantined"]],
    )


def _show_files(console: Console, title: str, lines: list[str]) -> None:
    if not lines:
        return
    console.print(f"{len(lines)} {title}", style="bold")
    for line in lines[:SHOWN_FILES]:
        console.print(f"  {line}", markup=False)
    if len(lines) > SHOWN_FILES:
        console.print(f"  ... and {len(lines) - SHOWN_FILES} more (--json lists all)")


def _show_relations(console: Console, result: Result) -> None:
    # It brings torch, which commands that do not train come without.
    from eruv.pretext.eruv import RELATIONS

    paper = result.get("paper")
    table = _plain("relation accuracy on held-out pairs")
    table.add_column("relation")
    table.add_column("accuracy", justify="right")
    table.add_column("chance", justify="right")
    if paper:
        table.add_column("paper (C3D, THUMOS14)", justify="right")
    chance = f"{result['chance']:.3f}"
    for name, accuracy in result["relations"].items():
        shown = "–" if accuracy is None else f"{accuracy:.3f}"
        row = [f"{name}  {RELATIONS[name]}", shown, chance]
        table.add_row(*row, *([f"{paper[name]:.3f}"] if paper else []))
    table.add_section()
    row = ["mean", f"{result['relation_accuracy']:.3f}", chance]
    table.add_row(*row, *([f"{paper['overall']:.3f}"] if paper else []), style="bold")
    console.print(table)
    console.print(f"{result['pairs_per_relation']} pairs for each relation")


def _show_pretrain(console: Console, result: Result) -> None:
    console.print(
        f"{result['run']}: {result['pairs_seen']:,} pairs seen in {clock(result['seconds'])}; best "
        f"validation accuracy {result['best_accuracy']:.3f} at step {result['best_step']}"
    )


def _show_run(console: Console, result: Result) -> None:
    console.print(
        f"{result['videos']:,} videos, {result['shots']:,} shots, {result['segments']:,} segments; "
        f"{result['quarantined']} files quarantined, {result['damaged']} damaged, "
        f"{result['too_short']} too short"
    )
    _show_relations(console, result)
    _show_end(console, result)


def _show_demo(console: Console, result: Result) -> None:
    _show_relations(console, result)
    console.print()
    table = _plain("nearest-neighbour retrieval of actions, queries from held-out films")
    table.add_column("features")
    table.add_column("recall at 1", justify="right")
    for title, name in (
        ("trained encoder", "retrieval_top1"),
        ("untrained encoder", "retrieval_top1_untrained"),
        ("trained encoder, first frame repeated", "retrieval_top1_still"),
        ("colour histogram", "retrieval_top1_colour"),
        ("chance", "retrieval_chance"),
    ):
        table.add_row(title, f"{result[name]:.3f}")
    console.print(table)
    console.print(f"{result['queries']} queries, {result['gallery']} videos in the gallery")
    _show_end(console, result)


def _show_end(console: Console, result: Result) -> None:
    stages = ", ".join(f"{name} {clock(s)}" for name, s in result["stage_seconds"].items())
    console.print(
        f"{result['pairs_seen']:,} pairs seen; {clock(result['seconds'])} in all ({stages})"
    )
    console.print(f"report: {result['report']}", markup=False)


def _show_report(console: Console, result: Result) -> None:
    console.print(result["report"], markup=False)


def _show_doctor(console: Console, result: Result) -> None:
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    console.print(f"python {result['python']} on {result['platform']}")
    console.print(versions)
    console.print(f"devices: {', '.join(result['devices'])}")
    console.print(f"{result['cores']} cores, {result['threads']} torch threads")
    console.print(
        f"{result['free_memory_gb']} of {result['memory_gb']} GB memory free, "
        f"{result['free_disk_gb']} GB disk free here"
    )
    known = ", ".join(name for name, present in result["codecs"].items() if present)
    console.print(f"codecs: {known}")
    for problem in result["problems"]:
        console.print(f"problem: {problem}", style="bold red")
    if not result["problems"]:
        console.print("nothing wrong")


SHOW = {
    "demo": _show_demo,
    "run": _show_run,
    "ingest": _show_ingest,
    "pretrain": _show_pretrain,
    "relations": _show_relations,
    "report": _show_report,
    "doctor": _show_doctor,
}
