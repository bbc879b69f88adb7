"""A check names every video that is not whole, and says nothing of those that are."""

import os
import shutil
from pathlib import Path

import pytest

import eruv
from eruv.library.catalogue import Library
from eruv.library.check import PROXIES, check
from films_for_tests import SmallLibrary


@pytest.fixture
def library(small_library: SmallLibrary, tmp_path: Path) -> Library:
    shutil.copytree(small_library.folder, tmp_path / "library")
    return Library(tmp_path / "library")


def test_a_whole_library_has_no_faults(library: Library) -> None:
    before = {path: path.stat().st_mtime_ns for path in library.folder.rglob("*")}
    found = eruv.check(library.folder)
    assert (found.videos, found.failed, found.orphans, found.without_digest) == (5, [], 0, 0)
    assert found.without_files == 0
    assert {path: path.stat().st_mtime_ns for path in library.folder.rglob("*")} == before


def test_every_kind_of_damage_to_a_proxy_is_named(library: Library) -> None:
    gone, short, other, *_ = library.video_ids()
    library.proxy_path(gone).unlink()
    whole = library.proxy_path(short).read_bytes()
    library.proxy_path(short).write_bytes(whole[:-1])
    flipped = bytearray(library.proxy_path(other).read_bytes())
    flipped[len(flipped) // 2] ^= 1
    library.proxy_path(other).write_bytes(flipped)
    reasons = {fault.video_id: fault.reason for fault in check(library.folder).failed}
    assert reasons.keys() == {gone, short, other}
    assert "missing" in reasons[gone]
    assert f"{len(whole) - 1:,} of {len(whole):,} bytes" in reasons[short]
    assert "other bytes" in reasons[other]


def test_lost_segments_and_remains_are_told(library: Library) -> None:
    first, second, *_ = library.video_ids()
    library.tables["segments"].delete(f"video_id = '{first}'")
    stray = library.proxy_path("ab" * 32)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"")
    library.tables["videos"].delete(f"video_id = '{second}'")
    found = check(library.folder)
    (fault,) = found.failed
    assert fault.video_id == first
    assert fault.reason.startswith("0 of ")
    assert (found.videos, found.orphans) == (4, 2)


def test_frames_are_counted_where_an_earlier_version_took_no_digest(library: Library) -> None:
    library.database.drop_table(PROXIES)
    found = check(library.folder)
    assert (found.failed, found.without_digest) == ([], 5)
    path = library.proxy_path(library.video_ids()[0])
    path.write_bytes(path.read_bytes()[:2000])
    (fault,) = check(library.folder).failed
    assert "frames" in fault.reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_library_that_cannot_be_written_to_is_checked(library: Library) -> None:
    library.database.drop_table(PROXIES)
    for folder in [library.folder, *(path for path in library.folder.rglob("*") if path.is_dir())]:
        folder.chmod(0o555)
    try:
        assert check(library.folder).videos == 5
    finally:
        for folder in [library.folder, *library.folder.rglob("*")]:
            if folder.is_dir():
                folder.chmod(0o755)


def test_videos_without_files_are_counted(library: Library, tmp_path: Path) -> None:
    source = next(iter(library.sources().values()))
    moved = tmp_path / "elsewhere.mp4"
    shutil.copy(source.path, moved)
    eruv.ingest([moved], tmp_path / "other", workers=1)
    moved.unlink()
    assert check(tmp_path / "other").without_files == 1
