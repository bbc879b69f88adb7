"""`gs://` by the same code: the same catalogue as from local files, with one writer at a time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock
from eruv.utils.storage import lease
from eruv.utils.storage.errors import StorageError
from eruv.utils.storage.remote_path import RemotePath
from films_for_tests import SmallLibrary
from gcs_for_tests import Objects, environment, gcs_server
from storage_for_tests import set_environment


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[Objects]:
    """What a server holds that this process and its children use."""
    with gcs_server() as (address, found), set_environment(environment(address), tmp_path / "c"):
        found.buckets.add("films")
        yield found


def test_the_catalogue_of_local_files(objects: Objects, small_library: SmallLibrary) -> None:
    for number, video in enumerate(small_library.truth):
        objects.found["films", f"in/{video.path.name}"] = (video.path.read_bytes(), number + 1)
    for new in (5, 0):
        assert ingest("gs://films/in", "gs://films/library", workers=2).new_videos == new
    ours, theirs = Library(Path("gs://films/library")), Library(small_library.folder)
    for library_rows in (Library.videos, lambda library: library.segments().to_pylist()):
        rows = [
            sorted(library_rows(one), key=lambda row: (row["video_id"], row.get("start", 0)))
            for one in (ours, theirs)
        ]
        assert rows[0] == rows[1]
    for video_id in theirs.video_ids():
        assert ours.proxy_path(video_id).read_bytes() == theirs.proxy_path(video_id).read_bytes()
    assert not [key for _, key in objects.found if key.endswith(".lock")]


def test_one_writer_at_a_time(objects: Objects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEWED_S", 0.1)
    monkeypatch.setattr(lease, "SUSPECT_S", 0.0)
    monkeypatch.setattr(lease, "WATCHED_S", 1.0)
    folder = RemotePath("gs://films/library")
    lock = folder_lock(folder)
    with folder_lock(folder), pytest.raises(EruvError, match="writing to gs://films/library"):
        lock.__enter__()
    objects.found["films", "library/.lock"] = (b'{"host": "other", "process": 1}', 1)
    with folder_lock(folder):  # nobody renews it
        pass


def test_a_bucket_that_is_not_there_is_told(objects: Objects, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no bucket gs://no-such here"):
        ingest("gs://no-such/films", tmp_path / "library", workers=1)
