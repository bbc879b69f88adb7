"""The command with real films and real processes, at the size of the smoke test.

Covers also: runner.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from eruv.cli.main import main
from eruv.reproduction.command import PaperResult, paper
from eruv.reproduction.experiments import RetrievalTest
from eruv.reproduction.plan import Failure
from eruv.reproduction.runner import INTERRUPTED, RECORD, RUN, Runner
from eruv.utils.errors import Interrupted
from reproduction_for_tests import study


@pytest.fixture(scope="module")
def smoked(tmp_path_factory):
    """Tables I and III's data and runs, made once by the real command."""
    folder = tmp_path_factory.mktemp("paper")
    return folder, run_paper("table1", "--smoke", "--to", folder)


def run_paper(*words):
    done = subprocess.run(
        [sys.executable, "-m", "eruv", "paper", *map(str, words), "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_table_comes_from_one_command(smoked):
    folder, result = smoked
    (table,) = result["tables"]
    assert result["missing_cells"] == 0
    assert not result["failed"]
    assert [cell["published"] for cell in table["rows"][0]["cells"]][:2] == [66.7, 71.2]
    assert all((folder / f"table1.{kind}").exists() for kind in ("md", "csv", "html", "json"))
    record = json.loads((folder / "table1.json").read_text())
    assert [run["settings"]["kind"] for run in record["runs"]] == ["pre-training", "relations"] * 2
    assert record["runs"][0]["settings"]["config"]["pairs"] == 8


def test_a_second_call_trains_nothing_and_says_the_same(smoked):
    folder, first = smoked
    before = {path: path.stat().st_mtime_ns for path in (folder / "runs").rglob("*")}
    again = paper("table1", folder, scale="smoke", device="cpu")
    assert again.to_do == 0
    assert again.tables == first["tables"]
    after = {path: path.stat().st_mtime_ns for path in (folder / "runs").rglob("*")}
    assert {p: t for p, t in after.items() if p.name != ".lock"} == {
        p: t for p, t in before.items() if p.name != ".lock"
    }


def test_another_seed_and_other_relations_are_runs_of_their_own(smoked):
    folder, _ = smoked
    planned = paper("table1", folder, scale="smoke", seeds=(0, 1), dry_run=True)
    assert (planned.runs, planned.to_do) == (8, 4)
    assert [run["done"] for run in planned.plan] == [True, True, False, False] * 2
    assert [run["samples"] for run in planned.plan] == [8, 14] * 4
    assert planned.seconds_left > 0
    extra = paper("table2", folder, scale="smoke", relations=["C_S,P_S"], dry_run=True)
    assert any("C_{S}P_{S}" in run["title"] for run in extra.plan)


def test_a_failed_run_is_a_failed_command(monkeypatch, capsys):
    result = PaperResult(
        dry_run=False,
        plan=[],
        runs=1,
        to_do=1,
        seconds_left=0.0,
        unknown_times=0,
        tables=[],
        missing_cells=0,
        failed=[Failure("ERUV", "the disk is gone")],
        files=[],
    )
    monkeypatch.setattr("eruv.paper", lambda *words, **more: result, raising=False)
    with pytest.raises(SystemExit) as ended:
        main(["paper", "table1", "--smoke", "--to", "anywhere"])
    assert ended.value.code == 1
    assert "failed: ERUV: the disk is gone" in capsys.readouterr().out


def test_a_dry_run_writes_nothing(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["paper", "table4", "--smoke", "--to", str(tmp_path / "new"), "--dry-run"])
    assert ended.value.code == 0
    assert not (tmp_path / "new").exists()
    assert "runs, " in capsys.readouterr().out


def test_a_record_of_other_settings_is_not_taken(smoked):
    folder, _ = smoked
    planned = paper("table1", folder, scale="smoke", dry_run=True)
    path = folder / "runs" / planned.plan[0]["key"] / RECORD
    text = path.read_text()
    try:
        path.write_text(text.replace('"pairs": 8', '"pairs": 9'))
        assert paper("table1", folder, scale="smoke", dry_run=True).to_do == 1
    finally:
        path.write_text(text)


def test_a_damaged_record_is_made_again(smoked, capsys):
    folder, _ = smoked
    planned = paper("table1", folder, scale="smoke", dry_run=True)
    path = folder / "runs" / planned.plan[1]["key"] / RECORD
    whole = json.loads(path.read_text())["result"]
    path.write_text(path.read_text()[:40])
    assert paper("table1", folder, scale="smoke", dry_run=True).to_do == 1
    assert f"{path} is damaged and treated as missing" in capsys.readouterr().err
    paper("table1", folder, scale="smoke", device="cpu")
    assert json.loads(path.read_text())["result"] == whole


def test_pages_tell_what_was_seen_and_what_was_scarce(smoked):
    folder, _ = smoked
    runs = json.loads((folder / "table1.json").read_text())["runs"]
    assert runs[0]["result"]["pairs_seen"] == 8
    assert runs[0]["feasibility"]["training"]["segments"] > 0
    text = (folder / "table1.md").read_text()
    assert "Not the paper's data or settings" in text
    assert "Pre-training: 8 samples" in text
    planned = paper("table1", folder, scale="smoke", dry_run=True)
    path = folder / "runs" / planned.plan[0]["key"] / "run.json"
    before = path.read_text()
    record = json.loads(before)
    record["feasibility"]["training"]["possible"]["P_S"] = 0.02
    try:
        path.write_text(json.dumps(record))
        (table,) = paper("table1", folder, scale="smoke", device="cpu").tables
        assert any("P_S is possible in" in note for note in table["notes"])
    finally:
        path.write_text(before)


def test_a_gpu_has_runs_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("eruv.reproduction.cost.trial", lambda kind, device: 1.0)
    keys = {
        device: {
            run["key"]
            for run in paper("all", tmp_path, scale="smoke", dry_run=True, device=device).plan
        }
        for device in ("auto", "cuda", "cpu")
    }
    assert keys["auto"] == keys["cuda"]
    assert not keys["cuda"] & keys["cpu"]


def test_on_a_cpu_an_encoder_goes_on_under_the_settings_it_was_started_with():
    scale = study("smoke").scale
    assert scale.for_device("cpu") == scale


@pytest.mark.parametrize(
    ("stop", "counted"),
    [(Interrupted("stopped"), True), (KeyboardInterrupt(), True), (OSError(), False)],
)
def test_the_seconds_of_an_interrupted_run_count_once_and_of_a_failed_one_never(
    tmp_path, monkeypatch, stop, counted
):
    ((test,),) = study("smoke").relation_tests("eruv", "c3d")
    runner = Runner(tmp_path, None, "cpu")
    clock = iter([0.0, 100.0, 200.0, 201.0]) if counted else iter([0.0, 200.0, 201.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))

    def stopped(*parts):
        raise stop

    monkeypatch.setitem(RUN, type(test), stopped)
    with pytest.raises(type(stop)):
        runner.run(test)
    monkeypatch.setitem(RUN, type(test), lambda *parts: {})
    runner.run(test)
    record = runner.record(test)
    assert record is not None
    assert record["seconds"] == (101.0 if counted else 1.0)
    assert not (runner.folder_of(test) / INTERRUPTED).exists()


def test_a_published_run_says_which_videos_were_right_and_names_no_path(tmp_path, monkeypatch):
    paths = {"run": "out/runs/a", "record": "out/retrieval.json", "page": "out/retrieval.html"}
    found = SimpleNamespace(to_dict=lambda: {"recall": {"1": 0.5}, **paths})
    monkeypatch.setattr("eruv.reproduction.runner.retrieve", lambda *parts, **more: found)
    monkeypatch.setattr("eruv.reproduction.runner.top1_correct", lambda *parts: [True, False])
    runner = Runner(tmp_path, SimpleNamespace(videos=lambda *key: None), "cpu")
    ((test,),) = study("smoke").frozen_tests(RetrievalTest, "ucf101", "eruv", "c3d")
    assert runner.run(test) == {"recall": {"1": 0.5}, "correct": [True, False]}
    assert runner.describe(test)["result"] == {"recall": {"1": 0.5}, "correct": "10"}


def test_a_failing_run_is_told_and_the_others_are_done(smoked, monkeypatch):
    folder, _ = smoked
    run = Runner.run

    def broken(self, experiment):
        if experiment.title == "ERUV, c3d, untrimmed, seed 1":
            raise RuntimeError("the disk is gone")
        return run(self, experiment)

    monkeypatch.setattr(Runner, "run", broken)
    result = paper("table1", folder, scale="smoke", seeds=(1, 0, 2), device="cpu").to_dict()
    assert [one["reason"] for one in result["failed"]] == [
        "RuntimeError: the disk is gone",
        "it needs what failed: ERUV, c3d, untrimmed, seed 1",
    ]
    cell = result["tables"][0]["rows"][0]["cells"][0]
    assert (cell["seeds"], cell["planned_seeds"]) == (2, 3)
    assert cell["measured"] == pytest.approx(sum(cell["per_seed"]) / 2)
    assert (folder / "table1.html").exists()


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)]
)
def test_a_stopped_call_goes_on_where_it_was(smoked, number):
    folder, _ = smoked
    words = ["table1", "--smoke", "--seeds", "7" if number == signal.SIGINT else "8"]
    process = subprocess.Popen(
        [sys.executable, "-m", "eruv", "paper", *words, "--to", str(folder), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stderr:
        if line.startswith("paper: run 1 of 4"):
            break
    time.sleep(0.1)
    process.send_signal(number)
    process.communicate(timeout=120)
    assert process.returncode in (130, -signal.SIGKILL)
    result = run_paper(*words, "--to", folder)
    assert result["missing_cells"] == 0
    assert result["to_do"] == 0


@pytest.mark.slow
def test_all_tables_and_figures_come_from_one_command(tmp_path):
    result = run_paper("all", "--smoke", "--to", tmp_path)
    assert [table["name"] for table in result["tables"]] == [
        *(f"table{number}" for number in range(1, 7)),
        "probe",
    ]
    assert not result["failed"]
    assert result["missing_cells"] == 0
    assert {"fig5.png", "fig6.png", "fig6.mp4"} <= {Path(path).name for path in result["files"]}
    page = (tmp_path / "paper.html").read_text()
    assert page.count("data:image/png;base64,") == 2
    assert str(tmp_path) not in page
    assert os.listdir(tmp_path / "data")
