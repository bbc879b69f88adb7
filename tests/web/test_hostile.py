"""Hostile requests to the real page: no secret, no server error, nothing read outside its roots."""

import mimetypes
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.library.catalogue import Library
from eruv.web.app import application
from hostile_requests_for_tests import (
    HOST,
    HOSTS,
    OURS,
    RUNS,
    SEARCH_FIELDS,
    TELLTALES,
    Answer,
    Hostile,
    ask,
    hostile_requests,
    quoted,
)

SECRET = b"TOP SECRET"
PAGES = ("text/html", "text/csv", "text/plain", "application/json", "application/zip")
SAFE = "content-security-policy"
# A server error is never right; what is answered to whom else is in the tests of each part.
FEWEST = 200


class Attacked:
    """A page, its films, and secrets beside them.

    Attributes:
        home: folder of library, films and secrets.
        app: the page.
        video_id: of one of its videos.
    """

    def __init__(self, home: Path, embedded: tuple[Path, Path]) -> None:
        self.home = home
        shutil.copytree(embedded[0], home / "library")
        shutil.copytree(embedded[1], home / "run")
        for folder in (home, home / "library", home / "run", home / "library" / "proxies"):
            (folder / "secret.txt").write_bytes(SECRET)
        self.app = application(home / "library", hosts=[HOST], device="cpu")
        self.library = Library(home / "library")
        self.video_id = self.library.video_ids()[0]
        self.roots = [
            home / "library",
            *{path.parent for paths in self.library.paths().values() for path in paths},
        ]


@pytest.fixture(scope="module")
def attacked(embedded: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    return Attacked(Path(os.path.realpath(tmp_path_factory.mktemp("attacked"))), embedded)


_seen: list[str] | None = None


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is not None and event in ("open", "os.listdir", "os.scandir", "subprocess.Popen"):
        _seen.append(f"{event} {os.fsdecode(arguments[0]) if _is_path(arguments[0]) else ''}")


def _is_path(value: object) -> bool:
    return isinstance(value, str | bytes | os.PathLike)


sys.addaudithook(_audit)  # for as long as the process lives, so it only looks when asked to


@contextmanager
def watched() -> Iterator[list[str]]:
    """What Python opens, lists and starts within the block."""
    global _seen
    _seen = seen = []
    try:
        yield seen
    finally:
        _seen = None


def check(attacked: Attacked, request: Hostile, answer: Answer) -> None:
    assert answer.status < 500, request
    for words in TELLTALES:
        assert words not in answer.body, request
    if attacked.home.name not in request.target:  # what was typed stands in the box again
        assert os.fsencode(attacked.home) not in answer.body, request
    for words in RUNS:
        assert words not in answer.body, request
    assert "unsafe" not in answer.headers[SAFE], request
    assert answer.headers["x-content-type-options"] == "nosniff", request
    assert "x-injected" not in answer.headers
    assert "set-cookie" not in answer.headers


@pytest.fixture(scope="module")
def answers(attacked: Attacked) -> tuple[list[tuple[Hostile, Answer]], list[str]]:
    """All hostile requests with their answers, and what was opened for them."""
    requests = hostile_requests(attacked.video_id, str(attacked.home / "secret.txt"))
    # Once before, for what Python and libraries read when they are first used.
    mimetypes.init()
    for path in ("/search?video=ID", "/map/whole", "/map/points", "/attention/ID/picture"):
        ask(attacked.app, Hostile("first", path.replace("ID", attacked.video_id)))
    with watched() as seen:
        return [(request, ask(attacked.app, request)) for request in requests], seen


@pytest.mark.parametrize(
    ("kind", "fewest", "statuses"),
    [
        ("path", 200, {200, 400, 403, 404, 405, 414}),
        ("host", 40, {400, 403}),
        ("range", 40, {200, 206, 416}),
        ("field", 500, {200, 400, 404, 414}),
        ("form", 100, {200, 303, 400, 404, 413}),
        ("method", 40, {403, 405}),
        ("origin", 5, {403}),
        ("upload", 5, {422}),
    ],
)
def test_hostile_requests_are_answered_and_tell_nothing(
    attacked: Attacked, answers: Any, kind: str, fewest: int, statuses: set[int]
) -> None:
    found = [(request, answer) for request, answer in answers[0] if request.kind == kind]
    assert len(found) >= fewest
    for request, answer in found:
        check(attacked, request, answer)
        assert answer.status in statuses, (request, answer.status)


def test_there_are_more_than_two_hundred(answers: Any) -> None:
    kinds = Counter(request.kind for request, _ in answers[0])
    assert sum(kinds.values()) >= FEWEST
    assert len(kinds) == 8


def test_a_path_that_leads_out_is_never_a_file(attacked: Attacked, answers: Any) -> None:
    films = {path.read_bytes() for paths in attacked.library.paths().values() for path in paths}
    for request, answer in answers[0]:
        if request.kind == "path":
            assert answer.body not in films
            assert SECRET not in answer.body
            if answer.status == 200:  # a page of its own, which has no bytes of files
                kind = answer.headers["content-type"].partition(";")[0]
                assert kind in PAGES, request


def test_nothing_is_read_outside_the_roots(attacked: Attacked, answers: Any) -> None:
    import eruv

    roots = [
        *attacked.roots,
        Path(eruv.__file__).parent,
        *map(Path, {sys.prefix, sys.base_prefix}),  # Python's own modules
        *(Path(path) for path in sys.path if path),
    ]
    for entry in answers[1]:
        event, _, name = entry.partition(" ")
        assert event != "subprocess.Popen" or "python" in name, entry
        path = Path(name)
        assert "secret" not in path.name, entry
        if event == "open" and path.is_absolute():
            allowed = any(path.is_relative_to(root) for root in roots)
            # Runs beside the library are shown, and folders are opened on the way to a film.
            allowed = allowed or path.is_relative_to(attacked.home / "run") or path == Path("/")
            # Files of moments are gathered in a folder of their own.
            allowed = allowed or name.startswith(f"{tempfile.gettempdir()}/eruv-pins-")
            # Libraries ask the system how many processors there are, and for the time zone.
            allowed = allowed or name.startswith(("/sys/", "/usr/share/", "/etc/localtime"))
            assert allowed or name in ("/dev/null", "/dev/urandom"), entry


def test_nothing_was_changed(attacked: Attacked, answers: Any) -> None:
    for folder in (attacked.home, attacked.home / "library"):
        assert (folder / "secret.txt").read_bytes() == SECRET
    assert (attacked.home / "library" / "library.json").is_file()
    assert attacked.library.video_ids()
    names = {path.name for path in attacked.home.iterdir()}
    assert names == {"library", "run", "secret.txt"}


ODD = st.text(
    st.one_of(
        st.sampled_from(list("/.%\\;:?#@&=+-<>\"'\x00\n\r\t ~*[]{}$|`0123456789abcdefID")),
        st.characters(),
    ),
    max_size=40,
)
NAMES = st.sampled_from(("secret.txt", "..", ".", "%2e%2e", "%2f", "%00", "%5c", "etc", "passwd"))
PATHS = st.one_of(
    ODD,
    st.lists(st.one_of(NAMES, ODD), max_size=6).map("/".join),
    st.tuples(
        st.sampled_from(
            ("static", "media", "still", "video", "attention", "runs", "search", "pins")
        ),
        st.lists(st.one_of(NAMES, ODD), max_size=4).map("/".join),
    ).map("/".join),
).map(lambda path: f"/{path}")


@given(path=PATHS, host=st.one_of(st.just(HOST), st.sampled_from(HOSTS), ODD), range=ODD)
@settings(max_examples=300, deadline=None)
def test_any_path_host_and_range(attacked: Attacked, path: str, host: str, range: str) -> None:
    request = Hostile("fuzz", path, headers={"host": host, "range": range})
    answer = ask(attacked.app, request)
    check(attacked, request, answer)
    if host.lower() != HOST:
        assert answer.status in (400, 403, 414)


@given(range=st.one_of(ODD, ODD.map("bytes={}".format)), head=st.booleans(), condition=ODD)
@settings(max_examples=200, deadline=None)
def test_any_range_of_a_film(attacked: Attacked, range: str, head: bool, condition: str) -> None:
    headers = OURS | {"range": range, "if-range": condition, "if-none-match": condition}
    method = "HEAD" if head else "GET"
    request = Hostile("fuzz", f"/media/{attacked.video_id}", method, headers)
    answer = ask(attacked.app, request)
    check(attacked, request, answer)
    assert answer.status in (200, 206, 304, 416)
    if answer.status != 304:
        assert head or len(answer.body) == int(answer.headers["content-length"])


@given(
    fields=st.dictionaries(st.one_of(st.sampled_from(SEARCH_FIELDS), ODD), ODD, max_size=5),
    where=st.sampled_from(("/search", "/", "/video/ID", "/still/ID", "/attention/ID", "/pins")),
    post=st.booleans(),
    known=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_any_fields(
    attacked: Attacked, fields: dict[str, str], where: str, post: bool, known: bool
) -> None:

    given = {"video": attacked.video_id} | fields if known else fields
    encoded = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in given.items())
    target = where.replace("ID", attacked.video_id)
    if post:
        request = Hostile("fuzz", "/pins", "POST", dict(OURS), encoded.encode())
    else:
        request = Hostile("fuzz", f"{target}?{encoded}")
    check(attacked, request, ask(attacked.app, request))
