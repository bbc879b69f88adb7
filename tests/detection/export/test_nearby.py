"""Shots as files of films in a bucket: those of the same films on a disk, and no copy stays."""

import os
import signal
import time
from pathlib import Path

import pytest

import eruv
from eruv.detection.export import split as splitting
from eruv.utils.storage import local_copy
from eruv.utils.storage.local_copy import cache_folder
from films_for_tests import render_video
from storage_for_tests import Faults, Storage
from training_for_tests import start_eruv

pytestmark = pytest.mark.usefixtures("short_waits")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Three shots: the first two begin with key frames and are copied, the third does not."""
    return render_video(
        tmp_path / "film.mp4", [(1, 48), (2, 48), (3, 20)], options={"g": "48", "sc_threshold": "0"}
    )


def hidden() -> list[Path]:
    return [path for path in cache_folder().iterdir() if path.name.startswith(".")]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("copy", [False, True])
def test_the_files_are_those_of_a_local_film(
    storage: Storage, film: Path, tmp_path: Path, copy: bool
) -> None:
    home = storage.bucket("split", {"films/film.mp4": film})
    storage.faults = Faults(0.1, kinds=("429", "500", "refused", "cut"))
    local = eruv.shots(film, split=tmp_path / "local", copy=copy, threads=1)
    remote = eruv.shots(f"{home}/films/film.mp4", split=tmp_path / "remote", copy=copy, threads=1)
    assert remote.not_written == []
    assert remote.videos[0]["path"] == f"{home}/films/film.mp4"
    hows = [[one["how"] for one in each.videos[0]["files"]["shots"]] for each in (local, remote)]
    assert hows[0] == hows[1]
    assert contents(tmp_path / "local") == contents(tmp_path / "remote")
    assert len(contents(tmp_path / "remote")) == 3
    # Bytes were fetched once, for finding the shots, and kept.
    assert storage.faults.sent_bytes < 1.5 * film.stat().st_size + 10_000
    assert hidden() == []


def test_several_files_are_one_film(storage: Storage, film: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = render_video(tmp_path / "other" / "film.mp4", [(7, 30)])
    home = storage.bucket("joined", {"a/film.mp4": film, "b/film.mp4": other})
    local = eruv.shots([film, other], joined=True, split=tmp_path / "local", threads=1)
    names = [f"{home}/{letter}/film.mp4" for letter in "ab"]
    remote = eruv.shots(names, joined=True, split=tmp_path / "remote", threads=1)
    assert (remote.not_written, remote.shots) == ([], local.shots)
    assert contents(tmp_path / "local") == contents(tmp_path / "remote")
    assert hidden() == []


def test_a_full_disk_is_told_and_lists_are_written(
    storage: Storage, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = storage.bucket("full", {"film.mp4": film})
    monkeypatch.setattr(local_copy, "SPARE_BYTES", 1 << 60)
    found = eruv.shots(f"{home}/film.mp4", split=tmp_path / "shots", csv=True, to=tmp_path)
    (fault,) = found.not_written
    assert f"cannot keep a copy of {home}/film.mp4 in {cache_folder()}: No space" in fault["reason"]
    assert (tmp_path / "film.shots.csv").is_file()
    assert contents(tmp_path / "shots") == {}
    assert hidden() == []


def test_errors_name_the_film_and_not_its_copy(
    storage: Storage, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = storage.bucket("named", {"film.mp4": film})

    def broken(shots: object, *rest: object) -> None:
        raise OSError("the disk is on fire")

    monkeypatch.setattr(splitting, "copy_shots", broken)
    (fault,) = eruv.shots(f"{home}/film.mp4", split=tmp_path / "shots").not_written
    assert fault["reason"].startswith(f"cannot write the shots of {home}/film.mp4 to ")


def test_ctrl_c_leaves_no_copy(storage: Storage, film: Path, tmp_path: Path) -> None:
    home = storage.bucket("stopped", {"film.mp4": film})
    many = render_video(tmp_path / "long.mp4", [(n, 50) for n in range(20)], size=(320, 240))
    storage.client().put_object(
        Bucket=home.removeprefix("s3://"), Key="long.mp4", Body=many.read_bytes()
    )
    process = start_eruv("shots", f"{home}/long.mp4", "--split", tmp_path / "shots")
    deadline = time.monotonic() + 60
    while not hidden() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert hidden(), process.communicate()
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert hidden() == []
