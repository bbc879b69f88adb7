"""The command line: its commands and their exit codes."""

import json
import os
import sys
import threading
import traceback
from errno import ENOSPC
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any

import eruv
from eruv.utils.console import silenced
from eruv.utils.errors import EruvError, Interrupted, WrongUsage
from eruv.utils.paths import printable
from eruv.utils.results import Result

# Each is a function of `eruv`, named in `__init__.pyi`, and a module of this package, loaded when
# the command runs, with `arguments(parser)`, `show(console, result)` and, where options are not
# arguments of the function as they are, `translate(options)`.
COMMANDS = {
    "demo": "the full pipeline on built-in films",
    "run": "the full pipeline on your videos: ingest, pretrain, measure, embed, report",
    "shots": "videos → their shots: a table, files, pictures",
    "ingest": "videos → a library of shots and segments",
    "check": "a library → what is missing or damaged in it",
    "repair": "a library → its damaged parts rebuilt",
    "remove": "a library, videos → the library without them",
    "dataset": "labelled videos → classes, counts, problems",
    "pretrain": "a library → an encoder",
    "relations": "an encoder → its accuracy for each relation",
    "finetune": "labelled videos → a classifier and its test results",
    "predict": "a classifier, videos → labels",
    "retrieve": "an encoder, labelled videos → recall among nearest neighbours",
    "embed": "a library, an encoder → vectors of its moments",
    "search": "a moment → the moments of a library that are most like it",
    "explore": "a library → clusters, a map, outliers, duplicates, still moments",
    "serve": "a library → a page to browse, play and search it",
    "attention": "encoders, a video → pictures of where they look",
    "export": "an encoder or a library → files for other tools",
    "push": "an encoder → the Hugging Face hub",
    "paper": "data sets → the paper's tables and figures",
    "report": "an encoder → report.html",
    "doctor": "versions, devices, memory, and problems with them",
}
# Keys of a result that make --strict fail unless empty.
STRICT_KEYS = ("quarantined", "damaged", "unreadable", "not_written", "problems")
GO_ON = "run the same command again to continue"


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 failed, 2 wrong usage, 130 interrupted.

    With --strict, 3 where files are quarantined, damaged or unreadable, or there are problems.
    """
    words = sys.argv[1:] if arguments is None else arguments
    if words in (["--version"], ["-V"]):
        print(f"eruv {eruv.__version__}")
        sys.exit(0)
    if not words or words[0] in ("-h", "--help"):
        print(_overview())
        sys.exit(0 if words else 2)
    name, rest = words[0], words[1:]
    if name not in COMMANDS:
        _print_error(f"eruv: there is no command {name!r}; there are {', '.join(COMMANDS)}")
        sys.exit(2)
    sys.exit(_run(name, rest))


def _overview() -> str:
    lines = [f"eruv {eruv.__version__}: from raw videos to a trained video encoder", ""]
    lines += [f"  eruv {name:<10} {summary}" for name, summary in COMMANDS.items()]
    return "\n".join([*lines, "", "See eruv COMMAND --help for details."])


def _run(name: str, words: list[str]) -> int:
    """Run a command; returns its exit code."""
    from eruv.cli.options import Parser

    threading.excepthook = _thread_excepthook
    command = import_module(f"eruv.cli.{name}")
    parser = Parser(name, COMMANDS[name])
    try:
        command.arguments(parser)
        options = parser.read(words)
        if hasattr(command, "translate"):
            command.translate(options)
        function = getattr(eruv, name)
        accepted = signature(function).parameters
        with silenced(options.quiet):
            result = function(**{one: options[one] for one in accepted if one in options}).to_dict()
    except WrongUsage as error:
        _print_error(f"eruv {name}: {parser.in_options(error)} (see eruv {name} --help)")
        return 2
    except Interrupted as error:
        if isinstance(error.result, Result):
            _print(command, error.result.to_dict(), as_json=options.json)
        _print_error(f"eruv {name}: {error}")
        return 130
    except (EruvError, OSError) as error:
        if "--debug" in words:
            traceback.print_exception(error)
        message_of = _disk_full_message if _is_disk_full(error) else parser.in_options
        _print_error(f"eruv {name}: {message_of(error)}")
        return 1
    except KeyboardInterrupt:
        # CPython remembers one that crossed an exec of a string, as when a dataclass is made during
        # an import, and `python -m` would end by the signal; another exec makes it forget.
        exec("")
        _print_error(f"eruv {name}: interrupted; {getattr(command, 'INTERRUPTED', GO_ON)}")
        return 130
    # Of several processes that torchrun started, one prints.
    if os.environ.get("RANK", "0") == "0":
        _print(command, result, as_json=options.json)
    if result.get("failed"):
        return 1
    strict = getattr(options, "strict", False)
    return 3 if strict and any(result.get(key) for key in STRICT_KEYS) else 0


def _thread_excepthook(failure: threading.ExceptHookArgs) -> None:
    """TensorBoard's thread repeats an error that the main thread reports: a full disk, once."""
    if not _is_disk_full(failure.exc_value):
        threading.__excepthook__(failure)


def _is_disk_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno == ENOSPC


def _disk_full_message(error: Exception) -> str:
    file = getattr(error, "filename", None)
    disk = f"the disk of {printable(Path(os.fsdecode(file)))}" if file else "a disk"
    return f"{disk} is full. Make room, and run the same command again to continue."


def _print(command: ModuleType, result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        try:
            print(json.dumps(result), flush=True)
        except BrokenPipeError:  # the reader has closed the pipe: drop what is buffered, too
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    from rich.console import Console

    command.show(Console(soft_wrap=True, highlight=False), result)


def _print_error(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
