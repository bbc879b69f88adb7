"""Clips and pictures that are dropped in are searched by, and refused where they are none."""

import re
from pathlib import Path

import av
import pytest
from starlette.testclient import TestClient

from films_for_tests import SmallLibrary, encode
from web_for_tests import ids_by_name


@pytest.fixture
def part(small_library: SmallLibrary, tmp_path: Path) -> bytes:
    """Frames 30 to 60 of film0, encoded anew."""
    with av.open(str(small_library.truth[0].path)) as file:
        frames = list(file.decode(video=0))[30:60]
    pictures = [frame.reformat(width=80, height=60, format="yuv420p") for frame in frames]
    return encode(tmp_path / "part.mkv", pictures, codec="mpeg4").read_bytes()


def test_a_clip_finds_its_own_place(client: TestClient, part: bytes) -> None:
    taken = client.post("/upload", content=part)
    assert taken.status_code == 200, taken.text
    told = taken.json()
    assert told["kind"] == "clip"
    assert told["seconds"] == pytest.approx(1.2, abs=0.05)
    page = client.get("/search", params={"upload": told["id"]})
    first = re.search(
        r'class="card" data-video="(\w+)" data-from="([\d.]+)" data-to="([\d.]+)"', page.text
    )
    assert first
    assert first[1] == ids_by_name(client)["film0.mp4"]
    assert float(first[2]) < 2.4
    assert float(first[3]) > 1.2
    assert "a clip of 1.2 s, uploaded" in page.text
    picture = client.get(f"/upload/{told['id']}/picture")
    assert picture.headers["content-type"] == "image/png"


def test_a_picture_is_searched_by(client: TestClient, small_library: SmallLibrary) -> None:
    with av.open(str(small_library.truth[3].path)) as file:
        frame = next(file.decode(video=0))
    from eruv.utils.html import jpeg

    taken = client.post("/upload", content=jpeg(frame.to_ndarray(format="rgb24")))
    assert taken.json()["kind"] == "picture"
    page = client.get("/search", params={"upload": taken.json()["id"]})
    assert page.status_code == 200
    assert 'class="card"' in page.text


@pytest.mark.parametrize("content", [b"", b"no film at all", b"\x00" * 5000])
def test_what_is_no_film_is_refused_with_a_reason(client: TestClient, content: bytes) -> None:
    answer = client.post("/upload", content=content)
    assert answer.status_code == 422
    assert answer.json()["reason"].endswith(".")


def test_an_upload_that_is_gone_is_told(client: TestClient) -> None:
    for name in ("x", "../../etc", "A" * 22):
        answer = client.get("/search", params={"upload": name})
        assert answer.status_code == 404
        assert "is no longer here" in answer.text
    assert client.get(f"/upload/{'A' * 22}/picture").status_code == 404
