"""Relation accuracy on held-out pairs: the mean over relations, kept until something changes."""

import json
import shutil
from pathlib import Path

import pytest

import eruv
from eruv.cli.main import main
from eruv.published.tables import TABLE_I
from eruv.training.run_folder import RunFolder
from eruv.utils.errors import EruvError
from films_for_tests import SmallLibrary


def test_a_relation_impossible_among_the_held_out_is_left_open(lonely_run: RunFolder) -> None:
    found = eruv.relations(lonely_run.folder, pairs_per_relation=3, device="cpu")
    assert tuple(found.relations) == lonely_run.config.task.relations
    assert found.relations.pop("C_D") is None
    assert found.relation_accuracy == pytest.approx(sum(found.relations.values()) / 6)
    assert found.chance == 1 / 7
    counts = found.confusion
    assert [sum(row) for row in counts] == [3, 3, 0, 3, 3, 3, 3]
    for index, name in ((0, "C_S"), (6, "P_S")):
        assert found.relations[name] == counts[index][index] / 3
    assert found.paper == {"overall": 0.667} | {k: v / 100 for k, v in TABLE_I.items()}


def test_the_result_is_kept_until_something_is_asked_anew(lonely_run: RunFolder) -> None:
    path = lonely_run.folder / "relations.json"
    first = eruv.relations(lonely_run.folder, pairs_per_relation=2, device="cpu")
    assert json.loads(path.read_text()) == first.to_dict()
    path.write_text(json.dumps(first.to_dict() | {"loss": -1.0}))
    again = eruv.relations(lonely_run.folder, pairs_per_relation=2, device="cpu")
    assert again.loss == -1.0  # read, not measured
    other = eruv.relations(lonely_run.folder, pairs_per_relation=2, seed=1, device="cpu")
    assert other.loss > 0
    assert other.loss != first.loss
    assert eruv.relations(lonely_run.folder, pairs_per_relation=2, device="cpu") == first


def test_a_damaged_head_is_told(lonely_run: RunFolder, tmp_path: Path) -> None:
    shutil.copytree(lonely_run.folder, tmp_path / "run")
    path = tmp_path / "run" / "head.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(EruvError, match=r"head\.safetensors, the head .*, is damaged: .*\. Train"):
        eruv.relations(tmp_path / "run", pairs_per_relation=1, device="cpu")


def test_the_command_line_shows_a_dash(
    lonely_run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["relations", str(lonely_run.folder), "--pairs-per-relation", "2", "--device", "cpu"])
    assert end.value.code == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "C_D" in line)
    assert line.replace("│", " ").split()[:4] == ["C_D", "other", "video", "–"]


@pytest.mark.parametrize("bad", [{"pairs_per_relation": 0}, {"seed": -1}])
def test_numbers_out_of_range_are_refused(lonely_run: RunFolder, bad: dict[str, int]) -> None:
    with pytest.raises(EruvError, match="must be at least"):
        eruv.relations(lonely_run.folder, **bad)


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EruvError, match=r"it is not a run\. Make one with"):
        eruv.relations(tmp_path)


def test_a_library_elsewhere_can_be_named_and_a_wrong_one_is_refused(
    lonely_run: RunFolder, small_library: SmallLibrary, tmp_path: Path
) -> None:
    with pytest.raises(EruvError, match="is not a library"):
        eruv.relations(lonely_run.folder, library=tmp_path, seed=2)
    moved = tmp_path / "moved"
    moved.symlink_to(small_library.folder)
    found = eruv.relations(
        lonely_run.folder, library=moved, pairs_per_relation=1, seed=2, device="cpu"
    )
    assert found.evaluation_seed == 2
