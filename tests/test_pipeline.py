"""The main job in one call: each part is made once, and made again when there is more to learn.

Covers also: recipes.
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import eruv
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.pipeline import StageTimer, next_run
from eruv.training.pretrain import start_pretraining
from eruv.training.run_folder import RunFolder
from eruv.utils.errors import EruvError
from films_for_tests import SmallLibrary, render_video
from training_for_tests import TINY, tiny


@pytest.fixture(autouse=True)
def own_threads() -> Iterator[None]:
    """Give torch its threads back."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_everything_in_one_call_and_nothing_twice(
    small_library: SmallLibrary, tmp_path: Path
) -> None:
    to, config = tmp_path / "out", tiny(pairs=4)
    films = [video.path for video in small_library.truth[:4]]
    result = eruv.run(films, to, config, workers=1, device="cpu")
    assert (result.videos, result.quarantined, result.pairs_seen) == (4, 0, 4)
    assert result.run == to / "run-1"
    assert result.report.stat().st_size > 1000
    assert list(result.stage_seconds) == [
        "ingest",
        "pretrain",
        "relations",
        "worth",
        "embed",
        "report",
    ]
    assert result.seconds == pytest.approx(sum(result.stage_seconds.values()))
    again = eruv.run(films, to, config, workers=1, device="cpu")
    for name in ("run", "relations", "relation_accuracy", "pairs_seen", "chance"):
        assert getattr(again, name) == getattr(result, name)


def test_a_run_that_has_not_ended_goes_on_and_one_that_has_makes_room_for_the_next(
    small_library: SmallLibrary, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(small_library.folder, tmp_path / "library")
    library = Library(tmp_path / "library")
    first = RunFolder(tmp_path / "run-1")
    assert next_run(tmp_path, library, TINY) == first.folder
    start_pretraining(first, library, TINY, init=None)
    said = capsys.readouterr().err
    assert said == "pretrain: 24 pairs, or 3.4 passes over 7 training segments\n"
    assert next_run(tmp_path, library, TINY) == first.folder
    assert capsys.readouterr().err == ""
    render_video(tmp_path / "more.mp4", [(70, 60), (71, 60)])
    ingest([tmp_path / "more.mp4"], library.folder, workers=1)
    library = Library(library.folder)
    capsys.readouterr()
    assert next_run(tmp_path, library, TINY) == first.folder
    assert "started before the library changed" in capsys.readouterr().err
    first.write("done.json", {})
    assert next_run(tmp_path, library, TINY) == tmp_path / "run-2"
    assert "the library has changed since" in capsys.readouterr().err
    start_pretraining(RunFolder(tmp_path / "run-2"), library, TINY, init=None)
    assert next_run(tmp_path, library, TINY) == tmp_path / "run-2"


def test_other_settings_make_room_for_the_next_run_once_the_last_has_ended(
    small_library: SmallLibrary, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library, first = Library(small_library.folder), RunFolder(tmp_path / "run-1")
    start_pretraining(first, library, TINY, init=None)
    longer = replace(TINY, pairs=48)
    capsys.readouterr()
    assert next_run(tmp_path, library, longer) == first.folder
    with pytest.raises(EruvError, match="pairs is 24 in the run, 48 here"):
        eruv.pretrain(library.folder, first.folder, longer, device="cpu")
    first.write("done.json", {})
    assert next_run(tmp_path, library, replace(TINY, threads=1)) == first.folder
    assert capsys.readouterr().err == ""
    assert next_run(tmp_path, library, longer) == tmp_path / "run-2"
    assert "has ended, and pairs is 24 in the run, 48 here: training" in capsys.readouterr().err
    second = RunFolder(tmp_path / "run-2")
    start_pretraining(second, library, longer, init=None)
    second.write("done.json", {})
    assert next_run(tmp_path, library, TINY) == first.folder  # it has what is asked for
    assert next_run(tmp_path, library, longer) == second.folder
    assert next_run(tmp_path, library, longer, first.folder) == tmp_path / "run-3"
    assert "init is another" in capsys.readouterr().err


def test_a_run_of_a_newer_version_is_named(small_library: SmallLibrary, tmp_path: Path) -> None:
    library, run = Library(small_library.folder), RunFolder(tmp_path / "run-1")
    start_pretraining(run, library, TINY, init=None)
    record = run.read("run.json")
    run.write("run.json", record | {"configured": record["configured"] | {"novel": 1}})
    with pytest.raises(EruvError, match="A newer version made it"):
        next_run(tmp_path, library, TINY)


def test_a_stage_that_fails_is_measured_too() -> None:
    timer = StageTimer()
    with timer.stage("first"):
        pass
    with pytest.raises(KeyError), timer.stage("second"):
        raise KeyError
    assert list(timer.seconds) == ["first", "second"]
    times = timer.times()
    assert times["stage_seconds"] == timer.seconds
    assert times["seconds"] == sum(timer.seconds.values()) >= 0
