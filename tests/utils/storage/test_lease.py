"""One writer at a time in a bucket, and a dead one's place is free."""

import json
import os
import subprocess
import sys
import time

import pytest

from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock
from eruv.utils.storage import lease
from eruv.utils.storage.remote_path import RemotePath
from storage_for_tests import Faults, Storage


@pytest.fixture(autouse=True)
def short_leases(short_waits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEWED_S", 0.1)
    monkeypatch.setattr(lease, "SUSPECT_S", 0.0)
    monkeypatch.setattr(lease, "WATCHED_S", 1.5)


@pytest.fixture
def folder(storage: Storage) -> RemotePath:
    return RemotePath(storage.bucket("lease")) / "library"


def locks(storage: Storage, folder: RemotePath) -> list[str]:
    return [key for key in storage.keys(f"s3://{folder.bucket}") if key.endswith(".lock")]


def put(storage: Storage, folder: RemotePath, **record: object) -> None:
    body = json.dumps(record).encode()
    storage.client().put_object(Bucket=folder.bucket, Key="library/.lock", Body=body)


def test_a_second_writer_is_refused_while_the_first_renews(
    storage: Storage, folder: RemotePath
) -> None:
    storage.faults = Faults(0.1)
    with folder_lock(folder):
        assert locks(storage, folder) == ["library/.lock"]
        # As another machine, that judges by what it sees alone.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("socket.gethostname", lambda: "elsewhere")
            with pytest.raises(EruvError, match=rf"writing to s3://.*: process {os.getpid()} "):
                take(folder)
    assert locks(storage, folder) == []
    with folder_lock(folder):
        pass


def test_a_fresh_lock_is_not_watched(
    storage: Storage, folder: RemotePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "SUSPECT_S", 90.0)
    monkeypatch.setattr(time, "sleep", None)
    put(storage, folder, owner="process 5 (eruv ingest) on other", token="t", host="other")
    with pytest.raises(EruvError, match=r"process 5 \(eruv ingest\) on other.*after 90 s"):
        take(folder)


def test_a_lock_that_is_not_renewed_is_taken_over(storage: Storage, folder: RemotePath) -> None:
    put(storage, folder, owner="process 5", token="t", host="other", process=5)
    started = time.monotonic()
    with folder_lock(folder):
        assert time.monotonic() - started >= 1.5
    assert locks(storage, folder) == []


def test_the_lock_of_a_killed_process_of_this_machine_is_free_at_once(
    storage: Storage, folder: RemotePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"""
import os
from eruv.utils.lock import folder_lock
from eruv.utils.storage.remote_path import RemotePath
with folder_lock(RemotePath({str(folder)!r})):
    os._exit(9)
"""
    done = subprocess.run([sys.executable, "-c", code], env=dict(os.environ, PYTHONPATH=src()))
    assert done.returncode == 9
    assert locks(storage, folder)
    monkeypatch.setattr(lease, "WATCHED_S", 60.0)
    with folder_lock(folder):
        pass


def test_a_writer_that_lost_its_lock_says_so(storage: Storage, folder: RemotePath) -> None:
    lock = folder_lock(folder)
    lock.__enter__()
    put(storage, folder, owner="process 6", token="u", host="other", process=6)
    time.sleep(0.5)
    with pytest.raises(EruvError, match=r"took over s3://.*eruv check"):
        lock.__exit__(None, None, None)
    assert locks(storage, folder) == ["library/.lock"]


def take(folder: RemotePath) -> None:
    with folder_lock(folder):
        raise AssertionError("there were two writers")


def src() -> str:
    return os.pathsep.join(sys.path)


def test_whoever_looks_sees_a_writer(folder: RemotePath, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "SUSPECT_S", 90.0)
    assert not lease.is_leased(folder)
    with folder_lock(folder):
        assert lease.is_leased(folder)
        monkeypatch.setattr(time, "time", lambda now=time.time: now() + 91)
        assert not lease.is_leased(folder)  # it was not renewed for long
