"""Pins: kept in the library, shown, removed, and refused where they make no sense; and taken away.

Covers also: web/cut_lists.
"""

import csv
import io
import json
import zipfile
from pathlib import Path

import av
import opentimelineio as otio
import pytest
from starlette.testclient import TestClient

from films_for_tests import SmallLibrary
from web_for_tests import HOST, ids_by_name


@pytest.fixture
def pin(client: TestClient) -> dict[str, str]:
    client.post("/pins", data={"clear": "1"})
    return {"video": ids_by_name(client)["film1.mp4"], "from": "1.5", "to": "0:03"}


def test_a_pin_is_kept_shown_and_removed(client: TestClient, pin: dict[str, str]) -> None:
    assert "No pins yet" in client.get("/pins").text
    assert client.post("/pins", data=pin).headers["location"] == "/pins"
    assert client.post("/pins", data=pin).status_code == 303  # it is there once
    text = client.get("/pins").text
    assert "1 moment, 1.5 s in all" in text
    assert 'id="pin-count" class="count">1<' in text
    client.post("/pins", data=pin | {"remove": "1"})
    assert "No pins yet" in client.get("/pins").text


def test_pins_are_known_on_every_page_and_after_a_restart(
    client: TestClient, pin: dict[str, str]
) -> None:
    client.post("/pins", data=pin)
    text = client.get(f"/video/{pin['video']}?from=1.5&to=3").text
    assert 'aria-pressed="true"' in text
    assert "Pinned" in text


def test_a_button_comes_back_changed(client: TestClient, pin: dict[str, str]) -> None:
    answer = client.post("/pins", data=pin, headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert "Pinned" in answer.text
    assert 'hx-swap-oob="true">1<' in answer.text


@pytest.mark.parametrize(
    "change",
    [{"from": "5", "to": "2"}, {"from": "x"}, {"to": ""}, {"from": "-1"}, {"to": "nan"}],
)
def test_a_range_that_is_none_is_refused(
    client: TestClient, pin: dict[str, str], change: dict[str, str]
) -> None:
    assert client.post("/pins", data=pin | change).status_code == 400


def test_a_video_that_is_not_there_is_refused(client: TestClient, pin: dict[str, str]) -> None:
    assert client.post("/pins", data=pin | {"video": "../../etc"}).status_code == 404


def test_another_page_cannot_pin(client: TestClient, pin: dict[str, str]) -> None:
    foreign = {"origin": "http://evil.example", "sec-fetch-site": "cross-site", "host": HOST}
    assert client.post("/pins", data=pin, headers=foreign).status_code == 403
    assert "No pins yet" in client.get("/pins").text


def test_a_form_that_is_none_is_told(client: TestClient) -> None:
    assert client.post("/pins", content=b"\xff\xfe").status_code == 400
    assert client.post("/pins", content=b"a=1&" * 60).status_code == 400
    assert client.post("/pins", content=json.dumps({"video": "x"})).status_code == 400


def test_pins_leave_as_cut_lists_with_relative_names(
    client: TestClient, pin: dict[str, str], small_library: SmallLibrary
) -> None:
    client.post("/pins", data=pin)
    client.post("/pins", data=pin | {"from": "4", "to": "5"})
    texts = {kind: client.get(f"/pins.{kind}") for kind in ("csv", "edl", "otio")}
    for kind, answer in texts.items():
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="pins.{kind}"'
        assert "film1.mp4" in answer.text
        assert str(small_library.truth[0].path.parent) not in answer.text
    rows = list(csv.DictReader(texts["csv"].text.splitlines()))
    # 25 frames a second; the cut is at frame 130.
    assert [(row["start"], row["end"], row["shot"]) for row in rows] == [
        ("38", "75", "1"),
        ("100", "125", "1"),
    ]
    timeline = otio.adapters.read_from_string(texts["otio"].text, "otio_json")
    clips = list(timeline.find_clips())
    assert [clip.media_reference.target_url for clip in clips] == ["film1.mp4"] * 2
    assert [clip.source_range.start_time.value for clip in clips] == [38, 100]


def test_pins_leave_as_files(client: TestClient, pin: dict[str, str], tmp_path: Path) -> None:
    client.post("/pins", data=pin)
    answer = client.get("/pins.zip")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        (name,) = archive.namelist()
        archive.extract(name, tmp_path)
    with av.open(str(tmp_path / name)) as file:
        assert sum(1 for _ in file.decode(video=0)) == 37
    client.post("/pins", data={"clear": "1"})
    assert client.get("/pins.zip").status_code == 400
    assert client.get("/pins.exe").status_code == 404
