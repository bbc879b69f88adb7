"""Pins: kept in the library, shown, removed, and refused where they make no sense."""

import json

import pytest
from starlette.testclient import TestClient

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
