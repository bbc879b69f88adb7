"""What is dropped into the page, in a real browser: a sentence for what it cannot take."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Page, expect

from browser_for_tests import NEEDS_CHROMIUM, started_chromium
from eruv.web.app import application
from eruv.web.guard import hosts_of
from films_for_tests import SmallLibrary, render_video

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def library(small_library: SmallLibrary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    library = tmp_path_factory.mktemp("dropped") / "library"
    shutil.copytree(small_library.folder, library)
    return library


@pytest.fixture(scope="module")
def address(library: Path) -> Iterator[str]:
    config = uvicorn.Config("", port=0, log_level="error")
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    port = listening.getsockname()[1]
    config.app = application(library, hosts=hosts_of("127.0.0.1", port), device="cpu")
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def tab(address: str) -> Iterator[Page]:
    with started_chromium() as browser:
        page = browser.new_page()
        page.goto(address)
        yield page


def test_what_cannot_be_searched_with_is_told_in_a_sentence(
    tab: Page, library: Path, tmp_path: Path
) -> None:
    (tmp_path / "text.mp4").write_text("no film")
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n")
    with (tmp_path / "huge.mp4").open("wb") as file:
        os.truncate(file.fileno(), 201_000_000)  # takes no room
    still = render_video(tmp_path / "film.mp4", [(1, 1)], size=(32, 32))
    long = tmp_path / "long.mkv"
    render_video(long, [(1, 2)], size=(32, 32), pts=[0, 25 * 70])
    for path, words in (
        (tmp_path / "text.mp4", "It cannot be decoded"),
        (tmp_path / "empty.mp4", "The file is empty."),
        (tmp_path / "list.mp4", "It cannot be decoded"),
        (tmp_path / "huge.mp4", "The file is larger than 200 MB. Cut out the moment first."),
        (long, "can last at most 60"),
    ):
        tab.set_input_files("#pick", path)
        expect(tab.locator("#said")).to_contain_text(words, timeout=30_000)
        expect(tab.locator("#drop")).to_be_hidden()
    assert os.listdir(library / "page" / "uploads") == []
    tab.set_input_files("#pick", still)
    tab.wait_for_url("**/search?upload=*", timeout=30_000)
    assert len(os.listdir(library / "page" / "uploads")) == 1
