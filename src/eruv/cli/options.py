"""Options that several commands share, and how all options are spelled and explained."""

import json
import re
from argparse import SUPPRESS, Action
from collections.abc import Callable, Set
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from jsonargparse import (
    ActionConfigFile,
    ArgumentError,
    ArgumentParser,
    DefaultHelpFormatter,
    Namespace,
)

import eruv
from eruv.utils.errors import WrongUsage

if TYPE_CHECKING:
    from eruv.training.pretrain_config import PretrainConfig

# Arguments that several commands take alike.
SHARED: dict[str, dict[str, Any]] = {
    "videos": {
        "metavar": "VIDEO", "nargs": "+", "help": "video files, and folders with videos"
    },
    "--workers": {"type": int, "help": "number of ingest processes; default: one per core"},
    "--shortest_segment": {
        "metavar": "FRAMES",
        "type": int,
        "help": "shortest segment to learn from; default: the library's, or 48",
    },
    "--threads": {
        "type": int, "default": 0, "help": "number of decoding threads; default: one per core"
    },
    "--engine": {
        "type": str, "default": "local", "help": "local, or ray for a Ray cluster (extra ray)"
    },
    "--address": {
        "metavar": "HOST:PORT",
        "help": "address of the Ray cluster's head, or auto; default: RAY_ADDRESS, or a local "
        "cluster",
    },
    "--device": {"type": str, "default": "auto", "help": "auto, cpu or cuda"},
    "--strict": {
        "action": "store_true", "help": "exit with 3 if a file is damaged or cannot be read"
    },
}  # fmt: skip


class Help(DefaultHelpFormatter):
    """Help with hyphens in option names, defaults where they inform, and no Python types."""

    def _get_help_string(self, action: Action) -> str:
        text = (action.help or "").rstrip(".")
        if not action.option_strings:
            return text
        if action.required:
            return f"{text} (required)"
        value = action.default
        if (
            "default" in text
            or action.nargs == 0
            or value is False
            or value in (None, SUPPRESS, ())
        ):
            return text
        shown = f"[{','.join(value)}]" if isinstance(value, tuple) else value
        return f"{text} (default: {shown})".strip()

    def _format_action_invocation(self, action: Action) -> str:
        text = super()._format_action_invocation(action)
        for option in action.option_strings:
            text = text.replace(option, option.replace("_", "-"))
        return text

    def _get_default_metavar_for_optional(self, action: Action) -> str:
        kind = str(getattr(action, "_typehint", action.type))
        if "float" in kind:
            return "X"
        return "N" if "int" in kind else super()._get_default_metavar_for_optional(action)


class RecipeAction(ActionConfigFile):
    """A YAML file, or the name of a committed recipe; a file of that name goes first."""

    def __call__(self, parser: Any, cfg: Any, values: Any, option_string: Any = None) -> None:
        from eruv.recipes import RECIPES, recipe_path

        if values in RECIPES and not Path(values).exists():
            values = str(recipe_path(values))
        super().__call__(parser, cfg, values, option_string)


# The configuration for other options and the names of the settings that are set.
DefaultConfig = Callable[[Namespace, Set[str]], "PretrainConfig"]


class Parser(ArgumentParser):
    """The options of one command.

    Args:
        name: of the command.
        summary: what it does.
    """

    def __init__(self, name: str = "", summary: str = "", **more: Any) -> None:
        ours: dict[str, Any] = {
            "prog": f"eruv {name}",
            "description": summary,
            "version": eruv.__version__,
        }
        super().__init__(
            **ours | {"exit_on_error": False, "formatter_class": Help} | more, print_config=None
        )
        self.config_class: type | None = None
        self.default_config: DefaultConfig | None = None

    def read(self, words: list[str]) -> Namespace:
        """Options from the words of a command line; `config` is the configuration of a training.

        With --print-config, that configuration is printed as a recipe, and the command ends.

        Raises:
            WrongUsage: for words or values that the command does not take.
        """
        self.add_argument("--json", action="store_true", help="print one JSON object on stdout")
        self.add_argument("--debug", action="store_true", help="show where in eruv an error arose")
        self.add_argument("--quiet", action="store_true", help="show only warnings and errors")
        self.usage = self._short_usage()
        words = self._positionals_first(self._as_registered(words))
        printing = self.config_class is not None and "--print_config" in words
        if printing:  # a recipe needs no library and no folder
            for action in self._actions:
                action.required = False
        try:
            options = self.parse_args(words)
            if self.config_class is not None:
                options.config = self._configuration(options, words, self.config_class)
        except (ArgumentError, ValueError) as error:
            raise WrongUsage(" ".join(str(error).split())) from None
        if printing:
            print(yaml.safe_dump(options.config.to_dict(), sort_keys=False), end="")
            self.exit()
        return options

    def in_options(self, error: Exception) -> str:
        """The text of an error of a Python function, with options instead of its arguments."""
        options = {
            action.dest: action.option_strings[0].replace("_", "-")
            for action in self._actions
            if action.option_strings
        }
        text = re.sub(r"`(\w+)`", lambda name: options.get(name[1], name[0]), str(error))
        first = re.match(r"(\w+) (?:is|are|has|must|takes) ", text)
        if first and first[1] in options:
            text = options[first[1]] + text[first.end(1) :]
        names = "|".join(re.escape(dest) for dest in options if "_" in dest and "." not in dest)
        if not names:
            return text
        return re.sub(rf"(?<![\w./-])({names})(?![\w./-])", lambda m: options[m[1]], text)

    def _configuration(self, options: Namespace, words: list[str], kind: type) -> Any:
        """None where no setting is named: a run continues as it was started, or takes a recipe."""
        if self.default_config is not None and options.config is None:
            names = {field.name for field in fields(kind)} | {"print_config"}
            named = {re.split(r"[.=]", word[2:])[0] for word in words if word[:2] == "--"} & names
            if not named:
                return None
            defaults = json.dumps(self.default_config(options, named).to_dict())
            options = self.parse_args(["--config", defaults, *words])
        made = self.instantiate(options)
        return kind(**{field.name: made[field.name] for field in fields(kind)})

    def _as_registered(self, words: list[str]) -> list[str]:
        """The words with options as they were added: hyphens and underscores are the same."""
        known = {
            option.replace("_", "-"): option
            for action in self._actions
            for option in action.option_strings
        }
        read = []
        for word in words:
            name, equals, value = word.partition("=")
            read.append(known.get(name.replace("_", "-"), name) + equals + value)
        return read

    def _positionals_first(self, words: list[str]) -> list[str]:
        """The words with all positional arguments in front: argparse needs them side by side."""
        positionals, options, rest = [], [], iter(words)
        for word in rest:
            if not word.startswith("-"):
                positionals.append(word)
                continue
            name, equals, _ = word.partition("=")
            action = self._option_string_actions.get(name)
            if action is None:  # the parser says what is wrong
                return words
            options += [word, *islice(rest, 0 if equals or action.nargs == 0 else 1)]
        return [*positionals, *options]

    def _short_usage(self) -> str:
        """The required arguments alone: all options are explained below the usage line."""
        required = [
            f"{action.option_strings[0]} {action.metavar or action.dest.upper()}"
            for action in self._actions
            if action.required and action.option_strings
        ]
        positionals = [
            f"{action.metavar or action.dest.upper()}{' ...' if action.nargs == '+' else ''}"
            for action in self._actions
            if not action.option_strings
        ]
        return " ".join(["%(prog)s", *positionals, *required, "[options]"])


def add_shared(parser: Parser, *names: str) -> None:
    """Arguments of `SHARED`, by name."""
    for name in names:
        parser.add_argument(name, **SHARED[name])


def add_library(parser: Parser, default: str) -> None:
    """The option that names the library."""
    parser.add_argument("--library", metavar="DIR", help=f"library of the videos; {default}")


def add_dataset(parser: Parser) -> None:
    """Arguments that name a labelled data set and its split."""
    from eruv.datasets.opening import FORMATS, NUMBERS

    parser.add_argument(
        "data", metavar="DATA", help="a folder, or a CSV file with path, label and split"
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="format of the data set; default: detected from DATA",
    )
    parser.add_argument(
        "--splits", metavar="DIR", help="folder of the official split files, if not in DATA"
    )
    parser.add_argument(
        "--split", type=int, choices=NUMBERS, default=1, help="number of the official split"
    )


def add_training(
    parser: Parser,
    kind: type,
    first: tuple[str, ...],
    default_config: DefaultConfig | None = None,
) -> None:
    """All settings of a training: the common ones first, the advanced ones last.

    Args:
        parser: to add them to.
        kind: the dataclass of the settings; `Parser.read` puts one into `config`.
        first: names of the common settings.
        default_config: what unnamed settings are taken from; None: the defaults of `kind`.
    """
    parser.config_class, parser.default_config = kind, default_config
    recipes = "the name of a recipe, or a YAML file; default: laptop"
    parser.add_argument(
        "--config",
        action=RecipeAction if default_config else "config",
        metavar="RECIPE",
        help=recipes if default_config else "a YAML file; default: the paper's settings",
    )
    parser.add_argument(
        "--print_config", action="store_true", help="print all settings as a recipe and exit"
    )
    names = {field.name for field in fields(kind)}
    groups = (("training", names - set(first)), ("advanced", set(first)))
    for title, skip in groups:
        group = parser.add_argument_group(title)
        group.add_class_arguments(kind, None, as_group=False, skip=skip)
    _tidy(parser, kind)


def _tidy(parser: Parser, kind: type) -> None:
    """Sections of settings are advanced too, and none of them is a file of its own."""
    sections = {field.name for field in fields(kind)}
    for action in parser._actions:
        if action.dest in sections and action.help == "Path to a configuration file.":
            action.help = SUPPRESS
    for group in parser._action_groups:
        dests = [action.dest for action in group._group_actions]
        section = dests[0].split(".")[0] if dests else ""
        if section in sections and all(dest.split(".")[0] == section for dest in dests):
            title = group.title or ""
            group.title = f"advanced, {section}: {title[:1].lower()}{title[1:]}"
