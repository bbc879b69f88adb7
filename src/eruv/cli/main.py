"""The command line: one table from command to function."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jsonargparse import ArgumentError, ArgumentParser, Namespace

import eruv
from eruv.cli import recognition as cli_recognition
from eruv.cli.dataset import dataset, dataset_arguments
from eruv.cli.paper import paper, paper_arguments
from eruv.cli.retrieval import attention, attention_arguments, retrieve, retrieve_arguments
from eruv.cli.tables import show
from eruv.cli.videos import (
    add_videos,
    add_workers,
    ingest,
    ingest_arguments,
    shots,
    shots_arguments,
)
from eruv.utils.console import say
from eruv.utils.errors import EruvError, Interrupted, WrongUsage

Result = dict[str, Any]

# What in a result makes --strict fail.
FAULTS = ("quarantined", "damaged", "unreadable", "not_written", "problems")


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
    from eruv.training.device import choose_device

    if options.config is None:
        recipe = recipe_path_for(choose_device(options.device))
        options = parser.parse_args(["--config", str(recipe), *words])
    made = parser.instantiate(options)
    return PretrainConfig(**{field.name: made[field.name] for field in fields(PretrainConfig)})


def _add_device(parser: ArgumentParser) -> None:
    parser.add_argument("--device", type=str, default="auto", help="auto, cpu or cuda")


def _add_config(parser: ArgumentParser) -> None:
    from eruv.training.config import PretrainConfig

    parser.add_argument(
        "--config", action="config", help="a YAML recipe; default: the one for the device"
    )
    parser.add_class_arguments(PretrainConfig, None)
    parser.add_argument("--init", type=str, help="folder of an earlier encoder to start from")


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
    add_videos(parser)
    parser.add_argument("--to", required=True, help="folder for library, run and report")
    add_workers(parser)
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
        shots_arguments,
        shots,
        interrupted="no file is left half written",
    ),
    "ingest": Command("videos → library of shots and segments", ingest_arguments, ingest),
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
