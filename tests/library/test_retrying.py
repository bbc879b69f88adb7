"""Rows are added once, and changes are made, whatever becomes of the answers.

Covers also: lance_wrapper.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from eruv.library.catalogue_table import connect
from eruv.library.retrying import RetryingLance
from eruv.library.table_errors import write_errors
from eruv.utils.errors import EruvError
from eruv.utils.storage.remote_path import RemotePath
from storage_for_tests import Faults, Storage

SCHEMA = pa.schema([("n", pa.int64())])


pytestmark = pytest.mark.usefixtures("short_waits")


@pytest.fixture
def folder(storage: Storage) -> RemotePath:
    return RemotePath(storage.bucket("commits")) / "library"


def made(folder: Path) -> Any:
    return connect(folder / "catalogue").create_table("numbers", schema=SCHEMA)


def rows(*numbers: int) -> pa.Table:
    return pa.table({"n": list(numbers)}, SCHEMA)


def numbers(folder: Path) -> list[int]:
    """As another process sees them."""
    found = connect(folder / "catalogue").open_table("numbers").to_arrow()["n"].to_pylist()
    return sorted(found)


def every_other_commit(*kinds: str) -> Faults:
    """Faults of the requests that make a version of a table."""
    seen = [0]

    def is_one(method: str, path: str) -> bool:
        commit = method == "PUT" and "/_versions/" in path
        seen[0] += commit
        return commit and seen[0] % 2 == 1

    return Faults(1.0, kinds=kinds, only=is_one)


@pytest.mark.parametrize("kind", ["lost", "late", "cut", "500", "429", "refused"])
def test_rows_are_added_once(storage: Storage, folder: RemotePath, kind: str) -> None:
    table = made(folder)
    storage.faults = every_other_commit(kind)
    for number in range(4):
        table.add(rows(2 * number, 2 * number + 1))
    assert storage.faults.seen[kind] >= 2
    storage.faults = Faults()
    assert numbers(folder) == [*range(8)]
    table.add(rows(8))
    assert numbers(folder) == [*range(9)]


@pytest.mark.parametrize("kind", ["lost", "late", "500"])
def test_rows_are_deleted_and_files_merged(storage: Storage, folder: RemotePath, kind: str) -> None:
    table = made(folder)
    for number in range(4):
        table.add(rows(number))
    storage.faults = every_other_commit(kind)
    table.delete("n = 2")
    table.optimize()
    storage.faults = Faults()
    assert numbers(folder) == [0, 1, 3]


def test_reading_is_asked_again(storage: Storage, folder: RemotePath) -> None:
    table = made(folder)
    table.add(rows(*range(10)))
    # LanceDB itself gives up where a listing is cut.
    storage.faults = Faults(0.5, kinds=("cut",), only=lambda method, path: "list-type" in path)
    for _ in range(10):
        assert numbers(folder) == [*range(10)]
        assert table.search().where("n > 7").limit(5).to_list() == [{"n": 8}, {"n": 9}]
        assert (table.count_rows(), table.name) == (10, "numbers")
    assert storage.faults.seen["cut"] >= 3


def test_all_may_fail_for_the_moment(storage: Storage, folder: RemotePath) -> None:
    table = made(folder)
    storage.faults = Faults(0.15, seed=1)
    for number in range(15):
        table.add(rows(number))
    table.delete("n = 3")
    table.optimize()
    storage.faults = Faults()
    assert numbers(folder) == [number for number in range(15) if number != 3]


def test_a_refusal_is_told_at_once(storage: Storage, folder: RemotePath) -> None:
    table = made(folder)
    storage.faults = Faults(1.0, kinds=("403 AccessDenied",))
    with (
        pytest.raises(EruvError, match=r"catalogue of s3://commits.* cannot be written"),
        write_errors(folder),
    ):
        table.add(rows(1))
    assert len(storage.faults.requests) <= 10


def test_a_local_table_is_as_it_is(tmp_path: Path) -> None:
    assert not isinstance(made(tmp_path), RetryingLance)
