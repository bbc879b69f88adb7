"""The page's own files lie in a local library's folder, and for one in a bucket in the cache's."""

from pathlib import Path

import pytest

from eruv.library.page_folder import page_folder
from eruv.utils.storage.remote_path import RemotePath


def test_a_local_library_holds_it(tmp_path: Path) -> None:
    assert page_folder(tmp_path / "library").parent == tmp_path / "library"


def test_libraries_in_buckets_have_one_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERUV_CACHE", str(tmp_path / "cache"))
    folders = {page_folder(RemotePath(f"s3://bucket/{name}")) for name in ("a", "b")}
    assert len(folders) == 2
    assert {folder.parent.parent for folder in folders} == {tmp_path / "cache"}
    assert page_folder(RemotePath("s3://bucket/a")) in folders
