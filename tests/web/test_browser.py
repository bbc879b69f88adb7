"""The page in a real browser: from videos on disk to a cut list, as people do it.

Chromium of the system is driven by playwright. Whatever it logs as an error, such as something that
the page's policy forbids, fails a test.
"""

import csv
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import eruv
import films_for_tests
from browser_for_tests import NEEDS_CHROMIUM, expect_frame, started_chromium, wait_for_frame
from films_for_tests import (
    NumberedVideo,
    SmallLibrary,
    render_video,
)
from training_for_tests import start_eruv

pytestmark = NEEDS_CHROMIUM
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
RATE = 25
LATE = 50  # frames before a film's first one, on its clock
# Shown in turn, in this order.
LOOKS = [
    pytest.param(DESKTOP, "light", id="desktop-light"),
    pytest.param(PHONE, "dark", id="phone-dark"),
]


@dataclass(frozen=True)
class Served:
    """A page that a process shows, and the library's folder."""

    address: str
    library: Path


@pytest.fixture(scope="module")
def served(
    numbered_video: NumberedVideo,
    small_library: SmallLibrary,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """Films ingested and embedded, and their page by `eruv serve`."""
    from eruv.models.encoder import Encoder

    folder = tmp_path_factory.mktemp("served")
    (folder / "films").mkdir()
    shutil.copy(numbered_video.path, folder / "films" / "numbered.mp4")
    shutil.copy(small_library.truth[0].path, folder / "films")
    films_for_tests.numbered_video(folder / "films" / "late.mp4", (60,), pts=range(LATE, LATE + 60))
    # One that browsers do not play as it is.
    render_video(folder / "films" / "old.avi", [(1, 50), (2, 50)], codec="mpeg4")
    eruv.ingest(folder / "films", folder / "library", workers=1)
    torch.manual_seed(0)
    Encoder("r3d", 0.02, 32, 43, 32).save_pretrained(folder / "run")
    eruv.embed(folder / "library", run=folder / "run", every_s=0.8, device="cpu", workers=0)
    process = start_eruv("serve", folder / "library", "--port", 0, "--device", "cpu")
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + process.communicate()[1]
        yield Served(found[0], folder / "library")
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with started_chromium("--autoplay-policy=no-user-gesture-required") as browser:
        yield browser


@pytest.fixture
def opened(chromium: Browser, served: Served) -> Iterator[Callable[..., Page]]:
    """`opened(viewport, scheme)` is a page that must not log an error."""
    complaints: list[str] = []
    contexts = []

    def open_page(viewport: dict[str, int], scheme: str) -> Page:
        context = chromium.new_context(
            viewport=viewport,
            color_scheme=scheme,
            has_touch=viewport is PHONE,
            base_url=served.address,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    # A refused upload is told to people, and logged by the browser itself.
    assert not [one for one in complaints if "status of 422" not in one]


def assert_accessible(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    serious = [
        (one["id"], one["help"], [node["html"][:200] for node in one["nodes"][:3]])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert not serious, serious


def player(page: Page, name: str, where: str = "#film") -> Any:
    """A property of a player."""
    return page.evaluate("([where, name]) => document.querySelector(where)[name]", [where, name])


@pytest.mark.parametrize(("viewport", "scheme"), LOOKS)
def test_from_the_library_to_a_cut_list(
    opened: Callable[..., Page], served: Served, viewport: dict[str, int], scheme: str
) -> None:
    (served.library / "pins.json").unlink(missing_ok=True)
    page = opened(viewport, scheme)
    page.goto("/")
    expect(page.locator(".film")).to_have_count(4)
    assert_accessible(page)

    # Browse: a shot of the film whose frames tell their number.
    shot = page.locator(".film", has_text="numbered.mp4").locator(".strip a").nth(2)
    found = re.search(r"from=([\d.]+)&to=([\d.]+)", shot.get_attribute("href") or "")
    assert found
    first, last = (round(float(seconds) * RATE) for seconds in found.groups())
    assert first > 0
    shot.click()
    wait_for_frame(page)
    assert player(page, "currentTime") == pytest.approx(first / RATE, abs=0.5 / RATE)
    expect_frame(page, first)
    assert_accessible(page)

    # Pin that shot, and look for more like it.
    page.locator(".range-pin [data-pin]").click()
    expect(page.locator("#pin-count")).to_have_text("1")
    expect(page.locator(".range-pin [data-pin]")).to_have_attribute("aria-pressed", "true")
    page.locator("#range [data-more]").click()
    cards = page.locator("#results .card")
    expect(cards.first).to_be_visible()
    assert_accessible(page)

    # Play a moment of it in place, within its seconds.
    # Not one from 0 s on: until it plays, that is shown by the poster.
    card = page.locator(
        "#results .card:not([data-from='0']):has(a.name:text-is('numbered.mp4'))"
    ).first
    from_s, to_s = (float(card.get_attribute(f"data-{name}") or 0) for name in ("from", "to"))
    card.locator("[data-play]").click()
    page.wait_for_selector(".picture.playing:not(.loading) video")
    assert from_s - 0.1 <= player(page, "currentTime", ".picture video") <= to_s + 0.3
    assert player(page, "readyState", ".picture video") >= 3
    assert not player(page, "paused", ".picture video")

    # Open it at its second, exactly.
    card.locator("a.name").click()
    wait_for_frame(page)
    assert player(page, "currentTime") == pytest.approx(from_s, abs=0.5 / RATE)
    expect_frame(page, round(from_s * RATE))

    # What was pinned leaves as a table.
    page.get_by_role("link", name="Pins").click()
    expect(page.locator(".card")).to_have_count(1)
    assert_accessible(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(Path(waiting.value.path()).read_text().splitlines()))
    assert [(int(row["start"]), int(row["end"])) for row in rows] == [(first, last)]
    page.locator(".card [data-pin]").click()
    expect(page.locator("#pin-count")).to_have_text("0")


def test_a_range_is_dragged_typed_and_set_by_keys(opened: Callable[..., Page]) -> None:
    page = opened(DESKTOP, "dark")
    page.goto("/")
    page.get_by_role("link", name="numbered.mp4", exact=True).click()
    wait_for_frame(page)
    length_s = 620 / RATE

    bar = page.locator("#timeline .bar").bounding_box()
    assert bar is not None
    middle = bar["y"] + bar["height"] / 2
    page.mouse.move(bar["x"] + bar["width"] * 0.25, middle)
    page.mouse.down()
    page.mouse.move(bar["x"] + bar["width"] * 0.4, middle, steps=4)
    page.mouse.up()
    from_s = seconds(page.locator("#from").input_value())
    to_s = seconds(page.locator("#to").input_value())
    assert (from_s, to_s) == pytest.approx((0.25 * length_s, 0.4 * length_s), abs=0.05)
    address = page.url
    assert re.search(rf"from={int(from_s)}\.", address)

    page.keyboard.press("ArrowRight")
    there = from_s + 1
    page.wait_for_function(
        f"() => Math.abs(document.querySelector('#film').currentTime - {there}) < 0.1"
    )
    page.keyboard.press("o")
    assert seconds(page.locator("#to").input_value()) == pytest.approx(from_s + 1, abs=0.05)
    page.locator("#from").fill("0:02.5")
    page.locator("#from").press("Tab")
    assert "from=2.5" in page.url
    page.locator("h1").click()
    page.keyboard.press("ArrowDown")
    wait_for_frame(page)
    starts = page.locator("[data-shot]").evaluate_all("all => all.map(one => +one.dataset.from)")
    next_shot = min(start for start in starts if start > from_s + 1)
    assert player(page, "currentTime") == pytest.approx(next_shot, abs=0.5 / RATE)
    expect_frame(page, round(next_shot * RATE))
    page.keyboard.press("k")
    page.wait_for_function("() => !document.querySelector('#film').paused")
    page.keyboard.press("k")
    page.wait_for_function("() => document.querySelector('#film').paused")

    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "ask"
    page.keyboard.type("numbered.mp4@1-3")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="More like this")).to_be_visible()
    expect(page.locator("#results .card").first).to_be_visible()

    # Filters change the results and the address without loading the page again.
    page.evaluate("window.same = true")
    page.get_by_label("other videos only").check()
    page.wait_for_url("**other=1**")
    expect(page.locator("#results .card:has-text('numbered.mp4')")).to_have_count(0)
    assert page.evaluate("window.same")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.matches('.card [data-play]')")


def seconds(text: str) -> float:
    minutes, rest = text.split(":")
    return 60 * int(minutes) + float(rest)


def test_the_filter_of_the_library_and_its_empty_states(
    opened: Callable[..., Page], served: Served
) -> None:
    page = opened(PHONE, "light")
    page.goto("/")
    page.get_by_label("Filter by name").fill("numb")
    expect(page.locator(".film")).to_have_count(1)
    assert page.url.endswith("name=numb")
    page.get_by_label("Filter by name").fill("nothing like it")
    expect(page.get_by_text("Show all 4 videos")).to_be_visible()
    assert_accessible(page)
    page.goto("/search?q=nothing")
    expect(page.get_by_text("No video is called “nothing”")).to_be_visible()
    assert_accessible(page)
    (served.library / "pins.json").unlink(missing_ok=True)
    page.goto("/pins")
    expect(page.get_by_text("No pins yet")).to_be_visible()
    # Nothing is wider than a phone.
    for path in ("/", "/search?q=numbered.mp4@1-3", "/pins"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_film_that_browsers_cannot_play_is_shown_from_a_preview(
    opened: Callable[..., Page],
) -> None:
    page = opened(DESKTOP, "light")
    page.goto("/")
    page.locator(".film", has_text="old.avi").locator(".strip a").nth(1).click()
    page.wait_for_function("() => document.querySelector('#film').readyState >= 2", timeout=60_000)
    wait_for_frame(page)
    assert player(page, "currentTime") == pytest.approx(2.0, abs=0.5 / RATE)
    assert page.locator("#wait").is_hidden()


def test_a_clip_that_is_picked_is_searched_by(
    opened: Callable[..., Page], small_library: SmallLibrary, tmp_path: Path
) -> None:
    page = opened(PHONE, "dark")
    page.goto("/pins")
    (tmp_path / "no film.mp4").write_text("no film")
    page.locator("#pick").set_input_files(tmp_path / "no film.mp4")
    expect(page.locator("#said.shown")).to_be_visible(timeout=30_000)
    page.locator("#pick").set_input_files(small_library.truth[0].path)
    page.wait_for_url("**/search?upload=*", timeout=60_000)
    expect(page.locator("#results .card").first).to_contain_text("film0.mp4")
    assert_accessible(page)


def test_the_map_is_clicked_in(opened: Callable[..., Page]) -> None:
    page = opened(DESKTOP, "dark")
    page.goto("/map")
    page.locator("#map").wait_for(timeout=60_000)
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#spot-card")).to_be_visible()
    assert_accessible(page)
    page.locator("#spot-more").click()
    expect(page.get_by_role("heading", name="More like this")).to_be_visible()
    page.goto("/runs")
    assert_accessible(page)


def test_seconds_are_those_of_the_film_where_it_starts_late(opened: Callable[..., Page]) -> None:
    page = opened(DESKTOP, "light")
    page.goto("/")
    page.get_by_role("link", name="late.mp4", exact=True).click()
    wait_for_frame(page)
    page.goto(f"{page.url}?from={(LATE + 30) / RATE}&to={(LATE + 40) / RATE}")
    there = (LATE + 30) / RATE
    page.wait_for_function(
        f"() => Math.abs(document.querySelector('#film').currentTime - {there}) < 0.02"
    )
    expect_frame(page, 30)
