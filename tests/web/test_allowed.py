"""Only files that the catalogue names are read: no link elsewhere, no pipe, no other file."""

import os
import shutil
from pathlib import Path

import pytest

from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.library.rows import FileStamp, Source, source_row
from eruv.library.video_pass import video_id_of
from eruv.utils.storage.remote_path import RemotePath, is_remote
from eruv.web import objects
from eruv.web.allowed import Allowed, NotAllowed, open_plain
from films_for_tests import SmallLibrary
from storage_for_tests import Faults, Storage

ODD_IDS = ["", "x", "../" * 8 + "etc/passwd", "\0", "a" * 64 + "\n", "A" * 64, "' OR 1=1 --", "é"]


@pytest.fixture(scope="module")
def home(small_library: SmallLibrary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of three films: a file, a link beside its file, and a link to another folder."""
    home = Path(os.path.realpath(tmp_path_factory.mktemp("home")))
    films = [video.path for video in small_library.truth]
    for folder in ("films", "archive"):
        (home / folder).mkdir()
    shutil.copy(films[0], home / "films" / "plain.mp4")
    shutil.copy(films[1], home / "films" / "target.mov")
    (home / "films" / "beside.mp4").symlink_to("target.mov")
    shutil.copy(films[2], home / "archive" / "far.mp4")
    (home / "films" / "far.mp4").symlink_to(home / "archive" / "far.mp4")
    (home / "secret.txt").write_text("secret")
    ingest(sorted((home / "films").glob("*.mp4")), home / "library", workers=1)
    return home


@pytest.fixture
def copied(home: Path, tmp_path: Path) -> Path:
    """The same folders, to be changed: inodes are others, as after a move to another disk."""
    to = Path(os.path.realpath(tmp_path)) / "home"
    shutil.copytree(home, to, symlinks=True)
    return to


def id_of(home: Path, name: str) -> str:
    return video_id_of(home / "films" / name)


def test_named_files_are_allowed_and_links_to_the_very_file_that_was_read(home: Path) -> None:
    allowed = Allowed(Library(home / "library"))
    for name, at in (
        ("plain.mp4", "films/plain.mp4"),
        ("beside.mp4", "films/target.mov"),
        ("far.mp4", "archive/far.mp4"),
    ):
        path = allowed.source(id_of(home, name))
        assert path == home / at
        open_plain(path).close()


def test_an_object_is_allowed_while_it_is_the_one_that_was_ingested(
    storage: Storage, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "FRESH_S", 0.0)
    library, moved = Library(copied / "library"), "f" * 64
    film = copied / "films" / "plain.mp4"
    address = RemotePath(storage.bucket("allowed", {"a.mp4": film})) / "a.mp4"
    library.add("sources", [source_row(Source(address, FileStamp.of(address), moved))])
    allowed = Allowed(library)
    storage.faults = Faults()
    assert allowed.local_source(moved) is None
    assert allowed.source(id_of(copied, "plain.mp4")) is not None
    assert storage.faults.requests == []  # what lies here is looked for first
    found = allowed.source(moved)
    assert found == address
    assert is_remote(found)
    assert found.known == address.info()
    other = film.read_bytes()[::-1]  # of the same size
    storage.client().put_object(Bucket=address.bucket, Key=address.key, Body=other)
    assert allowed.source(moved) is None
    assert "was replaced on object storage" in allowed.why_not(moved)
    assert "was deleted or replaced" in allowed.why_not(id_of(copied, "beside.mp4"))


@pytest.mark.parametrize("video_id", [*ODD_IDS, "0" * 64])
def test_odd_ids_name_nothing(home: Path, video_id: str) -> None:
    allowed = Allowed(Library(home / "library"))
    assert allowed.source(video_id) is None
    assert not allowed.knows(video_id)


def test_a_link_that_is_turned_elsewhere_is_not_followed(home: Path, tmp_path: Path) -> None:
    library = Library(home / "library")
    video_id, link = id_of(home, "far.mp4"), home / "films" / "far.mp4"
    size = link.stat().st_size
    other = tmp_path / "secret.mp4"  # even of the same size
    other.write_bytes(b"x" * size)
    link.unlink()
    try:
        link.symlink_to(other)
        assert Allowed(library).source(video_id) is None
        assert Allowed(library, roots=[tmp_path]).source(video_id) == Path(os.path.realpath(other))
        link.unlink()
        link.symlink_to(home / "secret.txt")
        assert Allowed(library).source(video_id) is None
        link.unlink()
        link.symlink_to(link)
        assert Allowed(library).source(video_id) is None
    finally:
        link.unlink()
        link.symlink_to(home / "archive" / "far.mp4")
    assert Allowed(library).source(video_id) is not None


def exchanged(path: Path, kind: str) -> None:
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "other":
        path.write_bytes(b"another file")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["gone", "pipe", "folder", "device", "other"])
def test_what_took_a_film_s_place_is_not_read(home: Path, kind: str) -> None:
    path = home / "films" / "plain.mp4"
    video_id, kept = id_of(home, "plain.mp4"), path.with_name("kept")
    os.link(path, kept)
    try:
        exchanged(path, kind)
        assert Allowed(Library(home / "library")).source(video_id) is None
        if kind != "gone":
            with pytest.raises(NotAllowed) if kind != "other" else open_plain(path):
                open_plain(path)
    finally:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        os.rename(kept, path)


def test_films_that_come_in_later_are_found(copied: Path, small_library: SmallLibrary) -> None:
    allowed = Allowed(Library(copied / "library"))
    late = small_library.truth[3].path
    video_id = video_id_of(late)
    assert allowed.source(video_id) is None
    shutil.copy(late, copied / "films" / "late.mp4")
    ingest([copied / "films" / "late.mp4"], copied / "library", workers=1)
    allowed._checked -= 10
    assert allowed.source(video_id) == copied / "films" / "late.mp4"


@pytest.mark.parametrize(
    "name",
    [
        "films/far.mp4",  # a link
        "films/../secret.txt",
        "films/none.mp4",
        "films",
        "through/secret.txt",  # below a link
        "secret.txt/x",
        "secret.txt\0.mp4",
        "x" * 300,
    ],
)
def test_only_plain_files_are_opened(home: Path, name: str) -> None:
    through = home / "through"
    if not through.is_symlink():
        through.symlink_to(home)
    with pytest.raises(NotAllowed):
        open_plain(home / name)


def test_relative_paths_and_devices_are_not_opened() -> None:
    for path in (Path("secret.txt"), Path("/dev/null"), Path("/dev/zero"), Path("/")):
        with pytest.raises(NotAllowed):
            open_plain(path)


def test_opening_leaves_no_descriptor(home: Path) -> None:
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc") else None
    for name in ("secret.txt", "films", "films/far.mp4", "films/none.mp4"):
        try:
            open_plain(home / name).close()
        except NotAllowed:
            continue
    assert before is None or len(os.listdir("/proc/self/fd")) == before
