"""A child process with bounds: what it takes too long, eats or breaks, ends there.

Covers also: decoding, utils/processes.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import psutil
import pytest

from confinement_for_tests import landlock
from eruv.utils.processes import module_process
from eruv.web.bounded import BoundedChild, Bounds, Refused
from films_for_tests import encode, render_video, yuv_frame


@pytest.fixture
def child():
    made = BoundedChild(Bounds())
    yield made
    made.close()


def test_one_process_does_many_jobs(child: BoundedChild, tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 30)])
    times = [
        child.ask("still", path=str(path), seconds=at / 25, height=48)["time_s"] for at in range(5)
    ]
    assert times == pytest.approx([0, 0.04, 0.08, 0.12, 0.16])
    process = child._process
    assert process is not None
    assert process.poll() is None


def test_bounds_hold_in_the_child(tmp_path: Path) -> None:
    child = BoundedChild(Bounds(memory_bytes=1 << 30, file_bytes=1 << 20, niceness=3))
    path = render_video(tmp_path / "film.mp4", [(1, 30)])
    child.ask("still", path=str(path), seconds=0, height=48)
    assert child._process is not None
    process = psutil.Process(child._process.pid)
    try:
        if sys.platform == "linux":
            assert process.rlimit(resource.RLIMIT_AS) == (1 << 30, 1 << 30)
            assert process.rlimit(resource.RLIMIT_FSIZE) == (1 << 20, 1 << 20)
            assert process.rlimit(resource.RLIMIT_CORE) == (0, 0)
        assert process.nice() >= 3
    finally:
        child.close()


def test_memory_is_bounded(tmp_path: Path) -> None:
    big = np.zeros((4096, 4096), np.uint8)
    path = encode(tmp_path / "big.avi", [yuv_frame(big)] * 3, codec="mpeg4")
    child = BoundedChild(Bounds(memory_bytes=400 << 20))
    try:
        with pytest.raises(Refused):
            child.ask("preview", path=str(path), to=str(tmp_path / "preview.mp4"))
    finally:
        child.close()
    assert not (tmp_path / "preview.mp4").exists()


def test_written_files_are_bounded(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    noise = [yuv_frame(rng.integers(16, 235, (240, 320), np.uint8)) for _ in range(50)]
    path = encode(tmp_path / "noise.avi", noise, codec="mpeg4", options={"b": "8M"})
    child = BoundedChild(Bounds(file_bytes=50_000))
    try:
        with pytest.raises(Refused, match="cannot be decoded"):
            child.ask("preview", path=str(path), to=str(tmp_path / "preview.mp4"))
    finally:
        child.close()
    assert sorted(os.listdir(tmp_path)) == ["noise.avi"]


@pytest.mark.parametrize("bounds", [Bounds(wall_s=1), Bounds(silent_s=1)])
def test_what_hangs_is_ended_and_the_next_job_is_done(tmp_path: Path, bounds: Bounds) -> None:
    os.mkfifo(tmp_path / "pipe")
    path = render_video(tmp_path / "film.mp4", [(1, 30)])
    child = BoundedChild(Bounds())
    try:
        child.ask("still", path=str(path), seconds=0, height=48)  # started
        child.bounds, hung = bounds, child._process
        with pytest.raises(Refused, match="more than 1 seconds"):
            child.ask("still", path=str(tmp_path / "pipe"), seconds=0, height=48)
        assert hung is not None
        assert hung.poll() is not None
        child.bounds = Bounds()
        assert child.ask("still", path=str(path), seconds=0, height=48)["jpeg"]
    finally:
        child.close()


def test_a_child_that_dies_is_a_refusal_and_another_comes(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 30)])
    os.mkfifo(tmp_path / "pipe")
    child = BoundedChild(Bounds())
    try:
        child.ask("still", path=str(path), seconds=0, height=48)
        assert child._process is not None
        os.kill(child._process.pid, signal.SIGSEGV)
        assert child._process.wait() == -signal.SIGSEGV
        assert child.ask("still", path=str(path), seconds=0, height=48)["jpeg"]
        os.kill(child._process.pid, signal.SIGSTOP)  # it will read no more
        os.kill(child._process.pid, signal.SIGKILL)
        with pytest.raises(Refused):
            child._next_event(child._process, time.monotonic() + 5)
    finally:
        child.close()


def test_confined_jobs_have_a_process_each_and_reach_their_files_alone(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 30)])
    (tmp_path / "link.mp4").symlink_to(path)
    child = BoundedChild(Bounds(confined=True))
    try:
        found = child.ask("still", path=str(path), seconds=0, height=48)
        assert found["jpeg"]
        assert child._process is None
        if landlock() >= 1:  # a link is no file that was named
            with pytest.raises(Refused, match="Permission denied"):
                child.ask("still", path=str(tmp_path / "link.mp4"), seconds=0, height=48)
        assert child.ask("still", path=str(path), seconds=0, height=48) == found
    finally:
        child.close()


def test_nothing_is_asked_after_the_end() -> None:
    child = BoundedChild(Bounds())
    child.close()
    with pytest.raises(Refused, match="closing"):
        child.ask("still", path="/x", seconds=0, height=48)


def test_reasons_name_no_path(child: BoundedChild, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no film")
    for path in (tmp_path / "text", tmp_path / "none", tmp_path):
        with pytest.raises(Refused) as caught:
            child.ask("still", path=str(path), seconds=0, height=48)
        assert str(tmp_path) not in str(caught.value)
        assert str(caught.value).endswith(".")


def test_an_orphan_ends(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.avi", [(1, 1500)], size=(320, 240), codec="mpeg4")
    process = module_process("eruv.web.decoding")
    assert process.stdin is not None
    assert process.stdout is not None
    job = {"job": "preview", "path": str(path), "to": str(tmp_path / "preview.mp4")}
    process.stdin.write(json.dumps(asdict(Bounds())) + "\n" + json.dumps(job) + "\n")
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["event"] == "share"
    process.stdout.close()  # as when its parent dies
    process.stdin.close()
    assert process.wait(30) == 1


def test_bounds_are_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        Bounds(wall_s=0)


def test_modules_of_the_working_directory_are_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    process = module_process("json.tool", {"SOME": "thing"})
    output, _ = process.communicate("[1]")
    assert process.returncode == 0
    assert json.loads(output) == [1]
    assert isinstance(process, subprocess.Popen)
