"""An object is a seekable file: the same bytes as a local one, each fetched once."""

import io
import random
from pathlib import Path

import numpy as np
import pytest

from eruv.utils.storage import bucket, ranges
from eruv.utils.storage.errors import NoObject, StorageError
from eruv.utils.storage.ranges import RemoteFile
from eruv.utils.storage.remote_path import RemotePath
from storage_for_tests import Faults, Storage

BLOCK = 1000


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "BLOCK_BYTES", BLOCK)
    monkeypatch.setattr(bucket, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(bucket, "LONGEST_WAIT_S", 0.05)


@pytest.fixture
def content() -> bytes:
    return np.random.default_rng(0).integers(0, 256, 20_345, np.uint8).tobytes()


@pytest.fixture
def path(storage: Storage, tmp_path: Path, content: bytes) -> RemotePath:
    (tmp_path / "film").write_bytes(content)
    (tmp_path / "empty").write_bytes(b"")
    files = {"film.mp4": tmp_path / "film", "empty.mp4": tmp_path / "empty"}
    return RemotePath(storage.bucket("ranges", files)) / "film.mp4"


def gets(storage: Storage) -> int:
    return sum(method == "GET" for method, _ in storage.faults.requests)


@pytest.mark.parametrize("share", [0.0, 0.3])
@pytest.mark.parametrize("kept", [4, 512])
def test_reads_and_seeks_give_what_a_local_file_gives(
    storage: Storage,
    path: RemotePath,
    content: bytes,
    share: float,
    kept: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ranges, "KEPT_BLOCKS", kept)
    storage.faults = Faults(share, kinds=("429", "500", "503", "refused", "cut", "slow"))
    rng, local = random.Random(1), io.BytesIO(content)
    with path.open("rb") as file:
        assert file.seekable()
        assert file.readable()
        for _ in range(150):
            whence = rng.choice([io.SEEK_SET, io.SEEK_CUR, io.SEEK_END])
            if rng.random() < 0.4:
                start = {io.SEEK_SET: 0, io.SEEK_CUR: local.tell(), io.SEEK_END: len(content)}
                to = rng.randint(0, len(content) + 50)
                assert file.seek(to - start[whence], whence) == to
                local.seek(to)
            size = rng.choice([0, 1, 37, BLOCK, 3 * BLOCK])
            assert file.read(size) == local.read(size)
            assert file.tell() == local.tell()
        file.seek(0)
        assert file.read() == content


def test_each_block_is_fetched_once_and_ahead(
    storage: Storage, path: RemotePath, content: bytes
) -> None:
    for _ in range(3):
        with path.open("rb") as file:
            assert file.read() == content
    assert gets(storage) == -(-len(content) // BLOCK)


def test_a_small_object_displaces_no_film(
    storage: Storage, path: RemotePath, content: bytes
) -> None:
    storage.client().put_object(Bucket=path.bucket, Key="record.json", Body=b"{}")
    assert path.open("rb").read() == content
    assert path.with_name("record.json").read_text() == "{}"
    before = gets(storage)
    assert path.open("rb").read() == content
    assert gets(storage) == before
    storage.client().put_object(Bucket=path.bucket, Key="other.mp4", Body=content)
    assert path.with_name("other.mp4").open("rb").read() == content
    assert gets(storage) == 2 * before - 1  # one film at a time is kept


def test_the_head_alone_takes_one_request(storage: Storage, path: RemotePath) -> None:
    with path.open("rb") as file:
        file.read(100)
        file.seek(500)
        file.read(100)
    assert gets(storage) == 1


def test_an_object_that_changed_is_fetched_again(
    storage: Storage, path: RemotePath, content: bytes
) -> None:
    with path.open("rb") as file:
        assert file.read(10) == content[:10]
    storage.client().put_object(Bucket=path.bucket, Key="film.mp4", Body=content[::-1])
    with path.open("rb") as file:
        assert file.read() == content[::-1]


def test_text_and_empty_objects(storage: Storage, path: RemotePath) -> None:
    storage.client().put_object(Bucket=path.bucket, Key="text", Body="é\nb\n".encode())
    assert path.with_name("text").read_text().splitlines() == ["é", "b"]
    assert path.with_name("empty.mp4").read_bytes() == b""
    with pytest.raises(NoObject):
        path.with_name("nothing").read_bytes()


def test_a_failure_comes_up_where_it_is_read(storage: Storage, path: RemotePath) -> None:
    with path.open("rb") as file:
        file.read(10)
        storage.faults = Faults(share=1.0, kinds=("403 AccessDenied",))
        with pytest.raises(StorageError, match="is refused"):
            file.read()
        storage.faults = Faults()
        file.seek(0)
        assert len(file.read()) == 20_345


def test_a_place_before_the_start_is_refused(path: RemotePath) -> None:
    with RemoteFile(path) as file, pytest.raises(ValueError, match="no place -1"):
        file.seek(-1)
