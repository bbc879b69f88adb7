"""A library and a film in a bucket, in a real browser: it plays, seeks and pins."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

import eruv
from browser_for_tests import NEEDS_CHROMIUM, expect_frame, started_chromium, wait_for_frame
from films_for_tests import numbered_video
from storage_for_tests import Faults, Storage
from training_for_tests import start_eruv

pytestmark = [*NEEDS_CHROMIUM, pytest.mark.usefixtures("short_waits")]
RATE = 25


def test_a_film_plays_out_of_a_bucket(storage: Storage, tmp_path: Path) -> None:
    film = numbered_video(tmp_path / "numbered.mp4", (80, 60))
    home = storage.bucket("browsed", {"films/numbered.mp4": film.path})
    eruv.ingest(f"{home}/films", f"{home}/library", workers=1)
    storage.faults = Faults()
    process = start_eruv("serve", f"{home}/library", "--port", 0, "--device", "cpu")
    try:
        assert process.stderr is not None
        found = re.search(r"http://\S+", line := process.stderr.readline())
        assert found, line + process.communicate()[1]
        assert f"pins are kept in {home}/library/pins.json" in process.stderr.readline()
        with started_chromium("--autoplay-policy=no-user-gesture-required") as chromium:
            page = chromium.new_page(base_url=found[0], reduced_motion="reduce")
            page.set_default_timeout(30_000)
            page.goto("/")
            page.get_by_role("link", name="numbered.mp4", exact=True).click()
            wait_for_frame(page)
            # Backwards and forwards: each place is a range of the object.
            for frame in (130, 7, 90):
                page.evaluate(
                    "at => { document.querySelector('#film').currentTime = at; }",
                    (frame + 0.5) / RATE,
                )
                wait_for_frame(page)
                expect_frame(page, frame)
            page.keyboard.press("k")
            page.wait_for_function("() => document.querySelector('#film').currentTime > 4.5")
            page.locator(".range-pin [data-pin]").click()
            expect(page.locator("#pin-count")).to_have_text("1")
    finally:
        process.terminate()
        said = process.communicate(timeout=30)[1]
    assert "Traceback" not in said
    played = [path for _, path in storage.faults.requests if "/films/numbered.mp4" in path]
    assert played
    bucket = home.removeprefix("s3://")
    kept = storage.client().get_object(Bucket=bucket, Key="library/pins.json")["Body"].read()
    assert len(json.loads(kept)["pins"]) == 1
