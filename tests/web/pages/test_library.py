"""The first page: names, pages, the filter, what is being written, and what cannot be shown."""

import fcntl
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import eruv
from eruv.web.pages import library as library_page
from films_for_tests import SmallLibrary, render_video
from web_for_tests import client_of, ids_by_name


def test_videos_are_listed_by_name_without_folders_of_the_machine(
    client: TestClient, small_library: SmallLibrary
) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert list(ids_by_name(client)) == [f"film{number}.mp4" for number in range(5)]
    assert "2 shots" in answer.text
    assert "3 shots" in answer.text
    for path in (small_library.folder, small_library.truth[0].path.parent, Path.home()):
        assert str(path) not in answer.text


def test_the_filter_takes_words_in_any_order(client: TestClient) -> None:
    assert "film3.mp4" in client.get("/?name=3 FILM").text
    assert "film2.mp4" not in client.get("/?name=3 FILM").text
    nothing = client.get("/?name=<script>alert(1)</script>")
    assert nothing.status_code == 200
    assert "<script>alert" not in nothing.text
    assert "Show all 5 videos" in nothing.text


def test_pages_have_some_videos_each(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_page, "VIDEOS_A_PAGE", 2)
    texts = [client.get(f"/?page={page}").text for page in (1, 2, 3, 99)]
    shown = [[n for n in range(5) if f"film{n}.mp4" in text] for text in texts]
    assert shown == [[0, 1], [2, 3], [4], [4]]
    assert 'rel="next" href="/?page=2"' in texts[0]


@pytest.mark.parametrize("page", ["0", "-1", "x", "1e3", "²"])
def test_a_page_that_is_no_number_is_told(client: TestClient, page: str) -> None:
    answer = client.get("/", params={"page": page})
    assert answer.status_code == 400
    assert "whole number" in answer.text


def test_an_empty_library_says_what_to_do(tmp_path: Path) -> None:
    from eruv.library.catalogue import Library

    Library.open_or_create(tmp_path / "library", None)
    text = client_of(tmp_path / "library").get("/").text
    assert "Nothing here yet" in text
    assert "eruv ingest" in text


def test_a_library_without_vectors_says_so(bare: TestClient) -> None:
    assert "eruv embed" in bare.get("/").text


def test_ingest_is_told_while_it_runs(small_library: SmallLibrary, tmp_path: Path) -> None:
    shutil.copytree(small_library.folder, tmp_path / "library")
    client = client_of(tmp_path / "library")
    assert "hx-trigger" not in client.get("/progress").text
    with (tmp_path / "library" / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert "5 videos</b> so far" in client.get("/progress").text
    assert "hx-trigger" not in client.get("/progress").text


def test_videos_that_come_later_appear_with_names_that_are_harmless(
    small_library: SmallLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eruv.web.shelf.FRESH_S", 0.0)
    shutil.copytree(small_library.folder, tmp_path / "library")
    client = client_of(tmp_path / "library")
    home = small_library.truth[0].path.parent
    name = "<img src=x onerror=alert(1)> & \"co\" 'x'.mp4"
    render_video(tmp_path / name, [(7, 60)])
    (tmp_path / "broken.mp4").write_bytes(b"no film")
    eruv.ingest([tmp_path / name, tmp_path / "broken.mp4"], tmp_path / "library", workers=1)
    text = client.get("/").text
    assert "&lt;img src=x onerror=alert(1)&gt; &amp;" in text
    assert "<img src=x" not in text
    assert "1 file could not be read" in text
    assert str(tmp_path) not in text
    assert str(home) not in text
