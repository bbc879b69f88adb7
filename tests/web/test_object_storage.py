"""The page with films and libraries on object storage: what it plays, asks, writes and says.

Covers also: objects.
"""

import http.client
import logging
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import uvicorn
from starlette.testclient import TestClient

import eruv
from eruv.library.catalogue import Library
from eruv.library.page_folder import page_folder
from eruv.library.rows import FileStamp, Source, source_row
from eruv.library.video_pass import video_id_of
from eruv.utils.storage import ranges
from eruv.utils.storage.local_copy import cache_folder
from eruv.utils.storage.remote_path import RemotePath
from eruv.web import objects
from eruv.web.app import application
from eruv.web.pins import Pin, Pins
from films_for_tests import SmallLibrary, render_video
from gcs_for_tests import environment, gcs_server
from storage_for_tests import Faults, Storage, set_environment
from web_for_tests import client_of, ids_by_name

pytestmark = pytest.mark.usefixtures("short_waits")
FAULTS = ("429", "500", "503", "refused", "cut", "slow")
BLOCK = 4096


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranges, "BLOCK_BYTES", BLOCK)


@pytest.fixture
def film(small_library: SmallLibrary) -> Path:
    return small_library.truth[0].path


@pytest.fixture
def address(storage: Storage, film: Path) -> str:
    """Of a film in a bucket."""
    return storage.bucket("played", {"films/film.mp4": film, "films/other.mp4": film}) + "/films"


@pytest.fixture
def page(address: str, small_library: SmallLibrary, film: Path, tmp_path: Path) -> TestClient:
    """The page of a local library of that film, as if it had been ingested from there."""
    shutil.copytree(small_library.folder, tmp_path / "library")
    library, path = Library(tmp_path / "library"), RemotePath(f"{address}/film.mp4")
    library.tables["sources"].delete("true")
    library.add("sources", [source_row(Source(path, FileStamp.of(path), video_id_of(film)))])
    return client_of(tmp_path / "library")


def only(client: TestClient) -> str:
    (video_id,) = ids_by_name(client).values()
    return video_id


def asked(storage: Storage) -> set[str]:
    return {urlsplit(path).path for _, path in storage.faults.requests}


RANGES = ["", "bytes=0-", "bytes=0-99", "bytes=-50", "bytes=4000-4200", "bytes=5000-", "pages=1"]


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_ranges_of_an_object_are_those_of_the_file(
    storage: Storage, page: TestClient, film: Path, share: float
) -> None:
    content, video_id = film.read_bytes(), only(page)
    storage.faults = Faults(share, kinds=FAULTS)
    for text in RANGES:
        answer = page.get(f"/media/{video_id}", headers={"range": text} if text else {})
        assert answer.headers["content-type"] == "video/mp4"
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", answer.headers.get("content-range", ""))
        assert answer.status_code == (206 if found else 200)
        assert (found is not None) == text.startswith("bytes")
        first, last = (int(found[1]), int(found[2])) if found else (0, len(content) - 1)
        assert answer.content == content[first : last + 1]
    several = page.get(f"/media/{video_id}", headers={"range": "bytes=0-9,6000-6009"})
    assert several.status_code == 206
    assert content[:10] in several.content
    assert content[6000:6010] in several.content
    beyond = page.get(f"/media/{video_id}", headers={"range": f"bytes={len(content)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(content)}")
    head = page.head(f"/media/{video_id}")
    assert (int(head.headers["content-length"]), head.content) == (len(content), b"")
    tag = {"if-none-match": head.headers["etag"]}
    assert page.get(f"/media/{video_id}", headers=tag).status_code == 304


def test_a_range_reads_no_more_than_the_blocks_around_it(
    storage: Storage, address: str, tmp_path: Path
) -> None:
    large = render_video(tmp_path / "large.mp4", [(n, 60) for n in range(8)], size=(320, 240))
    name = RemotePath(address).bucket
    storage.client().put_object(Bucket=name, Key="films/film.mp4", Body=large.read_bytes())
    eruv.ingest(f"{address}/film.mp4", tmp_path / "library", workers=1)
    page, content = client_of(tmp_path / "library"), large.read_bytes()
    video_id, middle = only(page), len(content) // 2
    assert len(content) > 40 * BLOCK
    assert page.head(f"/media/{video_id}").status_code == 200  # its kind is known from now on
    storage.faults = Faults()
    answer = page.get(f"/media/{video_id}", headers={"range": f"bytes={middle}-{middle + 99}"})
    assert answer.content == content[middle : middle + 100]
    assert storage.faults.sent_bytes <= 4 * BLOCK


def test_only_what_the_catalogue_names_is_asked_for(
    storage: Storage, page: TestClient, address: str
) -> None:
    video_id, home = only(page), RemotePath(address)
    storage.faults = Faults()
    for path in (
        *(f"/media/{one}" for one in ("f" * 64, "x", f"{address}/other.mp4", "..%2fother.mp4")),
        f"/media/{video_id}?path={address}/other.mp4",
        f"/preview/{video_id}",
        f"/video/{video_id}",
        f"/search?q={address}/other.mp4",
        f"/still/{video_id}?at=1&height=720",
    ):
        assert page.get(path).status_code < 500
    assert asked(storage) == {f"/{home.bucket}/films/film.mp4"}


@pytest.mark.parametrize("how", ["gone", "exchanged", "refused", "silent"])
def test_what_cannot_be_had_is_a_sentence(
    storage: Storage,
    page: TestClient,
    address: str,
    how: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger("eruv"), "propagate", True)
    video_id, name = only(page), RemotePath(address).bucket
    if how == "gone":
        storage.client().delete_object(Bucket=name, Key="films/film.mp4")
    elif how == "exchanged":
        storage.client().put_object(Bucket=name, Key="films/film.mp4", Body=b"other")
    else:
        storage.faults = Faults(1.0, kinds=("403 AccessDenied" if how == "refused" else "refused",))
    answer = page.get(f"/media/{video_id}")
    assert answer.status_code == 404
    sentence = {
        "gone": "was deleted from object storage",
        "exchanged": "was replaced on object storage. Ingest it again.",
        "refused": "cannot be read from object storage right now. See the terminal",
        "silent": "cannot be read from object storage right now. See the terminal",
    }[how]
    assert sentence in answer.text
    assert name not in answer.text
    shown = page.get(f"/video/{video_id}")
    assert shown.status_code == 200
    assert sentence in shown.text
    assert "src=" not in shown.text[shown.text.index("<video") :].partition(">")[0]
    if how in ("refused", "silent"):
        assert f"{address}/film.mp4" in caplog.text  # for who runs the page
        before = len(storage.faults.requests)
        assert page.get(f"/media/{video_id}").status_code == 404
        assert len(storage.faults.requests) == before  # it is not asked all the time
        storage.faults = Faults()
        monkeypatch.setattr(time, "monotonic", lambda now=time.monotonic: now() + objects.FAILED_S)
        assert page.get(f"/media/{video_id}").status_code == 200


def test_an_object_whose_bytes_are_refused_is_a_sentence(
    storage: Storage, page: TestClient
) -> None:
    video_id = only(page)
    ranges._latest.clear()
    storage.faults = Faults(
        1.0, kinds=("403 InvalidObjectState",), only=lambda method, path: method == "GET"
    )
    for path in (f"/media/{video_id}", f"/preview/{video_id}"):
        answer = page.get(path)
        assert answer.status_code == 404
        assert "This file cannot be read from object storage" in answer.text
    shown = page.get(f"/video/{video_id}")  # shots and pictures are there without the film
    assert shown.status_code == 200
    assert objects.NO_ANSWER in shown.text
    storage.faults = Faults()
    assert page.get(f"/media/{video_id}").status_code == 200


@contextmanager
def listening(library: Path) -> Iterator[int]:
    """The page of a library at a real socket of this process; its port."""
    hosts = {"127.0.0.1"}
    server = uvicorn.Server(
        uvicorn.Config(application(library, hosts=hosts, device="cpu"), port=0, log_level="warning")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def test_an_object_that_vanishes_under_way_ends_the_answer_without_a_trace(
    storage: Storage,
    page: TestClient,
    film: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from eruv.web import ranges as answers

    monkeypatch.setattr(answers, "CHUNK", BLOCK)
    video_id = only(page)
    with listening(tmp_path / "library") as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        head = {"host": "127.0.0.1"}
        connection.request("HEAD", f"/media/{video_id}", headers=head)
        connection.getresponse().read()  # its kind is known from now on
        ranges._latest.clear()
        count = [0]

        def later(method: str, path: str) -> bool:
            count[0] += method == "GET"
            return count[0] > 3

        storage.faults = Faults(1.0, kinds=("403 AccessDenied",), only=later)
        connection.request("GET", f"/media/{video_id}", headers=head)
        answer = connection.getresponse()
        assert answer.status == 200
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            answer.read()
        connection.close()
        storage.faults = Faults()  # the page lives
        connection.request("GET", f"/media/{video_id}", headers=head)
        assert connection.getresponse().read() == film.read_bytes()
    said = capfd.readouterr().err
    assert "an answer ended early: s3://played" in said
    assert "is refused" in said
    assert "Traceback" not in said


def test_a_film_that_browsers_do_not_play_is_fetched_for_its_preview(
    storage: Storage, tmp_path: Path
) -> None:
    old = render_video(tmp_path / "old.avi", [(1, 50), (2, 50)], codec="mpeg4")
    home = storage.bucket("old", {"old.avi": old})
    eruv.ingest(home, tmp_path / "library", workers=1)
    page = client_of(tmp_path / "library")
    video_id = only(page)
    answer = page.get(f"/media/{video_id}")
    assert answer.status_code == 409
    deadline = time.monotonic() + 60
    while (state := page.get(f"/preview/{video_id}").json())["state"] in ("waiting", "preparing"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert state["state"] == "ready", state
    answer = page.get(f"/media/{video_id}", headers={"range": "bytes=0-99"})
    assert (answer.status_code, answer.headers["content-type"]) == (206, "video/mp4")
    # The copy goes a moment after the preview is there.
    while any(path.name.startswith(".") for path in cache_folder().iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_pictures_of_a_film_in_a_bucket_come_from_its_proxy(
    storage: Storage, page: TestClient
) -> None:
    video_id = only(page)
    storage.faults = Faults()
    for height in (60, 720):
        answer = page.get(f"/still/{video_id}?at=1&height={height}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert storage.faults.requests == []


def test_names_of_films_on_a_disk_and_in_buckets(
    storage: Storage, address: str, small_library: SmallLibrary, tmp_path: Path
) -> None:
    local = small_library.truth[1].path
    eruv.ingest([local, f"{address}/film.mp4"], tmp_path / "library", workers=1)
    page = client_of(tmp_path / "library")
    assert set(ids_by_name(page)) == {local.name, "film.mp4"}
    for name, video_id in ids_by_name(page).items():
        assert page.get(f"/media/{video_id}").status_code == 200, name


@pytest.fixture
def library(storage: Storage, embedded: tuple[Path, Path]) -> str:
    """The address of a library with vectors: what `ingest` and `embed` wrote, copied there."""
    folder = embedded[0]
    files = {
        f"home/library/{path.relative_to(folder)}": path
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }
    return f"{storage.bucket('served', files)}/home/library"


@pytest.fixture
def served(library: str, embedded: tuple[Path, Path]) -> TestClient:
    return client_of(library, run=embedded[1])


def test_all_pages_of_a_library_in_a_bucket(
    storage: Storage, library: str, served: TestClient, embedded: tuple[Path, Path]
) -> None:
    local = client_of(embedded[0], run=embedded[1])
    before = storage.keys("s3://" + RemotePath(library).bucket)
    storage.faults = Faults(0.05, kinds=FAULTS, seed=1)
    ids = ids_by_name(served)
    assert ids == ids_by_name(local)
    video_id = ids["film0.mp4"]
    for path in (
        f"/video/{video_id}",
        f"/search?video={video_id}&from=0.5&to=1.5",
        "/map/whole",
        "/map/points",
        f"/attention/{video_id}/picture?from=0.5",
        f"/still/{video_id}?at=1.5",
        f"/media/{video_id}",
        "/pins.csv",
    ):
        answers = [page.get(path) for page in (served, local)]
        assert [one.status_code for one in answers] == [200, 200], path
        if "/search" in path or "/map" in path:
            names = [re.findall(r"[0-9a-f]{64}", one.text) for one in answers]
            assert names[0] == names[1], path
            assert names[0], path
        elif not path.startswith("/video"):
            assert answers[0].content == answers[1].content, path
    assert served.get("/runs").status_code == 200
    # Looking changes nothing there, and what is made again lies on this machine.
    assert storage.keys("s3://" + RemotePath(library).bucket) == before
    assert list(page_folder(RemotePath(library)).glob("stills/*.jpg"))
    assert page_folder(RemotePath(library)).is_relative_to(cache_folder())


def test_pages_list_no_bucket(storage: Storage, library: str, served: TestClient) -> None:
    storage.faults = Faults()
    assert served.get("/runs").status_code == 200
    listed = [path for _, path in storage.faults.requests if "list-type" in path]
    assert [path for path in listed if "/library/" not in unquote(path) + "/"] == []


def test_pins_lie_in_the_bucket_and_two_pages_lose_none(
    storage: Storage, library: str, served: TestClient
) -> None:
    video_id = min(ids_by_name(served).values())
    form = {"video": video_id, "from": "1", "to": "2"}
    assert served.post("/pins", data=form).status_code == 303
    assert "home/library/pins.json" in storage.keys("s3://" + RemotePath(library).bucket)
    storage.faults = Faults(0.2, kinds=(*FAULTS, "lost", "late"), seed=2)
    pages = [Pins(RemotePath(library)) for _ in range(2)]
    threads = [
        threading.Thread(target=one.add, args=[Pin(video_id, number, number + 0.5)])
        for number in range(2, 8)
        for one in [pages[number % 2]]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = Pins(RemotePath(library)).all()
    assert sorted(pin.start_s for pin in found) == list(range(1, 8))
    pages[0].remove(found[0].key)
    assert found[0] not in pages[0].all()
    assert len(Pins(RemotePath(library)).all()) == 6
    pages[1].clear()
    assert Pins(RemotePath(library)).all() == []


def test_a_library_that_may_only_be_read_is_shown_and_a_pin_is_refused(
    storage: Storage, library: str, served: TestClient
) -> None:
    video_id = min(ids_by_name(served).values())
    storage.faults = Faults(
        1.0, kinds=("403 AccessDenied",), only=lambda method, path: method not in ("GET", "HEAD")
    )
    assert served.get(f"/video/{video_id}").status_code == 200
    answer = served.post("/pins", data={"video": video_id, "from": "1", "to": "2"})
    assert answer.status_code == 404
    assert "access was denied" in answer.text
    assert RemotePath(library).bucket not in answer.text


def test_a_writer_elsewhere_is_seen(storage: Storage, library: str, served: TestClient) -> None:
    from eruv.utils.lock import folder_lock

    quiet = served.get("/progress").text
    with folder_lock(RemotePath(library)):
        assert served.get("/progress").text != quiet
    assert served.get("/progress").text == quiet


def test_remove_empties_the_folder_of_the_page(library: str, served: TestClient) -> None:
    video_id = min(ids_by_name(served).values())
    assert served.get(f"/still/{video_id}?at=1").status_code == 200
    folder = page_folder(RemotePath(library))
    assert list(folder.glob("stills/*.jpg"))
    eruv.remove(library, video_id)
    assert not folder.exists()
    assert served.get(f"/still/{video_id}?at=1").status_code == 404


def test_what_is_no_library_is_told(storage: Storage) -> None:
    home = storage.bucket("empty")
    with pytest.raises(eruv.EruvError, match=r"is not a library: it has no library\.json"):
        client_of(f"{home}/library")


def test_google_storage_by_the_same_code(film: Path, tmp_path: Path) -> None:
    with gcs_server() as (address, found), set_environment(environment(address), tmp_path / "c"):
        found.buckets.add("films")
        found.found["films", "in/film.mp4"] = (film.read_bytes(), 1)
        eruv.ingest("gs://films/in", "gs://films/library", workers=1)
        page = client_of("gs://films/library")
        video_id = only(page)
        answer = page.get(f"/media/{video_id}", headers={"range": "bytes=5000-5999"})
        assert answer.content == film.read_bytes()[5000:6000]
        for start in ("1", "2"):
            form = {"video": video_id, "from": start, "to": "3"}
            assert page.post("/pins", data=form).status_code == 303
        assert len(Pins(RemotePath("gs://films/library")).all()) == 2
        assert ("films", "library/pins.json") in found.found
