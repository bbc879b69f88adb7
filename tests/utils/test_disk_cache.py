"""Files in a folder of limited size: the least lately used go first."""

import os
import time
from pathlib import Path

import pytest

from eruv.utils.disk_cache import DiskCache


def names(cache: DiskCache) -> list[str]:
    return sorted(os.listdir(cache.folder))


def test_the_least_lately_used_goes(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache", 30)
    for name in "abc":
        cache.put(name, b"x" * 10)
        time.sleep(0.01)
    assert cache.get("a") == cache.folder / "a"
    cache.put("d", b"x" * 10)
    assert names(cache) == ["a", "c", "d"]
    assert cache.get("b") is None


def test_what_was_made_last_stays_even_if_it_is_too_large(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 30)
    cache.put("a", b"x" * 10)
    cache.put("big", b"x" * 100)
    assert names(cache) == ["big"]


def test_use_leaves_the_time_of_change(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 30)
    path = cache.put("a", b"x")
    before = path.stat().st_mtime_ns
    time.sleep(0.01)
    cache.get("a")
    assert path.stat().st_mtime_ns == before
    assert path.stat().st_atime_ns > before


def test_files_of_earlier_processes_count(tmp_path: Path) -> None:
    DiskCache(tmp_path, 100).put("a", b"x" * 90)
    cache = DiskCache(tmp_path, 100)
    cache.put("b", b"x" * 20)
    assert names(cache) == ["b"]


def test_half_written_files_are_swept(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 100)
    (tmp_path / ".a.mp4.1.part").write_bytes(b"x")
    cache.sweep(60)
    assert names(cache) == [".a.mp4.1.part"]
    cache.sweep()
    assert names(cache) == []


def test_folders_that_a_killed_process_left_are_swept(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 100)
    (tmp_path / ".b.part").mkdir()
    (tmp_path / ".b.part" / "film.mp4").write_bytes(b"x")
    (tmp_path / "pages").mkdir()
    cache.sweep(60)
    assert names(cache) == [".b.part", "pages"]
    cache.sweep()
    assert names(cache) == ["pages"]


def test_a_link_to_the_folder_is_resolved(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    cache = DiskCache(tmp_path / "link", 10)
    assert cache.path("a") == Path(os.path.realpath(tmp_path)) / "real" / "a"
    with pytest.raises(ValueError, match="at least 0"):
        DiskCache(tmp_path, -1)
