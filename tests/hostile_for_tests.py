"""Hostile requests, built from paths × encodings, hosts, ranges, fields and methods."""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

HOST = "127.0.0.1:8340"
OURS = {"host": HOST, "origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}

# What would be somewhere in an answer that says more than it should.
TELLTALES = (b"Traceback (most recent", b'File "/', b"site-packages", b"root:x:0:", b"TOP SECRET")
# What would run in a page that forgets to escape.
RUNS = (b"<script>alert", b"<img src=x", b'"><svg onload', b'href="javascript:')

PREFIXES = (
    *("/", "/static/", "/media/", "/still/", "/video/", "/attention/", "/runs/", "/pins."),
    *("/media/ID/", "/still/ID/../", "/preview/", "/upload/", "/attention/ID/", "/map/"),
)
# Ways to say ../../secret.txt, and to name files of the system and of the library itself.
FILES = (
    "../secret.txt",
    "../../secret.txt",
    "../../../../../../../../etc/passwd",
    "..%2f..%2fsecret.txt",
    "%2e%2e/%2e%2e/secret.txt",
    "%2e%2e%2f%2e%2e%2fsecret.txt",
    "%252e%252e%252fsecret.txt",
    "..%252f..%252fsecret.txt",
    "..%5c..%5csecret.txt",
    "..\\..\\secret.txt",
    "%c0%ae%c0%ae%c0%afsecret.txt",
    "%uff0e%uff0e/secret.txt",
    "%e0%80%ae%e0%80%ae/secret.txt",
    "....//....//secret.txt",
    "..;/..;/secret.txt",
    ".%00./secret.txt",
    "secret.txt%00.mp4",
    "secret.txt%00",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "file:///etc/passwd",
    "SECRET",
    "SECRET_ENCODED",
    "library.json",
    "../library.json",
    "pins.json",
    "catalogue/videos.lance",
    ".lock",
    "~root/.ssh/id_rsa",
    "proc/self/environ",
    "%2e",
    "con",
    "a" * 300,
    "%0d%0aSet-Cookie:%20a=b",
    "%3Cscript%3Ealert(1)%3C/script%3E",
)
HOSTS = (
    *("", "evil.example", "evil.example:8340", "localhost.evil.example:8340", "127.0.0.1"),
    *("127.0.0.1:80", "127.0.0.1:8341", "127.1:8340", "0.0.0.0:8340", "2130706433:8340"),
    *("[::1]:8341", "[::ffff:127.0.0.1]:8340", "127.0.0.1:8340.evil.example", "127.0.0.1:8340/"),
    *("evil@127.0.0.1:8340", "127.0.0.1:8340@evil", "127.0.0.1:8340, evil", "127.0.0.1:8340 evil"),
    *("http://127.0.0.1:8340", "127.0.0.1:8340#", "127.0.0.1:08340", "127.0.0.1:8340:8340", "*"),
    *("127.0.0.1%00:8340", "127.0.0.1\t:8340", "127。0。0。1:8340", "<script>alert(1)</script>"),
)
RANGES = (
    *("bytes=0-", "bytes=-1", "bytes=0-0", "bytes=0-0,2-2,4-4", "bytes=5-1", "bytes=-0", "bytes="),
    *("bytes=99999999999999999999-", "bytes=0-99999999999999999999", "bytes=-99999999999999999999"),
    *("bytes=a-b", "bytes=--1", "bytes=1--1", "bytes=0x0-0x9", "bytes=1_0-2_0", "items=0-5", "0-5"),
    *("bytes=0-1;2-3", "bytes=,", "bytes=, ,", "bytes=-", "bytes==0-1", "bytes:0-1", "bytes 0-1"),
    "bytes=" + ",".join("0-" for _ in range(1000)),
    "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 4000, 2)),
    "bytes=" + "9" * 5000 + "-",
    "bytes=0-1\r\nX-Injected: 1",
    "bytes=\x000-1",
    "bytes=١-٢",
)
ODD_TEXTS = (
    *("", " ", "\x00", "a\x00b", "%00", "\r\nX: y", "\x1b[31m", "\ud800", "‮gpj.exe", "𝒳" * 50),
    *(
        "' OR 1=1 --",
        "'; DROP TABLE videos; --",
        "video_id = 'x'",
        '" or ""="',
        "\\",
        "%",
        "_",
        "*",
    ),
    *(
        "../../secret.txt",
        "SECRET",
        "/etc/passwd",
        "file:///etc/passwd",
        "http://evil.example/a.mp4",
    ),
    *("|id", "$(id)", "`id`", "{{7*7}}", "{% import os %}", "${7*7}", "__class__", "[", "[[", "[!"),
    *("<script>alert(1)</script>", '"><svg onload=alert(1)>', "javascript:alert(1)"),
    *(
        "nan",
        "inf",
        "-inf",
        "-1",
        "1e308",
        "1e999",
        "9" * 400,
        "0x10",
        "١",
        "1:2:3:4",
        "1,5",
        "--1",
    ),
    *("ID", "ID@", "ID@-", "ID@1-", "ID@5-1", "ID@99999-999999", "@", "@1-2", "x" * 4000),
)
METHODS = (
    *("OPTIONS", "TRACE", "CONNECT", "PUT", "PATCH", "DELETE", "PROPFIND", "MKCOL", "COPY", "get"),
    *("", "GET\x00", "G" * 500, "POST"),
)
SEARCH_FIELDS = (
    *("q", "video", "from", "to", "upload", "text", "paths", "k"),
    *("after", "before", "shortest", "longest", "other"),
)


# One loop for all, with threads that stay.
RUNNER = asyncio.Runner()


@dataclass(frozen=True)
class Hostile:
    """A request: method, target as it stands in the first line, headers and body."""

    kind: str
    target: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=lambda: dict(OURS))
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


def hostile_requests(video_id: str, secret: str) -> list[Hostile]:
    """All of them, for the page of a library.

    Args:
        video_id: of one of its videos, for requests that begin harmlessly.
        secret: path of a file that must not be read.
    """

    def filled(text: str) -> str:
        encoded = quote(secret, safe="")
        text = text.replace("SECRET_ENCODED", encoded).replace("SECRET", secret)
        return text.replace("ID", video_id)

    found = [Hostile("path", filled(prefix + name)) for prefix in PREFIXES for name in FILES]
    for host in HOSTS:
        found.append(Hostile("host", "/", headers={"host": host}))
        found.append(Hostile("host", "/pins", "POST", OURS | {"host": host}, b"clear=1"))
    media = filled("/media/ID")
    for value, method in itertools.product(RANGES, ("GET", "HEAD")):
        found.append(Hostile("range", media, method, OURS | {"range": value}))
    for name, text in itertools.product(SEARCH_FIELDS, ODD_TEXTS):
        query = f"{name}={quoted(filled(text))}"
        if name not in ("q", "video"):
            query = f"video={video_id}&{query}"
        found.append(Hostile("field", f"/search?{query}"))
    found += list(_other_fields(video_id, filled))
    for method, path in itertools.product(METHODS, ("/", "/pins", media, "/static/page.css")):
        found.append(Hostile("method", path, method, {"host": HOST}))
    return found


def _other_fields(video_id: str, filled: Any) -> Iterator[Hostile]:
    for text in ODD_TEXTS:
        value = quoted(filled(text))
        for name in ("at", "height"):
            yield Hostile("field", f"/still/{video_id}?{name}={value}")
        for name in ("from", "to"):
            yield Hostile("field", f"/attention/{video_id}?{name}={value}")
        for name in ("name", "page"):
            yield Hostile("field", f"/?{name}={value}")
            yield Hostile("field", f"/map/points?{name}={value}")
        yield Hostile("field", f"/video/{video_id}?t={value}")
        for name in ("video", "from", "to", "remove", "clear"):
            given = {"video": video_id, "from": "1", "to": "2"} | {name: filled(text)}
            body = "&".join(f"{key}={quoted(one)}" for key, one in given.items())
            yield Hostile("form", "/pins", "POST", dict(OURS), body.encode())
    for content in (b"\x00" * 10, b"\xff\xfe", b"a" * 300_000, b"&" * 1000, b"a=1&" * 1000, b"{}"):
        yield Hostile("form", "/pins", "POST", dict(OURS), content)
    playlist = b"#EXTM3U\n#EXTINF:1,\n" + filled("SECRET").encode() + b"\n#EXT-X-ENDLIST\n"
    for content in (b"", b"\x00" * 1000, b"no film", playlist, b"<svg onload=alert(1)>", b"RIFF"):
        yield Hostile("upload", "/upload", "POST", dict(OURS), content)
    for text in ODD_TEXTS:
        for path in (f"/upload/{quoted(filled(text))}/picture", f"/preview/{quoted(filled(text))}"):
            yield Hostile("path", path)
    for kind in ("csv", "edl", "otio", "zip", "exe", "", "csv/../zip", "html", "c%73v"):
        yield Hostile("path", f"/pins.{kind}")
    for origin in ("null", "http://evil.example", "http://127.0.0.1", "", f"http://{HOST}.evil"):
        yield Hostile("origin", "/pins", "POST", OURS | {"origin": origin}, b"clear=1")


def quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


def ask(app: Any, request: Hostile) -> Answer:
    """The answer of an ASGI application to a request as a server would pass it on."""
    path, _, query = request.target.partition("?")
    raw = path.encode("utf-8", "surrogatepass")
    headers = {"content-length": str(len(request.body))} if request.body else {}
    headers |= request.headers
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": raw,
        "root_path": "",
        "query_string": query.encode("utf-8", "surrogatepass"),
        "headers": [
            (name.encode("latin-1", "replace"), value.encode("utf-8", "surrogatepass"))
            for name, value in headers.items()
        ],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8340),
        "state": {},
    }
    return RUNNER.run(_answered(app, scope, request.body))


async def _answered(app: Any, scope: dict[str, Any], body: bytes) -> Answer:
    sent: list[dict[str, Any]] = []
    over = asyncio.Event()
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await over.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            over.set()

    await app(scope, receive, send)
    start = next(one for one in sent if one["type"] == "http.response.start")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    content = b"".join(one.get("body", b"") for one in sent if one["type"].endswith("body"))
    return Answer(start["status"], headers, content)
