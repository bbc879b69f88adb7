"""A browser shows in a preview the very frame that the film shows at that second."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from playwright.sync_api import Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from browser_for_tests import NEEDS_CHROMIUM, started_chromium
from eruv.media.video import VideoSource
from eruv.web.preview_file import preview_shift_s
from eruv.web.previews import Previews, media_type_of
from eruv.web.ranges import file_response
from films_for_tests import encode, frame_number_of, pattern, yuv_frame

pytestmark = NEEDS_CHROMIUM
FRAMES = 80
PAINTED_S = 10.0
SEEK = """async (seconds) => {
  const film = document.querySelector("video");
  if (film.readyState < 1) await new Promise((over) => film.onloadedmetadata = over);
  // Chromium first takes the length of a film that starts late for its end.
  for (let tries = 0; tries < 50; tries++) {
    const sought = new Promise((over) => film.onseeked = over);
    film.currentTime = seconds;
    await sought;
    if (Math.abs(film.currentTime - seconds) < 0.001) break;
    await new Promise((over) => setTimeout(over, 100));
  }
}"""
COLOUR = """() => {
  const film = document.querySelector("video");
  const canvas = document.createElement("canvas");
  canvas.width = film.videoWidth; canvas.height = film.videoHeight;
  const painter = canvas.getContext("2d");
  painter.drawImage(film, 0, 0);
  const { data } = painter.getImageData(8, 8, canvas.width - 16, canvas.height - 16);
  const sums = [0, 0, 0];
  for (let at = 0; at < data.length; at++) if (at % 4 < 3) sums[at % 4] += data[at];
  return sums.map((sum) => sum / (data.length / 4));
}"""


def numbered(size: tuple[int, int] = (160, 120)) -> list:
    """Frames whose chroma is their number."""
    still = pattern(7, size[1], size[0], low=110, high=142)
    levels = [(128 + (n % 25 - 12) * 4, 128 + (n // 25 - 12) * 4) for n in range(FRAMES)]
    return [yuv_frame(still, *level) for level in levels]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.path.realpath(tmp_path_factory.mktemp("chromium")))
    steps = np.cumsum([0, *np.random.default_rng(0).integers(1, 6, FRAMES - 1)]).tolist()
    late = [50 + n for n in range(FRAMES)]
    far = [25 * 5000 + n for n in range(FRAMES)]
    coarse = {"b": "8M", "g": "30"}
    encode(folder / "plain.mp4", numbered(), options={"crf": "10", "bf": "2"})
    encode(folder / "late.mp4", numbered(), options={"crf": "10"}, pts=late)
    encode(folder / "xvid.avi", numbered(), codec="mpeg4", options=coarse | {"bf": "2"})
    encode(
        folder / "late.ts", numbered(), codec="mpeg2video", options=coarse | {"bf": "2"}, pts=late
    )
    encode(folder / "far.ts", numbered(), codec="mpeg2video", options=coarse, pts=far)
    encode(folder / "varying.mkv", numbered(), options={"crf": "10", "bf": "0"}, pts=steps)
    encode(folder / "hevc.mp4", numbered(), codec="libx265", options={"crf": "8"})
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    previews = Previews(folder / "previews", 1 << 30)

    def film(request: Request) -> Response:
        path = folder / request.path_params["name"]
        if media_type_of(path) is None:
            found = previews.wait(path, 60).path
            assert found is not None
            path = found
        return file_response(request, path, "video/mp4")

    def page(request: Request) -> Response:
        name = request.path_params["name"]
        return HTMLResponse(f'<!doctype html><video muted src="/film/{name}"></video>')

    app = Starlette(routes=[Route("/film/{name}", film), Route("/page/{name}", page)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    previews.close()


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    with started_chromium() as browser:
        yield browser.new_page()


def shown_in(page: Page, number: int) -> int:
    """The frame that is seen; a busy machine paints it some time after the seek has ended."""
    until = time.monotonic() + PAINTED_S
    while True:
        seen = frame_number_of(np.array([page.evaluate(COLOUR)]))
        if seen == number or time.monotonic() > until:
            return seen
        page.wait_for_timeout(50)


@pytest.mark.parametrize(
    "name",
    ["plain.mp4", "late.mp4", "xvid.avi", "late.ts", "far.ts", "varying.mkv", "hevc.mp4"],
)
def test_the_frame_of_a_second_is_shown_at_that_second(
    browser_page: Page, address: str, folder: Path, name: str
) -> None:
    with VideoSource(folder / name) as source:
        times_s = [frame.time_s for frame in source.frames()]
    shift_s = preview_shift_s(times_s[0])
    browser_page.goto(f"{address}/page/{name}")
    for number in (0, 1, 17, 30, 31, 60, FRAMES - 2):
        middle_s = (times_s[number] + times_s[number + 1]) / 2
        browser_page.evaluate(SEEK, middle_s - shift_s)
        assert shown_in(browser_page, number) == number
    length_s = browser_page.evaluate("document.querySelector('video').duration")
    assert length_s == pytest.approx(2 * times_s[-1] - times_s[-2] - shift_s, abs=0.15)
