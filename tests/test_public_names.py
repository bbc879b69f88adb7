"""`import eruv`: every public name is there, hidden by no module, and takes one path or several."""

import pkgutil
import subprocess
import sys
from dataclasses import fields
from importlib import import_module
from inspect import signature
from pathlib import Path

import pytest

import eruv
from eruv.cli.main import COMMANDS
from eruv.cli.options import Parser


def test_every_command_is_a_function_of_the_same_name() -> None:
    assert set(COMMANDS) <= set(eruv.__all__)
    for name in eruv.__all__:
        assert callable(getattr(eruv, name)), name


def test_no_module_bears_the_name_of_a_public_function() -> None:
    modules = {module.name for module in pkgutil.iter_modules(eruv.__path__)}
    assert not modules & set(eruv.__all__)


def test_the_page_of_python_has_every_public_name() -> None:
    page = (Path(__file__).parents[1] / "docs" / "api.md").read_text()
    named = [line[len("::: eruv.") :] for line in page.splitlines() if line.startswith(":::")]
    assert sorted(named) == sorted(set(eruv.__all__) - {"__version__"})


def test_every_command_has_a_module() -> None:
    for name in COMMANDS:
        module = import_module(f"eruv.cli.{name}")
        assert all(callable(getattr(module, part)) for part in ("arguments", "show"))


# Options that no function takes: they say how a command prints and ends, or are translated.
OF_THE_COMMAND_LINE = {"help", "version", "json", "strict", "config", "print_config"}
TRANSLATED = {
    "ingest": {"detector", "shortest_segment"},
    "shots": {"parameters"},
    "paper": {"small", "smoke"},
}


@pytest.mark.parametrize("name", COMMANDS)
def test_options_are_arguments_of_the_function(name: str) -> None:
    parser = Parser(name)
    import_module(f"eruv.cli.{name}").arguments(parser)
    ours = {action.dest.split(".")[0] for action in parser._actions}
    if parser.config_class:
        ours -= {field.name for field in fields(parser.config_class)}
    takes = set(signature(getattr(eruv, name)).parameters)
    assert ours - takes - OF_THE_COMMAND_LINE == TRANSLATED.get(name, set())


@pytest.fixture
def models(tmp_path: Path) -> tuple[Path, Path]:
    """Folders of a tiny encoder and a tiny classifier."""
    from eruv.models.classifier import Classifier
    from eruv.models.encoder import Encoder

    Encoder("r3d", 0.02, 32, 43, 32).save_pretrained(tmp_path / "encoder")
    Classifier(["a", "b"], "r3d", 0.02, 32, 43, 32).save_pretrained(tmp_path / "classifier")
    return tmp_path / "encoder", tmp_path / "classifier"


@pytest.mark.parametrize("kind", [str, Path])
def test_one_path_is_not_a_list_of_letters(
    kind: type, models: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for letter in "film.mp4":  # each of which is there, while the file is not
        Path(letter).touch()
    film, to = kind("film.mp4"), tmp_path / "out"
    encoder, classifier = models
    for call in (
        lambda: eruv.shots(film),
        lambda: eruv.ingest(film, to),
        lambda: eruv.run(film, to, device="cpu"),
        lambda: eruv.predict(classifier, film, device="cpu"),
        lambda: eruv.load(encoder).embed(film),
        lambda: eruv.attention(film, "f"),  # here it is the runs that are one or several
    ):
        with pytest.raises(eruv.EruvError, match=r"film\.mp4"):
            call()


def test_from_sources_without_metadata_there_is_a_version() -> None:
    code = """
import importlib.metadata
def missing(name):
    raise importlib.metadata.PackageNotFoundError(name)
importlib.metadata.version = missing
import eruv
print(eruv.__version__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0+unknown\n"
