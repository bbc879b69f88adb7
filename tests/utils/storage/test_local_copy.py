"""Objects as local files: fetched once, whole, within a limit, and never out of date for long."""

import os
import time
from pathlib import Path

import pytest

from eruv.utils.atomic import replace_text, whole_file
from eruv.utils.errors import EruvError
from eruv.utils.storage import local_copy
from eruv.utils.storage.errors import NoObject
from eruv.utils.storage.local_copy import cache_folder
from eruv.utils.storage.remote_path import RemotePath, is_remote
from storage_for_tests import Faults, Storage, forget_connections


@pytest.fixture(autouse=True)
def short_parts(short_waits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_copy, "PART_BYTES", 1000)


@pytest.fixture
def home(storage: Storage) -> RemotePath:
    return RemotePath(storage.bucket("copies"))


def put(storage: Storage, path: RemotePath, content: bytes) -> RemotePath:
    storage.client().put_object(Bucket=path.bucket, Key="/".join(path.parts[2:]), Body=content)
    return path


def copies() -> list[bytes]:
    return sorted(path.read_bytes() for path in cache_folder().iterdir())


def test_a_local_file_is_its_own_copy(tmp_path: Path) -> None:
    assert local_copy.local_copy(tmp_path / "film.mp4") == tmp_path / "film.mp4"


@pytest.mark.parametrize("size", [0, 1, 1000, 7777])
def test_a_copy_has_the_bytes_and_the_suffix(storage: Storage, home: RemotePath, size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    path = put(storage, home / "proxies/aa.mp4", content)
    storage.faults = Faults(0.2, kinds=("429", "500", "503", "refused", "cut"))
    copy = local_copy.local_copy(path)
    assert (copy.read_bytes(), copy.suffix) == (content, ".mp4")
    storage.faults = Faults()
    assert local_copy.local_copy(path) == copy
    assert storage.faults.requests == []
    forget_connections()  # as another process
    assert local_copy.local_copy(path) == copy
    assert [method for method, _ in storage.faults.requests] == ["HEAD"]


def test_another_object_of_the_same_name_is_fetched(storage: Storage, home: RemotePath) -> None:
    path = put(storage, home / "a.mp4", b"old")
    assert local_copy.local_copy(path).read_bytes() == b"old"
    put(storage, path, b"new")
    forget_connections()
    assert local_copy.local_copy(path).read_bytes() == b"new"


def test_the_limit_holds_but_for_what_was_just_used(
    storage: Storage, home: RemotePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERUV_CACHE_GB", "2.5e-6")  # 2,500 bytes
    monkeypatch.setattr(local_copy, "SPARED_S", 0.0)
    for number in range(6):
        path = put(storage, home / f"{number}.mp4", bytes([number]) * 1000)
        assert local_copy.local_copy(path).read_bytes() == bytes([number]) * 1000
    assert copies() == [bytes([number]) * 1000 for number in (4, 5)]
    assert local_copy.local_copy(home / "0.mp4").read_bytes() == bytes(1000)


def test_what_is_used_now_stays_beyond_the_limit(
    storage: Storage, home: RemotePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERUV_CACHE_GB", "0")
    paths = [put(storage, home / f"{number}.mp4", bytes(1000)) for number in range(3)]
    found = [local_copy.local_copy(path) for path in paths]
    assert all(path.exists() for path in found)


@pytest.mark.parametrize("text", ["many", "-1", "inf"])
def test_a_limit_that_is_none_is_refused(
    storage: Storage, home: RemotePath, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERUV_CACHE_GB", text)
    with pytest.raises(EruvError, match="ERUV_CACHE_GB must be a number of gigabytes"):
        local_copy.local_copy(put(storage, home / "a.mp4", b"x"))


def test_what_is_not_there_is_told(home: RemotePath) -> None:
    with pytest.raises(NoObject, match="no object s3://copies"):
        local_copy.local_copy(home / "a.mp4")
    assert copies() == []


def test_a_file_is_written_whole_and_kept(storage: Storage, home: RemotePath) -> None:
    path = home / "proxies/aa.mp4"
    with whole_file(path) as partial:
        partial.write_bytes(b"x" * 5000)
        assert storage.keys(f"s3://{home.bucket}") == {}
    assert storage.keys(f"s3://{home.bucket}") == {"proxies/aa.mp4": 5000}
    storage.faults = Faults()
    assert local_copy.local_copy(path).read_bytes() == b"x" * 5000
    assert storage.faults.requests == []
    replace_text(home / "library.json", "{}")
    assert (home / "library.json").read_text() == "{}"


def test_after_an_error_nothing_is_written(storage: Storage, home: RemotePath) -> None:
    def write() -> None:
        with whole_file(home / "a.mp4") as partial:
            partial.write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write()
    assert storage.keys(f"s3://{home.bucket}") == {}
    assert copies() == []


def test_a_borrowed_copy_has_the_name_and_goes(storage: Storage, home: RemotePath) -> None:
    content = bytes(number % 251 for number in range(7777))
    path = put(storage, home / "films/a film.mp4", content)
    storage.faults = Faults(0.2, kinds=("429", "500", "503", "refused", "cut"))
    shares: list[float] = []
    with local_copy.borrowed(path, shares.append) as copy:
        assert (copy.read_bytes(), copy.name) == (content, "a film.mp4")
        assert not is_remote(copy)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert copies() == []
    long = put(storage, home / ("ü" * 250 + ".mkv"), b"long")
    with local_copy.borrowed(long) as copy:
        assert (copy.read_bytes(), copy.suffix) == (b"long", ".mkv")


def test_a_borrowed_copy_goes_after_ctrl_c(storage: Storage, home: RemotePath) -> None:
    path = put(storage, home / "a.mp4", bytes(5000))

    def interrupted(share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), local_copy.borrowed(path, interrupted):
        pass
    assert copies() == []


def test_a_local_file_is_borrowed_as_it_is(tmp_path: Path) -> None:
    with local_copy.borrowed(tmp_path / "film.mp4") as copy:
        assert copy == tmp_path / "film.mp4"


def test_what_a_killed_process_borrowed_goes_a_day_later(
    storage: Storage, home: RemotePath
) -> None:
    path = put(storage, home / "a.mp4", b"x")
    old, young = (cache_folder() / f".{name}.part" for name in ("old", "young"))
    for left in (old, young):
        left.mkdir()
        (left / "film.mp4").write_bytes(b"half")
    two_days_ago = time.time() - 2 * 86_400
    os.utime(old, (two_days_ago, two_days_ago))
    with local_copy.borrowed(path):
        assert not old.exists()
        assert young.exists()
