"""An ingest may end at any moment, and any of its workers; the next run goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pyarrow as pa
import pytest
from lancedb.table import LanceTable

from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.library.pool import Worker
from libraries_for_tests import catalogue_rows, proxy_bytes

# No main guard: a spawned process would run this again and again.
SCRIPT = """
import sys
from eruv.library.ingest import ingest
report = ingest([sys.argv[1]], sys.argv[2], workers=2)
print(report.videos, "videos")
"""
PAUSES_S = [0.05, 0.4, 0.9]


@pytest.fixture(scope="module")
def unbroken(dozen: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unbroken") / "library"
    ingest([dozen], folder, workers=1)
    return folder


def assert_same_library(one: Path, other: Path) -> None:
    tables = ("videos", "segments")
    assert catalogue_rows(one, tables) == catalogue_rows(other, tables)
    assert proxy_bytes(one) == proxy_bytes(other)
    assert not list((one / "proxies").rglob("*.part"))


def started(script: Path, films: Path, library: Path) -> "subprocess.Popen[str]":
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(films), str(library)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=script.parent
    )


def proxies_begun(library: Path, process: "subprocess.Popen[str]") -> None:
    """Wait until the first proxy is being written."""
    while process.poll() is None and not list((library / "proxies").glob("*/*")):
        time.sleep(0.02)


def test_a_script_without_a_main_guard_can_ingest(
    dozen: Path, unbroken: Path, tmp_path: Path
) -> None:
    process = started(tmp_path / "script.py", dozen, tmp_path / "library")
    printed, said = process.communicate(timeout=120)
    assert (process.returncode, printed) == (0, "12 videos\n")
    assert said.count("ingest: 12 new files") == 1
    assert_same_library(tmp_path / "library", unbroken)


@pytest.mark.parametrize("pause_s", PAUSES_S)
def test_an_ingest_killed_at_any_moment_goes_on_to_the_same_library(
    dozen: Path, unbroken: Path, tmp_path: Path, pause_s: float
) -> None:
    library = tmp_path / "library"
    process = started(tmp_path / "script.py", dozen, library)
    proxies_begun(library, process)
    time.sleep(pause_s)
    process.kill()
    process.communicate()
    report = ingest([dozen], library, workers=2)
    assert (report.videos, report.quarantined) == (12, [])
    assert_same_library(library, unbroken)


def test_an_interrupted_ingest_leaves_a_library_that_can_be_used(
    dozen: Path, unbroken: Path, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    process = started(tmp_path / "script.py", dozen, library)
    # With the third proxy of two workers, at least one video has been handed in.
    while process.poll() is None and len(list((library / "proxies").glob("*/*.mp4"))) < 3:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in said
    opened = Library(library)
    finished = opened.video_ids()
    assert 1 <= len(finished) < 12
    assert all(opened.proxy_path(video_id).is_file() for video_id in finished)
    assert set(opened.segments()["video_id"].to_pylist()) == set(finished)
    assert ingest([dozen], library, workers=2).new_videos == 12 - len(finished)
    assert_same_library(library, unbroken)


def test_an_interruption_in_a_commit_strikes_after_it(
    dozen: Path, unbroken: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit writes three tables: whole or not at all, and no row twice."""
    add = LanceTable.add
    interrupted: list[int] = []

    def add_and_interrupt(table: LanceTable, rows: pa.Table) -> None:
        add(table, rows)
        if not interrupted:
            interrupted.append(rows.num_rows)
            signal.raise_signal(signal.SIGINT)

    library = tmp_path / "library"
    with monkeypatch.context() as patch:
        patch.setattr(LanceTable, "add", add_and_interrupt)
        with pytest.raises(KeyboardInterrupt):
            ingest([dozen], library, workers=1)
    finished = Library(library).video_ids()
    # A machine may be done with all of them before the first commit.
    assert 1 <= len(finished) == len(set(finished)) <= 12
    assert ingest([dozen], library, workers=2).new_videos == 12 - len(finished)
    assert_same_library(library, unbroken)


def test_no_worker_outlives_a_killed_ingest_for_long(dozen: Path, tmp_path: Path) -> None:
    process = started(tmp_path / "script.py", dozen, tmp_path / "library")
    proxies_begun(tmp_path / "library", process)
    workers = psutil.Process(process.pid).children()
    assert workers
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive


KillWorker = Callable[[int], list[str]]


@pytest.fixture
def kill_worker(monkeypatch: pytest.MonkeyPatch) -> KillWorker:
    """Kill so many workers that are told to edit one and the same file; gives its path."""
    send = Worker.send

    def prepare(times: int) -> list[str]:
        told: list[str] = []

        def send_and_kill(worker: Worker, request: dict[str, str]) -> None:
            send(worker, request)
            path = request.get("path", "")
            if request.get("job") == "edit" and len(told) < times and path in (told or [path]):
                told.append(path)
                os.kill(worker.process.pid, signal.SIGKILL)

        monkeypatch.setattr(Worker, "send", send_and_kill)
        return told

    return prepare


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_whose_worker_is_killed_is_tried_again_alone(
    dozen: Path, tmp_path: Path, kill_worker: KillWorker, workers: int
) -> None:
    told = kill_worker(1)
    report = ingest([dozen], tmp_path / "library", workers=workers)
    assert len(told) == 1
    assert (report.videos, report.quarantined) == (12, [])
    assert not list((tmp_path / "library").rglob("*.part"))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_whose_workers_are_killed_again_costs_itself_and_the_run_goes_on(
    dozen: Path, tmp_path: Path, kill_worker: KillWorker, workers: int
) -> None:
    told = kill_worker(2)
    report = ingest([dozen], tmp_path / "library", workers=workers)
    assert len(told) == 2
    assert report.videos == 11
    assert [entry["path"] for entry in report.quarantined] == told[:1]
    assert report.quarantined[0]["reason"] == "the decoder crashed (exit -9)"
    ingest([dozen], tmp_path / "library")  # sweeps what the killed worker left
    assert not list((tmp_path / "library").rglob("*.part"))


def test_a_worker_killed_between_two_files_costs_nothing_for_ever(
    dozen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not read yet is no crash of a decoder: the next run tries it."""
    send = Worker.send
    killed: list[str] = []

    def kill_and_send(worker: Worker, request: dict[str, str]) -> None:
        if request.get("job") == "identify" and not killed:
            killed.append(request["path"])
            worker.process.kill()
            worker.process.wait()
        send(worker, request)

    with monkeypatch.context() as patch:
        patch.setattr(Worker, "send", kill_and_send)
        report = ingest([dozen], tmp_path / "library", workers=2)
    assert killed
    assert (report.videos, report.quarantined) == (12, [])
