"""Films with odd names, odd codecs and without files: each has its place on the page, escaped."""

import html
import os
import re
import time
from pathlib import Path

import av
import pytest
from starlette.testclient import TestClient

from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from eruv.library.video_pass import video_id_of
from eruv.utils.paths import printable
from films_for_tests import pattern, render_video, yuv_frame
from hostile_requests_for_tests import RUNS
from web_for_tests import client_of

NAMES = [
    b"plain.mp4",
    b'it\'s "quoted".mp4',
    b"<script>alert(1)<script>.mp4",
    b"<img src=x onerror=alert(1)>.mp4",
    b'"><svg onload=alert(1)>.mp4',
    b"javascript:alert(1).mp4",
    b"{{7*7}}{% raw %}.mp4",
    b"two\nlines\r\nX: y.mp4",
    b"tab\tbell\x07escape\x1b[31m.mp4",
    b"latin-\xe9-\xff.mp4",  # no UTF-8
    "zo\u0308e-\u00e9-\u202egpj.mp4".encode(),  # right to left
    "𝒳-名前-🎬.mp4".encode(),
    b"100%25 off&more=1?x#y;z.mp4",
    b"film@1-2.mp4",
    b"-rf.mp4",
    b"=cmd|'calc'!A0.mp4",
    b" spaces .mp4",
    b"back\\slash.mp4",
    b"%s%n%00.mp4",
    b"a" * 240 + b".mp4",
]
CODECS = {
    "xvid.avi": ("mpeg4", "yuv420p"),
    "hevc10.mp4": ("libx265", "yuv420p10le"),
    "vp9.webm": ("libvpx-vp9", "yuv420p"),
    "h264_444.mov": ("libx264", "yuv444p"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = Path(os.path.realpath(tmp_path_factory.mktemp("odd")))
    films = home / "films"
    films.mkdir()
    for number, name in enumerate(NAMES):
        path = render_video(home / "film.mp4", [(number, 30)], size=(64, 48))
        os.rename(path, os.fsencode(films) + b"/" + name)
    for number, (film, (codec, format)) in enumerate(CODECS.items()):
        with av.open(str(films / film), "w") as container:
            stream = container.add_stream(codec, rate=25)
            stream.width, stream.height, stream.pix_fmt = 64, 48, format
            for _ in range(30):
                frame = yuv_frame(pattern(50 + number, 48, 64)).reformat(format=format)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    (films / "broken<b>.mp4").write_bytes(b"no film")
    ingest([films], home / "library", workers=1)
    return home


@pytest.fixture(scope="module")
def page(home: Path):
    with client_of(home / "library") as client:
        yield client


def path_of(home: Path, name: bytes) -> Path:
    return Path(os.fsdecode(os.fsencode(home / "films") + b"/" + name))


def escaped(answer) -> str:
    for words in RUNS:
        assert words not in answer.content
    assert "alert(1)>" not in answer.text
    assert "onerror=alert(1)>" not in answer.text
    return answer.text


@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name[:20]))
def test_any_name_has_its_place(home: Path, page: TestClient, name: bytes) -> None:
    path = path_of(home, name)
    video_id = video_id_of(path)
    shown = printable(Path(path.name))
    answer = page.get(f"/video/{video_id}")
    assert answer.status_code == 200
    assert html.escape(shown) in escaped(answer).replace("&#34;", "&quot;").replace(
        "&#39;", "&#x27;"
    )
    media = page.get(f"/media/{video_id}", headers={"range": "bytes=0-99"})
    assert media.status_code == 206
    assert media.content == path.read_bytes()[:100]
    for height in (96, 240):
        still = page.get(f"/still/{video_id}?at=0.5&height={height}")
        assert still.status_code == 200
        assert still.content[:2] == b"\xff\xd8"
    found = page.get("/search", params={"q": shown})
    assert found.status_code == 200
    escaped(found)
    form = {"video": video_id, "from": "0.2", "to": "0.8"}
    assert page.post("/pins", data=form).status_code == 303


def test_all_are_listed_and_what_was_broken_is_told(home: Path, page: TestClient) -> None:
    pages = [escaped(page.get("/", params={"page": number})) for number in (1, 2)]
    linked = set(re.findall(r"/video/([0-9a-f]{64})", "".join(pages)))
    assert linked == set(Library(home / "library").video_ids())
    assert "broken&lt;b&gt;.mp4" in "".join(pages)


@pytest.mark.parametrize("kind", ["csv", "edl", "otio"])
def test_lists_of_odd_names_hold_no_more_lines_than_moments(
    home: Path, page: TestClient, kind: str
) -> None:
    page.post("/pins", data={"clear": "1"})
    for name in NAMES:
        video_id = video_id_of(path_of(home, name))
        page.post("/pins", data={"video": video_id, "from": "0.2", "to": "0.8"})
    answer = page.get(f"/pins.{kind}")
    assert answer.status_code == 200
    assert str(home) not in answer.text
    assert "\x1b" not in answer.text
    if kind == "csv":
        import csv

        rows = list(csv.reader(answer.text.splitlines()))
        assert len(rows) == len(NAMES) + 1
        assert len({len(row) for row in rows}) == 1
    if kind == "edl":
        assert len(re.findall(r"^\d{3}  ", answer.text, re.MULTILINE)) == len(NAMES)
    page.post("/pins", data={"clear": "1"})


@pytest.mark.parametrize("name", CODECS)
@pytest.mark.timeout(120)
def test_odd_codecs_are_played(home: Path, page: TestClient, name: str) -> None:
    video_id = video_id_of(home / "films" / name)
    until = time.monotonic() + 60
    while (state := page.get(f"/preview/{video_id}").json())["state"] != "ready":
        assert state["state"] in ("waiting", "preparing"), state
        assert time.monotonic() < until
        time.sleep(0.1)
    answer = page.get(f"/media/{video_id}", headers={"range": "bytes=0-"})
    assert answer.status_code == 206
    assert answer.headers["content-type"] == ("video/webm" if "webm" in name else "video/mp4")
    still = page.get(f"/still/{video_id}?at=0.5&height=240")
    assert still.status_code == 200


def test_a_film_that_is_gone_is_told_and_its_pictures_stay(
    home: Path, page: TestClient, tmp_path: Path
) -> None:
    path = home / "films" / "plain.mp4"
    video_id = video_id_of(path)
    path.rename(tmp_path / "away")
    try:
        assert page.get(f"/video/{video_id}").status_code == 200
        for address in ("media", "preview"):
            answer = page.get(f"/{address}/{video_id}")
            assert answer.status_code == 404
            assert str(home) not in answer.text
        for height in (96, 240):
            assert page.get(f"/still/{video_id}?at=0.7&height={height}").status_code == 200
        page.post("/pins", data={"video": video_id, "from": "0.2", "to": "0.8"})
        for kind in ("csv", "edl", "otio", "zip"):
            answer = page.get(f"/pins.{kind}")
            assert answer.status_code < 500, (kind, answer.text)
            assert str(home) not in answer.text
    finally:
        page.post("/pins", data={"clear": "1"})
        (tmp_path / "away").rename(path)


def test_a_link_turned_elsewhere_leaves_by_no_door(
    home: Path, page: TestClient, tmp_path: Path
) -> None:
    path = home / "films" / "plain.mp4"
    video_id = video_id_of(path)
    secret = render_video(tmp_path / "secret.mp4", [(99, 30)], size=(64, 48))
    path.rename(tmp_path / "away")
    path.symlink_to(secret)
    try:
        page.post("/pins", data={"video": video_id, "from": "0.2", "to": "0.8"})
        for address in (f"/media/{video_id}", f"/preview/{video_id}", "/pins.zip"):
            answer = page.get(address)
            assert 400 <= answer.status_code < 500, address
            assert str(home) not in answer.text
    finally:
        page.post("/pins", data={"clear": "1"})
        path.unlink()
        (tmp_path / "away").rename(path)


@pytest.mark.timeout(60)
def test_a_pipe_in_a_film_s_place_holds_nobody_up(
    home: Path, page: TestClient, tmp_path: Path
) -> None:
    path = home / "films" / "plain.mp4"
    video_id = video_id_of(path)
    path.rename(tmp_path / "away")
    os.mkfifo(path)
    try:
        page.post("/pins", data={"video": video_id, "from": "0.2", "to": "0.8"})
        for address in (
            *(f"/media/{video_id}", f"/preview/{video_id}", f"/still/{video_id}?height=240"),
            *("/pins.csv", "/pins.edl", "/pins.otio", "/pins.zip"),
        ):
            assert page.get(address).status_code < 500, address
    finally:
        page.post("/pins", data={"clear": "1"})
        path.unlink()
        (tmp_path / "away").rename(path)
