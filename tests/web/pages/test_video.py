"""The page of a video: deep links, its shots, and addresses of videos that are not there."""

import re

import pytest
from starlette.testclient import TestClient

from web_for_tests import ids_by_name


@pytest.fixture
def film2(client: TestClient) -> str:
    """The address of a video with three shots of 90, 60 and 80 frames at 25 a second."""
    return f"/video/{ids_by_name(client)['film2.mp4']}"


def attributes(text: str) -> dict[str, str]:
    (player,) = re.findall(r'<div id="player"([^>]*)>', text)
    return dict(re.findall(r'data-([a-z]+)="([^"]*)"', player))


def test_a_deep_link_begins_and_ends_where_it_says(client: TestClient, film2: str) -> None:
    found = attributes(client.get(f"{film2}?from=1.25&to=0:03.5").text)
    assert (found["from"], found["to"], found["ranged"]) == ("1.25", "3.5", "1")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ("0", "9.2", "")),
        ("?from=2", ("2", "4", "1")),
        ("?from=9", ("9", "9.2", "1")),
        ("?from=500&to=600", ("9.2", "9.2", "1")),
        ("?from=5&to=2", ("5", "7", "1")),
        ("?to=3", ("0", "3", "")),
    ],
)
def test_seconds_stay_within_the_video(
    client: TestClient, film2: str, query: str, expected: tuple[str, ...]
) -> None:
    answer = client.get(film2 + query)
    assert answer.status_code == 200
    found = attributes(answer.text)
    assert (found["from"], found["to"], found["ranged"]) == expected


@pytest.mark.parametrize("seconds", ["x", "-1", "nan", "inf", "1e9", "1:2:3:4", "１"])
def test_seconds_that_are_none_are_told(client: TestClient, film2: str, seconds: str) -> None:
    answer = client.get(film2, params={"from": seconds})
    assert answer.status_code == 400
    assert "12.5 or 1:02.5" in answer.text


def test_every_shot_is_there(client: TestClient, film2: str) -> None:
    text = client.get(film2).text
    assert re.findall(r'data-shot="(\d)" data-from="([\d.]+)"', text) == [
        ("0", "0"),
        ("1", "3.6"),
        ("2", "6"),
    ]


@pytest.mark.parametrize("name", ["0" * 64, "film2.mp4", "' OR 1=1 --", "é"])
def test_a_video_that_is_not_there_is_not_found(client: TestClient, name: str) -> None:
    answer = client.get(f"/video/{name}")
    assert answer.status_code == 404
    assert "no such video" in answer.text
