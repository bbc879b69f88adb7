"""How options are spelled, explained and named in errors.

Covers also: dataset, demo, doctor, ingest, paper, predict, pretrain, relations, report, run,
shots.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

import eruv
from eruv.cli.main import COMMANDS
from eruv.cli.options import Parser
from eruv.library.catalogue import Library
from eruv.pretext import TASKS
from eruv.training.pretrain import start_pretraining
from eruv.training.run_folder import RunFolder
from eruv.utils.errors import EruvError
from eruv.utils.results import Result
from films_for_tests import SmallLibrary
from training_for_tests import tiny

TRAINING = ("pretrain", "run", "finetune")


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list:
    """The configurations that commands would train with, from now on."""
    found: list = []

    def train(config: object) -> Result:
        found.append(config)
        return Result()

    for name in TRAINING:
        monkeypatch.setattr(eruv, name, train)
    return found


@pytest.mark.parametrize(
    "words",
    [
        ("--batch-size", "3", "--optimizer.learning-rate", "0.5"),
        ("--batch_size", "3", "--optimizer.learning_rate", "0.5"),
        ("--batch-size=3", "--optimizer.learning_rate=0.5"),
    ],
)
def test_hyphens_and_underscores_are_the_same(
    call: Callable, trainings: list, words: tuple[str, ...]
) -> None:
    called = call("pretrain", "lib", "--to", "my_run", "--device", "cpu", "--json", *words)
    assert called.code == 0, called.err
    (config,) = trainings
    assert (config.batch_size, config.optimizer.learning_rate) == (3, 0.5)
    # All else is the recipe's.
    assert config.width == eruv.recipe("laptop").width


@pytest.mark.parametrize("words", [("--config", "paper_r3d"), ("--config=paper_r3d",)])
def test_a_recipe_is_named_and_a_file_of_that_name_goes_first(
    call: Callable,
    trainings: list,
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    start = ("pretrain", "lib", "--to", "run", "--seed", "3", *words)
    assert call(*start, "--json").code == 0
    Path("paper_r3d").write_text("width: 0.5\n")
    assert call(*start, "--json").code == 0
    named, own = trainings
    assert named == replace(eruv.recipe("paper_r3d"), seed=3)
    assert (own.width, own.backbone) == (0.5, "c3d")


def test_a_named_number_of_epochs_is_the_length(call: Callable, trainings: list) -> None:
    words = ("pretrain", "lib", "--to", "run", "--json", "--device", "cpu")
    assert call(*words, "--epochs", "5").code == 0
    assert call(*words, "--epochs", "300", "--most-pairs", "900").code == 0
    assert call(*words, "--seed", "1").code == 0
    short, bounded, usual = (config.num_pairs(100) for config in trainings)
    assert (short, bounded, usual) == (500, 900, 20_000)


def test_settings_of_run_change_those_of_its_last_run(
    call: Callable, trainings: list, small_library: SmallLibrary, tmp_path: Path
) -> None:
    earlier = tiny(pairs=8, width=0.125)
    start_pretraining(RunFolder(tmp_path / "run-1"), Library(small_library.folder), earlier)
    words = ("run", "film.mp4", "--to", tmp_path, "--json", "--device", "cpu")
    assert call(*words, "--pairs", "16").code == 0
    assert call(*words, "--epochs", "2").code == 0
    assert call(*words, "--pretext", "vcp").code == 0
    longer, passes, other = trainings
    assert longer == replace(earlier, pairs=16)
    assert passes == replace(earlier, pairs=None, epochs=2)
    assert (other.pretext, other.width) == ("vcp", eruv.recipe("laptop").width)


def test_without_settings_a_run_goes_on_as_it_was_started(call: Callable, trainings: list) -> None:
    words = ("pretrain", "lib", "--to", "run", "--json", "--device", "cpu", "--init", "before")
    assert call(*words).code == 0
    assert call(*words, "--width", "1.0").code == 0
    unset, chosen = trainings
    assert unset is None
    assert (chosen.width, chosen.pairs) == (1.0, eruv.recipe("laptop").pairs)


@pytest.mark.parametrize("pretext", TASKS)
@pytest.mark.parametrize("command", ["pretrain", "run"])
def test_the_default_recipe_allows_every_pretext(
    call: Callable, trainings: list, command: str, pretext: str
) -> None:
    called = call(command, "lib", "--to", "out", "--device", "cpu", "--pretext", pretext, "--json")
    assert called.code == 0, called.err
    (config,) = trainings
    assert (config.pretext, config.width) == (pretext, eruv.recipe("laptop").width)


@pytest.mark.parametrize(
    "words",
    [
        ("pretrain", "--device", "cpu", "--task.relations", "[P_S,C_D]"),
        ("pretrain", "--device", "cpu", "--pretext", "vcp"),
        ("finetune",),
    ],
    ids=lambda words: words[0] + words[-1],
)
def test_printed_settings_are_a_recipe_that_trains_alike(
    call: Callable, trainings: list, tmp_path: Path, words: tuple[str, ...]
) -> None:
    changed, places = (*words, "--epochs", "7"), ("data", "--to", "out", "--json")
    printed = call(*changed, "--print-config")
    assert (printed.code, printed.err, trainings) == (0, "", [])
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(printed.out)
    assert call(*changed, *places).code == 0
    assert call(words[0], "--config", recipe, *places).code == 0
    itself, read = trainings
    assert read == itself
    assert yaml.safe_load(printed.out).keys() == itself.to_dict().keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_for_people(call: Callable, name: str) -> None:
    called = call(name, "--help")
    assert called.code == 0
    options = [line.split()[0] for line in called.out.splitlines() if line.startswith("  --")]
    assert not [option for option in options if "_" in option]
    for noise in ("<function", "Settings(", "lambda", "null", "type:", "default: None", "False"):
        assert noise not in called.out
    # Whatever has a name has an explanation.
    lines = called.out.splitlines()
    bare = [
        line
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("  --") and "  " not in line.strip() and following[:12].strip()
    ]
    assert not bare
    assert not re.search(r"^  --\S+( \S+)? +\(default", called.out, re.MULTILINE)


@pytest.mark.parametrize("name", TRAINING)
def test_what_most_people_need_comes_first(call: Callable, name: str) -> None:
    out = call(name, "--help").out
    first, advanced = out[: out.index("\nadvanced:")], out[out.index("\nadvanced:") :]
    for option in ("--to", "--init", "--config", "--batch-size", "--epochs", "--device", "--json"):
        assert f"  {option}" in first
    for option in ("--optimizer.learning-rate", "--schedule.name", "--checkpoint-interval-s"):
        assert option in advanced
        assert option not in first
    assert len(first.splitlines()) <= 46


def test_errors_of_functions_name_options() -> None:
    parser = Parser("relations", "")
    parser.add_argument("run")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--pairs-per-relation", type=int)

    def told(text: str) -> str:
        return parser.in_options(EruvError(text))

    assert (
        told("pairs_per_relation must be at least 1") == "--pairs-per-relation must be at least 1"
    )
    assert told("seed must be at least 0; got -1") == "--seed must be at least 0; got -1"
    assert told("leave `seed` out") == "leave --seed out"
    # Words that only look like it stay.
    for text in ("a/pairs_per_relation.csv is damaged", "the seed of run 3", "run is no folder"):
        assert told(text) == text


def loaded_by(*words: str) -> set[str]:
    """Modules that a command loads."""
    code = """
import sys
from eruv.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit:
    print(*sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_overview_and_shots_come_without_torch() -> None:
    assert not loaded_by("--help") & {"torch", "jsonargparse", "rich", "lancedb", "av", "numpy"}
    assert not loaded_by("shots", "--help") & {"torch", "lancedb"}
