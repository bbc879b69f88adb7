"""A run that was started before there were other tasks than ERUV goes on, and is shown."""

import pytest
from rich.console import Console

import eruv
from eruv.cli import pretrain, relations
from eruv.training.run_folder import RunFolder
from films_for_tests import SmallLibrary
from training_for_tests import TINY, assert_same_result, one_validation_earlier, train


@pytest.fixture(scope="module")
def earlier(
    small_library: SmallLibrary, tmp_path_factory: pytest.TempPathFactory
) -> tuple[RunFolder, RunFolder]:
    """A finished run, and the same at half its way without what earlier versions did not write."""
    whole = train(small_library.folder, tmp_path_factory.mktemp("earlier") / "whole")
    half = one_validation_earlier(whole, "half")
    stored = half.read("run.json")
    stored["asked"] = stored.pop("configured")
    for config in (stored["asked"], stored["config"]):
        del config["pretext"]
        del config["precision"]
        del config["validation"]["keep"]
        config["validation"]["held_out"] = config["validation"].pop("held_out_ids")
    del stored["stage"]
    del stored["init_weights"]
    del stored["feasibility"]["left_out"]
    half.write("run.json", stored)
    return whole, half


def test_it_goes_on_to_the_same_bits(
    small_library: SmallLibrary, earlier: tuple[RunFolder, RunFolder]
) -> None:
    whole, half = earlier
    train(small_library.folder, half.folder, TINY)
    assert_same_result(half, whole)


def test_it_is_measured_and_shown(
    earlier: tuple[RunFolder, RunFolder], capsys: pytest.CaptureFixture[str]
) -> None:
    _, run = earlier
    eruv.relations(run.folder, pairs_per_relation=1, device="cpu")
    encoder, measured, done = (
        run.read(name) for name in ("config.json", "relations.json", "done.json")
    )
    encoder["details"]["relations"] = encoder["details"].pop("classes")
    for record in (encoder["details"], measured, done):
        del record["pretext"]
    run.write("config.json", encoder)
    run.write("relations.json", measured)
    console = Console(soft_wrap=True)
    found = eruv.relations(run.folder, pairs_per_relation=1, device="cpu")
    relations.show(console, found.to_dict())
    pretrain.show(console, {"run": "run", **done})
    shown = capsys.readouterr().out
    assert "paper (C3D, THUMOS14)" in shown
    assert "24 pairs seen" in shown
    page = eruv.report(run.folder).report.read_text(encoding="utf-8")
    assert "in the paper*" in page
    assert "Left out were" not in page
