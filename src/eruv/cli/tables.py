"""Results as tables for a person."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from eruv.cli.tables_figures import show_attention, show_retrieve
from eruv.cli.tables_paper import show_paper
from eruv.cli.tables_parts import Result, damage_lines, fault_lines, line, plain, show_files
from eruv.cli.tables_recognition import show_finetune, show_predict
from eruv.detection.export.timecode import written_time
from eruv.utils.console import clock

if TYPE_CHECKING:
    from eruv.pretext import Words

SHOWN_CLASSES = 20


def show(command: str, result: Result) -> None:
    """Print what a command found."""
    console = Console(soft_wrap=True, highlight=False)
    SHOW[command](console, result)


def _show_ingest(console: Console, result: Result) -> None:
    console.print(
        f"{result['videos']:,} videos, {result['shots']:,} shots, {result['segments']:,} segments, "
        f"{result['frames']:,} frames in {result['library']}; "
        f"{result['new_videos']:,} videos new, in {clock(result['seconds'])}"
    )
    show_files(console, "too short: no shot of 48 frames", result["too_short"])
    show_files(
        console, "same bytes as another", [f"{path} = {first}" for path, first in result["aliases"]]
    )
    show_files(
        console,
        "damaged, kept without the broken parts",
        damage_lines(result["damaged"]),
    )
    show_files(
        console,
        "quarantined, not used",
        [f"{row['path']}: {row['reason']} ({row['position']})" for row in result["quarantined"]],
    )


def _show_shots(console: Console, result: Result) -> None:
    for video in result["videos"]:
        _show_shots_of(console, video)
    if len(result["videos"]) > 1:
        console.print(f"{len(result['videos']):,} videos, {result['shots']:,} shots")
    show_files(console, "damaged, cut without the broken parts", damage_lines(result["damaged"]))
    show_files(
        console,
        "not written",
        [f"{line(row['path'])}: {row['reason']}" for row in result["not_written"]],
    )
    show_files(console, "unreadable", fault_lines(result["unreadable"]))


def _show_shots_of(console: Console, video: Result) -> None:
    console.print(
        f"{line(video['path'])}: {video['frames']:,} frames, {video['width']}x{video['height']}, "
        f"{video['frames_per_second']:.4g} a second",
        markup=False,
    )
    ways = {one["shot"]: one["how"] for one in video["files"].get("shots", [])}
    # Without lines between the columns it fits into 80 of them.
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("shot", "first frame", "end frame", "start", "end", "length (s)"):
        table.add_column(name, justify="right", no_wrap=name in ("start", "end"))
    table.add_column("begins with")
    if ways:
        table.add_column("written")
    for shot in video["shots"]:
        way = ways.get(shot["shot"])
        table.add_row(*_shot_cells(shot), *([way] if way else []))
    console.print(table)
    _show_written(console, video["files"])
    console.print()


def _show_written(console: Console, files: Result) -> None:
    for kind in ("csv", "edl", "html"):
        if kind in files:
            console.print(line(files[kind]), markup=False)
    if files.get("shots"):
        first, last = files["shots"][0]["path"], files["shots"][-1]["path"]
        console.print(
            line(first) + (f" to {line(Path(last).name)}" if last != first else ""),
            markup=False,
        )


def _shot_cells(shot: Result) -> list[str]:
    frames = shot["transition_frames"]
    return [
        str(shot["shot"]),
        str(shot["start"]),
        str(shot["end"]),
        written_time(shot["start_s"]),
        written_time(shot["end_s"]),
        f"{shot['end_s'] - shot['start_s']:.3f}",
        shot["transition"] + (f", {frames}" if frames else ""),
    ]


def _show_dataset(console: Console, result: Result) -> None:
    classes = result["classes"]
    table = plain(result["name"])
    table.add_column("class")
    table.add_column("train", justify="right")
    table.add_column("test", justify="right")
    for row in classes[:SHOWN_CLASSES]:
        table.add_row(Text(row["class"]), f"{row['train']:,}", f"{row['test']:,}")
    if len(classes) > SHOWN_CLASSES:
        table.add_row(f"... and {len(classes) - SHOWN_CLASSES} more (--json lists all)", "", "")
    table.add_section()
    table.add_row(
        f"{len(classes):,} classes", f"{result['train']:,}", f"{result['test']:,}", style="bold"
    )
    console.print(table)
    if result["library"] is not None:
        console.print(f"in the library {result['library']}", markup=False)
    for problem in result["problems"]:
        console.print(f"problem: {problem}", style="bold red", markup=False)
    if not result["problems"]:
        console.print("nothing wrong")


def _words(result: Result) -> "Words":
    # It brings torch, which commands that do not train come without.
    from eruv.pretext import TASKS

    return TASKS[result.get("pretext", "eruv")].words  # earlier results are all eruv's


def _show_relations(console: Console, result: Result) -> None:
    words = _words(result)
    paper = result.get("paper")
    table = plain(f"{words.kind} accuracy on held-out {words.sample}s")
    table.add_column(words.kind)
    table.add_column("accuracy", justify="right")
    table.add_column("chance", justify="right")
    if paper:
        table.add_column("paper (C3D, THUMOS14)", justify="right")
    chance = f"{result['chance']:.3f}"
    for name, accuracy in result["relations"].items():
        shown = "–" if accuracy is None else f"{accuracy:.3f}"
        row = [f"{name}  {words.classes[name]}", shown, chance]
        table.add_row(*row, *([f"{paper[name]:.3f}"] if paper else []))
    table.add_section()
    row = ["mean", f"{result['relation_accuracy']:.3f}", chance]
    table.add_row(*row, *([f"{paper['overall']:.3f}"] if paper else []), style="bold")
    console.print(table)
    console.print(f"{result['pairs_per_relation']} {words.sample}s for each {words.kind}")


def _show_pretrain(console: Console, result: Result) -> None:
    console.print(
        f"{result['run']}: {result['pairs_seen']:,} {_words(result).sample}s seen in "
        f"{clock(result['seconds'])}; kept are the weights of step {result['best_step']}, with a "
        f"validation accuracy of {result['best_accuracy']:.3f} and loss of "
        f"{result['best_loss']:.3f}"
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
    table = plain("nearest-neighbour retrieval of actions, queries from held-out films")
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
        f"{result['pairs_seen']:,} {_words(result).sample}s seen; "
        f"{clock(result['seconds'])} in all ({stages})"
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
    console.print(f"shots are found in {result['shot_detector_ms']} ms a frame of one core")
    for problem in result["problems"]:
        console.print(f"problem: {problem}", style="bold red")
    if not result["problems"]:
        console.print("nothing wrong")


SHOW = {
    "demo": _show_demo,
    "run": _show_run,
    "ingest": _show_ingest,
    "dataset": _show_dataset,
    "pretrain": _show_pretrain,
    "relations": _show_relations,
    "finetune": show_finetune,
    "predict": show_predict,
    "retrieve": show_retrieve,
    "attention": show_attention,
    "paper": show_paper,
    "report": _show_report,
    "shots": _show_shots,
    "doctor": _show_doctor,
}
