"""The command line: one table from command to function.

Comes in: arguments. Goes out: a table for a person or, with --json, one JSON object on stdout.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from jsonargparse import ArgumentError, ArgumentParser, Namespace

import eruv
from eruv import cli_recognition
from eruv.cli_datasets import dataset, dataset_arguments
from eruv.cli_paper import paper, paper_arguments
from eruv.cli_retrieval import attention, attention_arguments, retrieve, retrieve_arguments
from eruv.errors import EruvError, Interrupted
from eruv.progress import say
from eruv.tables import show

if TYPE_CHECKING:
    from eruv.editing.detectors import DetectorChoice

Result = dict[str, Any]

# What in a result makes --strict fail.
FAULTS = ("quarantined", "damaged", "unreadable", "not_written", "problems")


class WrongUsage(Exception):
    """The words of a command line cannot be understood."""


@dataclass(frozen=True)
class Command:
    """How a command is called and what it does."""

    summary: str
    arguments: Callable[[ArgumentParser], None]
    call: Callable[[Namespace], Result]
    # Its configuration, for those that have `--config`.
    configure: Callable[[ArgumentParser, Namespace, list[str]], Any] | None = None
    interrupted: str = "run the same command again to go on"


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
        say(f"eruv: there is no command {name!r}; there are {', '.join(COMMANDS)}")
        sys.exit(2)
    sys.exit(_run_command(name, rest))


def _overview() -> str:
    lines = [f"eruv {eruv.__version__}: from raw videos to a trained video encoder", ""]
    lines += [f"  eruv {name:<10} {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join([*lines, "", "eruv COMMAND --help says more."])


def _run_command(name: str, words: list[str]) -> int:
    try:
        options = _parse(name, words)
        result = COMMANDS[name].call(options)
    except WrongUsage as error:
        say(f"eruv {name}: {error} (eruv {name} --help says more)")
        return 2
    except Interrupted as error:
        say(f"eruv {name}: {error}")
        return 130
    except (EruvError, OSError) as error:
        say(f"eruv {name}: {error}")
        return 1
    except KeyboardInterrupt:
        say(f"eruv {name}: interrupted; {COMMANDS[name].interrupted}")
        return 130
    # Of several processes that torchrun started, one speaks.
    if os.environ.get("RANK", "0") == "0":
        if options.json:
            print(json.dumps(result))
        else:
            show(name, result)
    if result.get("failed"):
        return 1
    strict = getattr(options, "strict", False)
    return 3 if strict and any(result.get(account) for account in FAULTS) else 0


def _parse(name: str, words: list[str]) -> Namespace:
    """Parse the words of a command.

    Raises:
        WrongUsage: for words or values that the command does not take.
    """
    command = COMMANDS[name]
    parser = ArgumentParser(
        prog=f"eruv {name}",
        description=command.summary,
        version=eruv.__version__,
        exit_on_error=False,
    )
    command.arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    try:
        options = parser.parse_args(words)
        if command.configure:
            options.training = command.configure(parser, options, words)
    except (ArgumentError, ValueError) as error:
        raise WrongUsage(" ".join(str(error).split())) from None
    return options


def _training_config(parser: ArgumentParser, options: Namespace, words: list[str]) -> Any:
    """The training configuration among the options; the device's recipe has its defaults."""
    from dataclasses import fields

    from eruv.recipes import recipe_path_for
    from eruv.training.config import PretrainConfig
    from eruv.training.processor import choose_device

    if options.config is None:
        recipe = recipe_path_for(choose_device(options.device))
        options = parser.parse_args(["--config", str(recipe), *words])
    made = parser.instantiate(options)
    return PretrainConfig(**{field.name: made[field.name] for field in fields(PretrainConfig)})


def _add_videos(parser: ArgumentParser) -> None:
    parser.add_argument("videos", nargs="+", help="video files, and folders with videos")


def _add_detector(parser: ArgumentParser, default: str) -> None:
    parser.add_argument("--detector", help=f"how shots are found; default: {default}")


def _detector(name: str | None, parameters: list[str]) -> "DetectorChoice":
    """The detector of a name (None: the default), with parameters as NAME=VALUE.

    Raises:
        WrongUsage: if there is no such detector or parameter, or it cannot have this value.
    """
    from eruv.editing.detectors import DEFAULT_DETECTOR, DetectorChoice

    values: dict[str, float] = {}
    for text in parameters:
        key, _, value = text.partition("=")
        try:
            values[key] = int(value) if value.lstrip("-").isdecimal() else float(value)
        except ValueError:
            raise WrongUsage(f"--set takes NAME=VALUE with a number; got {text!r}") from None
    try:
        return DetectorChoice(DEFAULT_DETECTOR if name is None else name, values)
    except ValueError as error:
        raise WrongUsage(str(error)) from None


def _add_workers(parser: ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, help="parallel processes; default: one a core")
    parser.add_argument(
        "--strict", action="store_true", help="exit with 3 if files are quarantined or damaged"
    )


def _add_device(parser: ArgumentParser) -> None:
    parser.add_argument("--device", type=str, default="auto", help="auto, cpu or cuda")


def _add_config(parser: ArgumentParser) -> None:
    from eruv.training.config import PretrainConfig

    parser.add_argument(
        "--config", action="config", help="a YAML recipe; default: the one for the device"
    )
    parser.add_class_arguments(PretrainConfig, None)
    parser.add_argument("--init", type=str, help="folder of an earlier encoder to start from")


def _shots_arguments(parser: ArgumentParser) -> None:
    from eruv.editing.detectors import DEFAULT_DETECTOR, DETECTORS

    _add_videos(parser)
    _add_detector(parser, f"{DEFAULT_DETECTOR}; there are {', '.join(DETECTORS)}")
    parser.add_argument(
        "--set",
        dest="parameters",
        metavar="NAME=VALUE",
        action="append",
        help="a parameter of the detector; may be repeated",
    )
    parser.add_argument("--csv", action="store_true", help="write NAME.shots.csv")
    parser.add_argument("--edl", action="store_true", help="write NAME.shots.edl (CMX3600)")
    parser.add_argument("--html", action="store_true", help="write a contact sheet")
    parser.add_argument("--to", metavar="DIR", default=".", help="folder for csv, edl and html")
    parser.add_argument(
        "--split",
        metavar="DIR",
        help="write every shot as a file, without sound: copied where that is exact, else encoded",
    )
    parser.add_argument("--threads", type=int, default=0, help="default: one a core")
    parser.add_argument(
        "--strict", action="store_true", help="exit with 3 if files are unreadable or damaged"
    )


def _shots(options: Namespace) -> Result:
    return eruv.shots(
        options.videos,
        detector=_detector(options.detector, options.parameters or []),
        to=options.to,
        csv=options.csv,
        edl=options.edl,
        html=options.html,
        split=options.split,
        threads=options.threads,
    )


def _ingest_arguments(parser: ArgumentParser) -> None:
    _add_videos(parser)
    parser.add_argument("--to", required=True, help="folder of the library")
    _add_detector(parser, "that of the library")
    _add_workers(parser)


def _ingest(options: Namespace) -> Result:
    from eruv.editing.video_pass import EditingSettings

    settings = None
    if options.detector is not None:
        settings = EditingSettings(detector=_detector(options.detector, []))
    return asdict(
        eruv.ingest(options.videos, options.to, workers=options.workers, settings=settings)
    )


def _pretrain_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("library", help="folder made by eruv ingest")
    parser.add_argument("--to", required=True, help="folder of the run")
    _add_config(parser)
    _add_device(parser)


def _pretrain(options: Namespace) -> Result:
    result = eruv.pretrain(
        options.library, options.to, options.training, init=options.init, device=options.device
    )
    return {"run": options.to, **result}


def _relations_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", help="folder made by eruv pretrain")
    parser.add_argument("--library", help="where the library is now, if it was moved")
    parser.add_argument("--pairs-per-relation", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0, help="of the held-out pairs")
    _add_device(parser)


def _relations(options: Namespace) -> Result:
    return eruv.relations(
        options.run,
        library=options.library,
        pairs_per_relation=options.pairs_per_relation,
        seed=options.seed,
        device=options.device,
    )


def _report_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("run", help="folder made by eruv pretrain")
    parser.add_argument("--to", help="the page to write; default: RUN/report.html")
    parser.add_argument("--library", help="where the library is now, if it was moved")


def _report(options: Namespace) -> Result:
    return {"report": str(eruv.report(options.run, options.to, library=options.library))}


def _run_arguments(parser: ArgumentParser) -> None:
    _add_videos(parser)
    parser.add_argument("--to", required=True, help="folder for library, run and report")
    _add_workers(parser)
    _add_config(parser)
    _add_device(parser)


def _run(options: Namespace) -> Result:
    return eruv.run(
        options.videos,
        options.to,
        options.training,
        init=options.init,
        workers=options.workers,
        device=options.device,
    )


def _demo_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--to", default="demo", help="folder for films, library, run and report")
    parser.add_argument("--seed", type=int, default=0, help="of the training; films stay the same")
    _add_device(parser)


def _demo(options: Namespace) -> Result:
    return eruv.demo(options.to, seed=options.seed, device=options.device)


def _doctor(options: Namespace) -> Result:
    return eruv.doctor()


COMMANDS = {
    "demo": Command("the whole main job on built-in films", _demo_arguments, _demo),
    "run": Command("the whole main job on your videos", _run_arguments, _run, _training_config),
    "shots": Command(
        "videos → their shots: table, files, pictures",
        _shots_arguments,
        _shots,
        interrupted="no file is left half written",
    ),
    "ingest": Command("videos → library of shots and segments", _ingest_arguments, _ingest),
    "dataset": Command("labelled videos → classes, problems", dataset_arguments, dataset),
    "pretrain": Command("library → encoder", _pretrain_arguments, _pretrain, _training_config),
    "relations": Command("encoder → relation accuracy", _relations_arguments, _relations),
    "finetune": Command(
        "labelled videos, encoder → classifier and its test",
        cli_recognition.finetune_arguments,
        cli_recognition.finetune,
        cli_recognition.finetune_config,
    ),
    "predict": Command(
        "classifier, videos → labels",
        cli_recognition.predict_arguments,
        cli_recognition.predict,
    ),
    "retrieve": Command("encoder, labelled videos → recall", retrieve_arguments, retrieve),
    "attention": Command(
        "encoders, a video → where they look",
        attention_arguments,
        attention,
        interrupted="no file is left half written",
    ),
    "paper": Command("data sets → the paper's tables and figures", paper_arguments, paper),
    "report": Command("encoder → report.html", _report_arguments, _report),
    "doctor": Command("what this machine can do", lambda parser: None, _doctor),
}
