"""`eruv paper`."""

from typing import Any

from jsonargparse import Namespace
from rich.console import Console

from eruv.cli.options import Parser, add_shared
from eruv.cli.output import narrow, titled
from eruv.utils.console import clock
from eruv.utils.errors import WrongUsage

# Folders of data, and what they hold.
FOLDERS = {
    "untrimmed": "untrimmed videos (in the paper, the validation set of THUMOS14)",
    "ucf101": "UCF101",
    "ucf101_splits": "split files of UCF101",
    "hmdb51": "HMDB51, unpacked",
    "hmdb51_splits": "split files of HMDB51",
    "labelled": "data set to use instead of HMDB51: a folder per class, or a CSV table",
}


def arguments(parser: Parser) -> None:
    from eruv.reproduction.command import EVERYTHING, NAMES

    parser.add_argument(
        "what", metavar="WHAT", nargs="+", help=f"{', '.join(NAMES)}; or {EVERYTHING}"
    )
    parser.add_argument(
        "--to", metavar="DIR", required=True, help="folder for data, runs and pages"
    )
    parser.add_argument("--small", action="store_true", help="built-in films: six hours per seed")
    parser.add_argument("--smoke", action="store_true", help="every code path, within minutes")
    for name, content in FOLDERS.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, metavar="DIR", help=content)
    parser.add_argument(
        "--seeds", default="0", help="seeds of C3D, as in 0,1,2; other networks use the first"
    )
    parser.add_argument(
        "--relations",
        action="append",
        metavar="NAMES",
        help="another row of Table II, as in C_S,P_S; may be repeated",
    )
    parser.add_argument(
        "--pairs", type=int, metavar="N", help="samples per pre-training; default: the scale's"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="only show what would be done and how long it would take",
    )
    add_shared(parser, "--device")


def translate(options: Namespace) -> None:
    if options.small and options.smoke:
        raise WrongUsage("--small and --smoke are two scales: pass only one.")
    words = options.seeds.split(",")
    if not all(word.isdecimal() for word in words):
        raise WrongUsage(f"--seeds must be numbers, as in 0,1,2; got {options.seeds}.")
    options.seeds = tuple(map(int, words))
    options.scale = "smoke" if options.smoke else "small" if options.small else "paper"
    options.relations = options.relations or ()


def show(console: Console, result: dict[str, Any]) -> None:
    if result["dry_run"]:
        _show_plan(console, result)
        return
    for table in result["tables"]:
        _show_table(console, table)
        console.print()
    for failure in result["failed"]:
        console.print(f"failed: {failure['title']}: {failure['reason']}", markup=False)
    for path in result["files"]:
        console.print(path, markup=False)


def _show_plan(console: Console, result: dict[str, Any]) -> None:
    table = narrow("run", "state", numbers=["pairs or clips", "time"])
    for run in result["plan"]:
        samples = "?" if run["samples"] is None else f"{run['samples']:,}" if run["samples"] else ""
        seconds = "?" if run["seconds"] is None else clock(run["seconds"])
        table.add_row(run["title"], "done" if run["done"] else "to do", samples, seconds)
    console.print(table)
    unknown = f"; {result['unknown_times']} of unknown length" if result["unknown_times"] else ""
    console.print(
        f"{result['runs']} runs, {result['to_do']} to do: about "
        f"{clock(result['seconds_left'])} on this machine{unknown}"
    )


def _show_table(console: Console, record: dict[str, Any]) -> None:
    table = titled(record["title"], "", numbers=record["columns"])
    table.columns[0].no_wrap = True
    for row in record["rows"]:
        table.add_row(row["title"], *(_cell(cell) for cell in row["cells"]))
    console.print(table)
    for text in (
        "measured ± spread (published, and the difference where comparable), in per cent",
        " ".join([*record["notes"], record["seeds"]]),
    ):
        console.print(text, markup=False, style="dim")


def _cell(cell: dict[str, Any]) -> str:
    published = "–" if cell["published"] is None else f"{cell['published']:.1f}"
    if cell["measured"] is None:
        return f"({published})" if cell["published"] is not None else published
    text = f"{cell['measured']:.1f}"
    if cell["spread"] is not None:
        text += f" ± {cell['spread']:.1f}"
    if cell["published"] is None:
        return text
    if cell["difference"] is None:
        return f"{text} ({published})"
    return f"{text} ({published}, {cell['difference']:+.1f})"
