"""Requests to a real server: what comes, what is refused in words, and what is asked again.

Covers also: connection, refusals.
"""

import sys
import threading
import time
from pathlib import Path

import pytest

from eruv.utils.errors import EruvError
from eruv.utils.storage import bucket
from eruv.utils.storage.bucket import (
    all_below,
    edit_small,
    folder_below,
    info_of,
    read_range,
    read_small,
    remove,
    write_if,
    write_object,
)
from eruv.utils.storage.connection import lance_options
from eruv.utils.storage.errors import NoObject, ObjectChanged, ObjectRefused, StorageError
from eruv.utils.storage.remote_path import RemotePath
from storage_for_tests import Faults, Storage, forget_connections, free_port

pytestmark = pytest.mark.usefixtures("short_waits")


@pytest.fixture
def home(storage: Storage, tmp_path: Path) -> RemotePath:
    """A bucket with objects on three floors."""
    for name, size in (("a", 10), ("b", 1000), ("c", 0)):
        (tmp_path / name).write_bytes(bytes(range(256)) * 4 if size == 1000 else bytes(size))
    files = {"films/a.mp4": "a", "films/deep/er/b.mp4": "b", "films/c.mp4": "c", "top.mp4": "a"}
    return RemotePath(storage.bucket("home", {key: tmp_path / one for key, one in files.items()}))


def test_listings_have_sizes_and_tags(home: RemotePath) -> None:
    files, folders = folder_below(home / "films")
    assert files == [home / "films/a.mp4", home / "films/c.mp4"]
    assert folders == [home / "films/deep"]
    assert {str(path.relative_to(home)) for path in all_below(home)} == {
        *("films/a.mp4", "films/deep/er/b.mp4", "films/c.mp4", "top.mp4")
    }
    for path in all_below(home):
        asked = info_of(RemotePath(path))
        assert path.known is not None
        assert (asked.size, asked.tag) == (path.known.size, path.known.tag)
        assert abs(asked.modified_s - path.known.modified_s) <= 1
        assert abs(asked.modified_s - time.time()) < 120
    assert list(all_below(home / "nothing")) == []


def test_what_is_there_is_told(home: RemotePath) -> None:
    assert (home / "films/a.mp4").is_file()
    assert not (home / "films/a.mp4").is_dir()
    assert (home / "films").is_dir()
    assert not (home / "films").is_file()
    assert home.is_dir()
    assert not home.is_file()
    assert home.exists()
    assert not (home / "film").exists()
    assert (home / "films/a.mp4").stat().st_size == 10
    with pytest.raises(NoObject, match=r"there is no object s3://home.*/film\.mp4"):
        (home / "film.mp4").stat()


def content(path: RemotePath) -> bytes | None:
    found = read_small(path)
    return None if found is None else found[0]


def test_objects_are_written_read_and_removed(home: RemotePath, tmp_path: Path) -> None:
    path = home / "films/deep/er/b.mp4"
    assert read_range(path, 100, 300) == (bytes(range(256)) * 4)[100:300]
    (tmp_path / "new").write_bytes(b"new")
    write_object(home / "new", tmp_path / "new")
    assert content(home / "new") == b"new"
    before = info_of(home / "new").tag
    write_object(home / "new", b"newer")
    assert read_small(home / "new") == (b"newer", info_of(home / "new"))
    remove(home / "new")
    remove(home / "new")
    assert content(home / "new") is None
    with pytest.raises(ObjectChanged):
        read_range(path, 0, 10, tag=before)


def test_of_several_writers_one_is_first(home: RemotePath) -> None:
    assert write_if(home / "new", b"first")
    assert not write_if(home / "new", b"second")
    there = info_of(home / "new")
    assert write_if(home / "new", b"third", there)
    assert not write_if(home / "new", b"fourth", there)
    assert content(home / "new") == b"third"


def test_edits_of_several_writers_are_all_kept(storage: Storage, home: RemotePath) -> None:
    storage.faults = Faults(0.1, seed=5)
    edited = home / "edited"

    def edit(letter: bytes) -> None:
        edit_small(edited, lambda before: b"".join(sorted({letter, *_letters(before or b"")})))

    threads = [threading.Thread(target=edit, args=[one]) for one in _letters(b"cabde")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert content(edited) == b"abcde"


def _letters(text: bytes) -> list[bytes]:
    return [text[place : place + 1] for place in range(len(text))]


def test_an_object_that_never_rests_is_told(
    home: RemotePath, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "write_if", lambda path, content, there: False)
    with pytest.raises(ObjectChanged, match=r"other processes keep writing to s3://.*/busy"):
        edit_small(home / "busy", lambda before: b"x")


def test_where_someone_waits_it_is_asked_a_few_times(storage: Storage, home: RemotePath) -> None:
    storage.faults = Faults(1.0, kinds=("503",))
    with pytest.raises(StorageError, match="cannot be reached after 3 attempts"):
        read_small(home / "films/a.mp4", bucket.FEW_ATTEMPTS)
    assert storage.faults.seen["503"] == 3


def test_failures_of_the_moment_are_asked_again(storage: Storage, home: RemotePath) -> None:
    storage.faults = Faults(share=0.4, kinds=("429", "500", "503", "refused", "cut", "slow"))
    path = home / "films/deep/er/b.mp4"
    for start in range(0, 1000, 50):
        assert read_range(path, start, start + 20) == (bytes(range(256)) * 4)[start : start + 20]
        assert info_of(path).size == 1024
    for number in range(20):
        write_object(home / f"many/{number}", b"x" * number)
    assert {path.known.size for path in folder_below(home / "many")[0] if path.known} == {
        *range(20)
    }
    assert all(storage.faults.seen[kind] for kind in ("429", "500", "503", "refused", "cut"))


def test_an_answer_that_is_lost_is_no_other_writer(storage: Storage, home: RemotePath) -> None:
    puts: list[str] = []

    def the_first_put(method: str, path: str) -> bool:
        puts.extend([path] * (method == "PUT"))
        return method == "PUT" and len(puts) == 1

    storage.faults = Faults(share=1.0, kinds=("lost",), only=the_first_put)
    assert write_if(home / "lock", b"mine")
    assert storage.faults.seen["lost"] == 1
    assert len(puts) == 2


def test_what_fails_for_long_is_told(storage: Storage, home: RemotePath) -> None:
    storage.faults = Faults(share=1.0, kinds=("503",))
    with pytest.raises(StorageError, match=r"cannot be reached after 8 attempts.*same command"):
        read_small(home / "top.mp4")
    assert storage.faults.seen["503"] == bucket.ATTEMPTS


def test_a_server_that_is_not_there_is_told(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    forget_connections()
    with pytest.raises(StorageError, match=r"cannot be reached after 8 attempts.*AWS_ENDPOINT_URL"):
        folder_below(RemotePath("s3://bucket"))


def test_a_bucket_that_is_not_there_is_told(storage: Storage) -> None:
    with pytest.raises(StorageError, match=r"there is no bucket s3://no-such here.*AWS_REGION"):
        folder_below(RemotePath("s3://no-such/films"))
    with pytest.raises(StorageError, match="there is no bucket s3://no-such"):
        read_small(RemotePath("s3://no-such/film.mp4"))


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "AccessDenied", "is refused: .*Ask for permission"),
        (403, "InvalidAccessKeyId", "credentials for .* are not accepted.*AWS_ACCESS_KEY_ID"),
        (400, "ExpiredToken", "credentials for .* are not accepted"),
        (403, "SignatureDoesNotMatch", "credentials for .* are not accepted"),
    ],
)
def test_refusals_are_told_at_once(
    storage: Storage, home: RemotePath, status: int, code: str, words: str
) -> None:
    storage.faults = Faults(share=1.0, kinds=(f"{status} {code}",))
    for ask in (read_small, info_of, folder_below):
        storage.faults.requests.clear()
        with pytest.raises(StorageError, match=words) as told:
            ask(home / "top.mp4")
        assert isinstance(told.value, ObjectRefused) == (code == "AccessDenied")
        assert len(storage.faults.requests) <= 3


def test_missing_credentials_are_told(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    forget_connections()
    with pytest.raises(StorageError, match=r"no credentials for s3://bucket.*AWS_SKIP_SIGNATURE"):
        read_small(RemotePath("s3://bucket/film.mp4"))


def test_a_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_connections()
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(EruvError, match=r"pip install 'eruv\[s3\]'"):
        read_small(RemotePath("s3://bucket/film.mp4"))


def test_lance_gets_the_same_server(monkeypatch: pytest.MonkeyPatch) -> None:
    path = RemotePath("s3://bucket/library")
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    assert not {"aws_endpoint", "aws_region"} & lance_options(path).keys()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")
    options = lance_options(path)
    assert options["aws_endpoint"] == "http://127.0.0.1:9000"
    assert (options["allow_http"], options["aws_region"]) == ("true", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://storage")
    assert lance_options(path)["allow_http"] == "false"
