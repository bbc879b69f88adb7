"""Metrics survive a kill, and what is trained again is not told twice."""

import json
from pathlib import Path

import pytest

from eruv.training import metrics
from eruv.training.metrics import METRICS_FILE, MetricsLog, read_metrics


def steps(folder: Path) -> list[int]:
    return [line["step"] for line in read_metrics(folder)]


def write(folder: Path, first_step: int, *numbers: int) -> None:
    log = MetricsLog(folder, first_step)
    for number in numbers:
        log.write("train", number, loss=0.5, by_class={"C_S": None})
    log.close()


def test_each_line_is_one_json_object(tmp_path: Path) -> None:
    write(tmp_path, 0, 10, 20)
    lines = (tmp_path / METRICS_FILE).read_text().splitlines()
    assert json.loads(lines[0]) == {
        "kind": "train", "step": 10, "loss": 0.5, "by_class": {"C_S": None},
    }  # fmt: skip
    assert steps(tmp_path) == [10, 20]
    assert list((tmp_path / "tensorboard").iterdir())


def test_damaged_lines_are_left_out_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, 0, 10, 20, 30)
    path = tmp_path / METRICS_FILE
    first, _, last, end = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([first, b"\xe1\x00{", b'{"step": 4}', b"7", last, end]))
    assert steps(tmp_path) == [10, 30]
    assert "metrics.jsonl is damaged: 3 of 5 lines are left out" in caplog.text


def test_without_tensorboard_the_lines_are_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "SummaryWriter", None)
    write(tmp_path, 0, 10, 20)
    assert steps(tmp_path) == [10, 20]
    assert not (tmp_path / "tensorboard").exists()


def test_a_resumed_run_drops_the_lines_of_lost_steps_and_keeps_the_others(tmp_path: Path) -> None:
    write(tmp_path, 0, 10, 20, 30, 40)
    write(tmp_path, 20, 30)
    assert steps(tmp_path) == [10, 20, 30]


def test_a_last_line_cut_short_by_a_kill_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, 0, 10, 20)
    path = tmp_path / METRICS_FILE
    path.write_text(path.read_text()[:-9])
    assert steps(tmp_path) == [10]
    write(tmp_path, 10, 20)
    assert steps(tmp_path) == [10, 20]


def test_a_folder_without_metrics_has_none(tmp_path: Path) -> None:
    assert read_metrics(tmp_path) == []
