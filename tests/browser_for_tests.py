"""A real Chromium, of the system; tests that need it are skipped where there is none."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from films_for_tests import frame_number_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium"),
]


@contextmanager
def started_chromium(*options: str) -> Iterator[Browser]:
    """A browser without a window, started with these options of its command line."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", *options]
        )
        yield browser
        browser.close()


def shown_frame(page: Page) -> int:
    """The number of the frame that the player shows of the numbered film."""
    pixels = page.evaluate(
        """() => {
          const player = document.querySelector("#film");
          const canvas = document.createElement("canvas");
          canvas.width = 64; canvas.height = 48;
          const context = canvas.getContext("2d");
          context.drawImage(player, 0, 0, 64, 48);
          return Array.from(context.getImageData(8, 8, 48, 32).data);
        }"""
    )
    return frame_number_of(np.array(pixels, np.uint8).reshape(-1, 4)[:, :3])


def expect_frame(page: Page, number: int) -> None:
    """The player shows this frame now or soon: a frame comes a little after its time."""
    shown, deadline = shown_frame(page), time.monotonic() + 5
    while shown != number and time.monotonic() < deadline:
        page.wait_for_timeout(50)
        shown = shown_frame(page)
    assert shown == number


def wait_for_frame(page: Page) -> None:
    page.wait_for_function(
        "() => { const film = document.querySelector('#film');"
        " return film && film.readyState >= 2 && !film.seeking; }"
    )
