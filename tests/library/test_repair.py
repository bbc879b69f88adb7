"""A repaired library is the one that was ingested, to the byte."""

import shutil
from pathlib import Path

import pytest

import eruv
from eruv.library.catalogue import Library
from eruv.library.check import PROXIES, check
from eruv.library.repair import repair
from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock
from films_for_tests import SmallLibrary, render_video


@pytest.fixture
def library(small_library: SmallLibrary, tmp_path: Path) -> Library:
    shutil.copytree(small_library.folder, tmp_path / "library")
    return Library(tmp_path / "library")


def content(library: Library) -> dict[str, object]:
    proxies = {path.name: path.read_bytes() for path in library.folder.glob("proxies/*/*.mp4")}
    rows = library.segments().sort_by([("video_id", "ascending"), ("start", "ascending")])
    return {"proxies": proxies, "videos": library.videos(), "segments": rows.to_pylist()}


def test_what_was_lost_is_made_again_to_the_byte(library: Library) -> None:
    before = content(library)
    gone, cut, bare, *_ = library.video_ids()
    library.proxy_path(gone).unlink()
    library.proxy_path(cut).write_bytes(b"not a film")
    library.tables["segments"].delete(f"video_id = '{bare}'")
    stray = library.proxy_path("ab" * 32)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"")
    done = eruv.repair(library.folder)
    assert (done.repaired, done.failed, done.swept) == (3, [], 1)
    again = Library(library.folder)
    assert content(again) == before
    assert check(library.folder).failed == []
    assert repair(library.folder).repaired == 0


def test_a_digest_is_taken_when_an_earlier_library_is_repaired(library: Library) -> None:
    library.database.drop_table(PROXIES)
    first = library.video_ids()[0]
    library.proxy_path(first).unlink()
    assert repair(library.folder).repaired == 1
    assert check(library.folder).without_digest == 4


@pytest.mark.parametrize("change", ["gone", "changed"])
def test_a_video_whose_file_is_no_longer_the_same_stays_as_it_is(
    tmp_path: Path, change: str
) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 60)])
    eruv.ingest([path], tmp_path / "library", workers=1)
    (video_id,) = Library(tmp_path / "library").video_ids()
    Library(tmp_path / "library").proxy_path(video_id).unlink()
    path.unlink()
    if change == "changed":
        render_video(path, [(2, 60)])
    done = repair(tmp_path / "library")
    assert done.repaired == 0
    (fault,) = done.failed
    assert f"eruv remove {tmp_path / 'library'} {video_id}" in fault.reason
    assert Library(tmp_path / "library").video_ids() == [video_id]


def test_one_writes_at_a_time(library: Library) -> None:
    with folder_lock(library.folder), pytest.raises(EruvError, match="another eruv process"):
        repair(library.folder)
