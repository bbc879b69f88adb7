"""Libraries from and on object storage: the same catalogue as from local files, whatever fails."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eruv.library.catalogue import Library
from eruv.library.check import check
from eruv.library.ingest import ingest
from eruv.library.pool import WorkerPool
from eruv.library.remove import remove
from eruv.library.repair import repair
from eruv.utils.errors import EruvError
from eruv.utils.storage.remote_path import RemotePath
from films_for_tests import SmallLibrary, render_video
from libraries_for_tests import VIDEO_TABLES, catalogue_rows, proxy_bytes
from storage_for_tests import Faults, Storage

FAULTS = ("429", "500", "503", "refused", "cut", "slow")


pytestmark = pytest.mark.usefixtures("short_waits")


@pytest.fixture
def films(storage: Storage, small_library: SmallLibrary) -> str:
    """The address of the small library's films."""
    files = {f"films/{video.path.name}": video.path for video in small_library.truth}
    return storage.bucket("films", files) + "/films"


def test_films_of_a_bucket_give_the_catalogue_of_local_files(
    storage: Storage, films: str, small_library: SmallLibrary, tmp_path: Path
) -> None:
    storage.faults = Faults(0.05, kinds=FAULTS)
    result = ingest([films], tmp_path / "library", workers=2)
    assert (result.videos, result.quarantined, result.damaged) == (5, [], [])
    assert catalogue_rows(tmp_path / "library", VIDEO_TABLES) == catalogue_rows(
        small_library.folder, VIDEO_TABLES
    )
    library = Library(tmp_path / "library")
    assert proxy_bytes(library.folder) == proxy_bytes(small_library.folder)
    names = {str(path) for paths in library.paths().values() for path in paths}
    assert names == {f"{films}/{video.path.name}" for video in small_library.truth}


def test_a_second_run_only_lists(
    storage: Storage, films: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest([films], tmp_path / "library", workers=1)
    monkeypatch.setattr(WorkerPool, "start", None)
    storage.faults = Faults()
    assert ingest([films], tmp_path / "library", workers=1).new_videos == 0
    assert all("list-type=2" in path for method, path in storage.faults.requests if method == "GET")
    one = f"{films}/film0.mp4"
    assert ingest([one], tmp_path / "library", workers=1).new_videos == 0


def test_an_object_of_other_bytes_is_read_again(
    storage: Storage, films: str, tmp_path: Path
) -> None:
    one = f"{films}/film0.mp4"
    ingest([one], tmp_path / "library", workers=1)
    film = render_video(tmp_path / "other.mp4", [(5, 60)])
    client, home = storage.client(), RemotePath(one)
    client.put_object(Bucket=home.bucket, Key="films/film0.mp4", Body=film.read_bytes())
    assert ingest([one], tmp_path / "library", workers=1).new_videos == 1
    assert [str(path) for (path,) in Library(tmp_path / "library").paths().values()] == [one]


def test_a_copy_on_disk_is_the_same_video(
    films: str, small_library: SmallLibrary, tmp_path: Path
) -> None:
    local = small_library.truth[0].path
    result = ingest([local, f"{films}/film0.mp4"], tmp_path / "library", workers=1)
    assert (result.videos, result.new_videos) == (1, 1)
    assert {tuple(pair) for pair in result.aliases} == {(f"{films}/film0.mp4", str(local))}


def test_hidden_objects_libraries_and_other_files_are_passed_over(
    storage: Storage, small_library: SmallLibrary, tmp_path: Path
) -> None:
    film, text = small_library.truth[0].path, tmp_path / "a.txt"
    text.write_text("no film")
    home = storage.bucket(
        "mixed",
        {
            "a/film.MP4": film,
            "a/notes.txt": text,
            "a/.hidden.mp4": film,
            ".trash/film.mp4": film,
            "library/library.json": text,
            "library/catalogue/x": text,
            "library/proxies/aa/p.mp4": film,
        },
    )
    result = ingest([home], tmp_path / "library", workers=1)
    assert (result.videos, result.passed_over) == (1, {".txt": 1})
    assert result.aliases == []


def test_what_is_no_film_is_quarantined_as_a_local_file_is(
    storage: Storage, tmp_path: Path
) -> None:
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/hostname\n"
    concat = "ffconcat version 1.0\nfile /etc/hostname\n"
    files = {"empty.mp4": b"", "list.mp4": playlist.encode(), "concat.mkv": concat.encode()}
    files |= {"text.mp4": b"no film" * 99}
    (tmp_path / "films").mkdir()
    for name, body in files.items():
        (tmp_path / "films" / name).write_bytes(body)
    home = storage.bucket("odd", {name: tmp_path / "films" / name for name in files})
    render_video(tmp_path / "good.mp4")
    found = [
        ingest([tmp_path / "good.mp4", place], tmp_path / str(number), workers=1).quarantined
        for number, place in enumerate([tmp_path / "films", home])
    ]
    local, remote = (
        [(Path(one["path"]).name, one["reason"], one["position"]) for one in fault]
        for fault in found
    )
    assert local == remote
    assert len(remote) == 4


def test_one_object_that_is_refused_stops_no_others(
    storage: Storage, films: str, tmp_path: Path
) -> None:
    def is_its(method: str, path: str) -> bool:
        return "film3.mp4" in path

    storage.faults = Faults(1.0, kinds=("403 AccessDenied",), only=is_its)
    result = ingest([films], tmp_path / "library", workers=1)
    assert result.videos == 4
    (fault,) = result.quarantined
    assert "film3.mp4 is refused" in fault["reason"]
    storage.faults = Faults()
    assert ingest([films], tmp_path / "library", workers=1).new_videos == 1


def test_a_server_that_goes_away_ends_the_run_and_the_next_one_goes_on(
    storage: Storage, films: str, small_library: SmallLibrary, tmp_path: Path
) -> None:
    count = [0]

    def later(method: str, path: str) -> bool:
        count[0] += "film" in path and "list-type" not in path
        return count[0] > 14

    storage.faults = Faults(1.0, kinds=("refused",), only=later)
    with pytest.raises(EruvError, match=r"cannot be reached.*What was finished is in the library"):
        ingest([films], tmp_path / "library", workers=1)
    storage.faults = Faults()
    ingest([films], tmp_path / "library", workers=1)
    assert catalogue_rows(tmp_path / "library", VIDEO_TABLES) == catalogue_rows(
        small_library.folder, VIDEO_TABLES
    )
    assert Library(tmp_path / "library").sources().keys() == {
        RemotePath(f"{films}/{video.path.name}") for video in small_library.truth
    }


@pytest.mark.slow
def test_check_finds_what_is_missing_and_repair_makes_it_again(
    storage: Storage, films: str, small_library: SmallLibrary
) -> None:
    home = f"{storage.bucket('whole')}/library"
    ingest([films], home, workers=2)
    assert check(home).failed == []
    library = Library(home)
    gone, spoiled = library.video_ids()[:2]
    library.proxy_path(gone).unlink()
    path = library.proxy_path(spoiled)
    key = "/".join(path.parts[2:])
    size = storage.keys(f"s3://{path.parts[1]}")[key]
    storage.client().put_object(Bucket=path.parts[1], Key=key, Body=bytes(size))
    assert {one.video_id: one.reason for one in check(home).failed} == {
        gone: "its proxy is missing",
        spoiled: "its proxy is damaged: other bytes",
    }
    assert repair(home).repaired == 2
    assert check(home).failed == []
    assert proxy_bytes(Library(home).folder) == proxy_bytes(small_library.folder)


def test_remove_forgets_a_video_by_its_address(storage: Storage, films: str) -> None:
    home = f"{storage.bucket('less')}/library"
    ingest([films], home, workers=2)
    forgotten = remove(home, f"{films}/film1.mp4")
    assert (forgotten.removed, forgotten.videos) == ([f"{films}/film1.mp4"], 4)
    assert (
        len([key for key in storage.keys(home.removesuffix("/library")) if "/proxies/" in key]) == 4
    )
    assert check(home).orphans == 0
    assert ingest([films], home, workers=1).new_videos == 1


def test_a_second_writer_is_refused(storage: Storage, films: str) -> None:
    home = f"{storage.bucket('writers')}/library"
    ingest([f"{films}/film0.mp4"], home, workers=1)
    code = f"""
import sys
from eruv.utils.lock import folder_lock
from eruv.utils.storage.remote_path import RemotePath
with folder_lock(RemotePath({home!r})):
    print("locked", flush=True)
    sys.stdin.read()
"""
    words = [sys.executable, "-c", code]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(EruvError, match=f"writing to {home}: process {other.pid} "):
            ingest([films], home, workers=1)
        other.stdin.close()
        assert other.wait() == 0
    assert ingest([films], home, workers=1).videos == 5


def test_what_is_no_library_or_cannot_be_made_is_told(storage: Storage, films: str) -> None:
    with pytest.raises(EruvError, match=r"s3://.* is not a library: it has no library\.json"):
        Library(Path(films))
    with pytest.raises(EruvError, match="there is no bucket s3://no-such-bucket here"):
        ingest([films], "s3://no-such-bucket/library", workers=1)
    with pytest.raises(EruvError, match=r"s3://.*/nothing does not exist"):
        ingest([f"{films}/nothing"], "s3://no-such-bucket/library", workers=1)
