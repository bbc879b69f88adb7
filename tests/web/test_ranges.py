"""Parts of files, byte for byte against a slice of the whole, for any Range header."""

import email
import os
import re
from email.policy import HTTP
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from eruv.web import ranges
from eruv.web.ranges import Unsatisfiable, file_response, spans_of

BYTES = bytes(range(256)) * 4 + b"end"
SIZE = len(BYTES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.path.realpath(tmp_path_factory.mktemp("ranges")))
    (folder / "film.mp4").write_bytes(BYTES)
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "link.mp4").symlink_to(folder / "film.mp4")
    (folder / "through").symlink_to(folder)
    os.mkfifo(folder / "pipe.mp4")
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> TestClient:
    def answer(request: Request) -> Response:
        return file_response(request, folder / request.path_params["name"], "video/mp4")

    return TestClient(Starlette(routes=[Route("/{name:path}", answer)]))


def parts_of(answer) -> list[tuple[str, Any]]:
    """Content-Range and bytes of each part, read by Python's parser of mail."""
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + answer.content, policy=HTTP)
    assert message.is_multipart()
    assert not message.defects
    found = []
    for part in message.iter_parts():
        assert part["Content-Type"] == "video/mp4"
        found.append((part["Content-Range"], part.get_payload(decode=True)))
    return found


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=1020-", 1020, SIZE),
        ("bytes=0-", 0, SIZE),
        ("bytes=-3", SIZE - 3, SIZE),
        (f"bytes=-{SIZE}", 0, SIZE),
        ("bytes=-99999999999999999999", 0, SIZE),
        ("bytes=1000-99999999999999999999", 1000, SIZE),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        ("BYTES=1-2", 1, 3),
        ("bytes= 1-2", 1, 3),
        ("bytes=1-2,", 1, 3),  # empty elements of a list count for nothing
        (f"bytes=1-2,{SIZE}-", 1, 3),  # one that can be satisfied is enough
        ("bytes=1-5,3-9", 1, 10),  # overlapping
        ("bytes=1-4,5-9", 1, 10),  # touching
        ("bytes=5-9,1-4", 1, 10),
        ("bytes=0-1,8-9,2-7", 0, 10),
    ],
)
def test_one_range(client: TestClient, header: str, start: int, end: int) -> None:
    answer = client.get("/film.mp4", headers={"range": header})
    assert answer.status_code == 206
    assert answer.content == BYTES[start:end]
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer.headers["content-length"] == str(end - start)
    assert answer.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize(
    "header",
    [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0", "bytes=9999999-", "bytes=-0,5000-"],
)
def test_beyond_the_end(client: TestClient, header: str) -> None:
    answer = client.get("/film.mp4", headers={"range": header})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=a-b",
        "bytes=1",
        "bytes=5-1",
        "bytes=0-1,5-1",
        "bytes=1--2",
        "bytes=--5",
        "bytes=+1-2",
        "bytes=1_0-20",
        "bytes=0x1-2",
        "bytes=1 -2",
        "bytes=1.5-2",
        "seconds=1-2",
        "bytes=0-1;5-6",
        "bytes=0-1\t5",
        "bytes=" + ",".join(f"{n * 4}-{n * 4}" for n in range(17)),
        "bytes=" + "0" * 2000 + "-",
    ],
)
def test_what_is_to_be_ignored_gives_the_whole_file(client: TestClient, header: str) -> None:
    answer = client.get("/film.mp4", headers={"range": header})
    assert answer.status_code == 200
    assert answer.content == BYTES
    assert "content-range" not in answer.headers
    assert answer.headers["accept-ranges"] == "bytes"


def test_digits_of_other_scripts_are_no_numbers() -> None:
    assert spans_of("bytes=١-٢", SIZE) is None


def test_several_ranges_are_one_answer_in_parts(client: TestClient) -> None:
    answer = client.get("/film.mp4", headers={"range": "bytes=500-509,0-3,-3"})
    assert answer.status_code == 206
    assert answer.headers["content-length"] == str(len(answer.content))
    assert "content-range" not in answer.headers
    assert parts_of(answer) == [
        (f"bytes 500-509/{SIZE}", BYTES[500:510]),
        (f"bytes 0-3/{SIZE}", BYTES[:4]),
        (f"bytes {SIZE - 3}-{SIZE - 1}/{SIZE}", BYTES[-3:]),
    ]


def test_head_has_the_headers_of_the_whole_file_and_no_bytes(client: TestClient) -> None:
    for headers in ({}, {"range": "bytes=0-9"}, {"range": "bytes=99999-"}):
        answer = client.head("/film.mp4", headers=headers)
        assert answer.status_code == 200
        assert answer.headers["content-length"] == str(SIZE)
        assert answer.content == b""


def test_if_range_wants_the_very_tag(client: TestClient) -> None:
    whole = client.get("/film.mp4")
    etag, date = whole.headers["etag"], whole.headers["last-modified"]
    for condition, status in (
        (etag, 206),
        ('"other"', 200),
        (f"W/{etag}", 200),
        (date, 200),
        ("", 200),
    ):
        answer = client.get("/film.mp4", headers={"range": "bytes=0-3", "if-range": condition})
        assert answer.status_code == status, condition
        assert answer.content == (BYTES[:4] if status == 206 else BYTES)


def test_if_none_match(client: TestClient) -> None:
    etag = client.get("/film.mp4").headers["etag"]
    for condition in (etag, f"W/{etag}", f'"a", {etag}', "*"):
        answer = client.get("/film.mp4", headers={"if-none-match": condition, "range": "bytes=0-1"})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["etag"] == etag
    assert client.get("/film.mp4", headers={"if-none-match": '"a"'}).status_code == 200


def test_the_tag_changes_with_the_file(client: TestClient, folder: Path) -> None:
    path = folder / "changing.mp4"
    path.write_bytes(b"one")
    first = client.get("/changing.mp4").headers["etag"]
    assert client.get("/changing.mp4").headers["etag"] == first
    other = folder / "other"
    other.write_bytes(b"two")
    os.replace(other, path)
    assert client.get("/changing.mp4").headers["etag"] != first


def test_an_empty_file_has_no_part(client: TestClient) -> None:
    assert client.get("/empty.mp4").content == b""
    for header in ("bytes=0-", "bytes=-1", "bytes=0-0"):
        answer = client.get("/empty.mp4", headers={"range": header})
        assert answer.status_code == 416
        assert answer.headers["content-range"] == "bytes */0"


@pytest.mark.parametrize(
    "name", ["nothing.mp4", "link.mp4", "through/film.mp4", "pipe.mp4", "film.mp4/x", "x" * 300]
)
@pytest.mark.timeout(20)
def test_what_is_no_plain_file_is_not_there(client: TestClient, name: str) -> None:
    answer = client.get(f"/{name}")
    assert answer.status_code == 404


def test_files_are_closed(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    def noted(path: Path):
        opened.append(original(path))
        return opened[-1]

    original = ranges.open_plain
    monkeypatch.setattr(ranges, "open_plain", noted)
    etag = client.get("/film.mp4").headers["etag"]
    client.head("/film.mp4")
    for header in ("bytes=0-1", "bytes=0-1,5-6", "bytes=9999-", "nonsense"):
        client.get("/film.mp4", headers={"range": header})
    client.get("/film.mp4", headers={"if-none-match": etag})
    assert len(opened) == 7
    assert all(file.closed for file in opened)


@given(
    parts=st.lists(
        st.one_of(
            st.tuples(st.integers(0, 1200), st.one_of(st.none(), st.integers(0, 1200))),
            st.tuples(st.none(), st.integers(0, 1200)),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_list_of_ranges_gives_the_bytes_it_asks_for(client: TestClient, parts) -> None:
    header = "bytes=" + ", ".join(
        f"{'' if first is None else first}-{'' if last is None else last}" for first, last in parts
    )
    wanted: set[int] = set()
    for first, last in parts:
        if first is None:
            wanted |= set(range(max(0, SIZE - last), SIZE))
        else:
            wanted |= set(range(SIZE)[first : SIZE if last is None else last + 1])
    backwards = any(None not in part and part[1] < part[0] for part in parts)
    answer = client.get("/film.mp4", headers={"range": header})
    if backwards:
        assert answer.status_code == 200
        assert answer.content == BYTES
    elif not wanted:
        assert answer.status_code == 416
    else:
        assert answer.status_code == 206
        got: list[int] = []
        if "content-range" in answer.headers:
            found = [(answer.headers["content-range"], answer.content)]
        else:
            found = parts_of(answer)
            assert len(found) > 1
        for described, content in found:
            first, last, size = map(int, re.findall(r"\d+", described))
            assert size == SIZE
            assert content == BYTES[first : last + 1]
            got += range(first, last + 1)
        assert sorted(got) == sorted(wanted)  # no byte missing, none twice


@given(header=st.text(st.characters(max_codepoint=0x3000), max_size=40), size=st.integers(0, 50))
@settings(deadline=None)
def test_any_text_is_answered(header: str, size: int) -> None:
    for text in (header, f"bytes={header}"):
        try:
            spans = spans_of(text, size)
        except Unsatisfiable:
            continue
        assert spans is None or all(0 <= start < end <= size for start, end in spans)
