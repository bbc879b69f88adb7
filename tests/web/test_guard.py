"""Who may ask what: hosts, origins, the token, odd paths, sizes, and headers of every answer.

Covers also: origins.
"""

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from eruv.web.guard import (
    FORM_BYTES,
    HEADERS,
    Guard,
    hosts_of,
    is_loopback,
    new_token,
)
from eruv.web.origins import LONGEST_PATH, LONGEST_QUERY

HOSTS = hosts_of("127.0.0.1", 8000)
HOME = "http://localhost:8000"
TOKEN = "a-token-that-is-long-enough"
OURS = {"origin": HOME, "sec-fetch-site": "same-origin"}


async def _echo(request: Request) -> Response:
    body = await request.body()
    path, query = request.url.path, str(request.query_params)
    return JSONResponse({"path": path, "query": query, "bytes": len(body)})


NOTHING = PlainTextResponse("ours")


def guarded(**options) -> TestClient:
    methods = ["GET", "POST", "DELETE"]
    app = Starlette(routes=[Route("/{rest:path}", _echo, methods=methods)])
    return TestClient(
        Guard(app, **{"hosts": HOSTS, **options}), base_url=HOME, follow_redirects=False
    )


@pytest.mark.parametrize(
    "host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST:8000"]
)
def test_own_names_are_answered(host: str) -> None:
    assert guarded().get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost",
        "localhost:80",
        "localhost:80000",
        "localhost:8001",
        "localhost.evil.example:8000",
        "127.0.0.1.evil.example:8000",
        "localhost:8000.evil.example",
        "127.0.0.2:8000",
        "127.1:8000",
        "2130706433:8000",
        "0.0.0.0:8000",
        "[::]:8000",
        "::1:8000",
        "localhost:8000@evil.example",
        "evil.example#localhost:8000",
        "localhost:8000, evil.example",
        "localhost:8000/",
        "localhost :8000",
        "user@localhost:8000",
        "",
        "*",
        "\u0130localhost:8000".encode().decode("latin-1"),
    ],
)
def test_other_hosts_are_not(host: str) -> None:
    answer = guarded().get("/", headers={"host": host.encode("latin-1")})
    assert answer.status_code in (400, 403)
    assert "<" not in answer.text


def test_two_hosts_or_none_are_no_host() -> None:
    for hosts in ([], [b"localhost:8000", b"localhost:8000"], [b"localhost:8000", b"evil"]):
        assert raw([(b"host", one) for one in hosts]) == 400


def raw(headers: list[tuple[bytes, bytes]], **scope) -> int:
    """Status of the answer to a request as servers pass it on."""
    app = Guard(NOTHING, hosts=HOSTS)
    statuses = []

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        statuses.append(message.get("status"))

    plain = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers}
    asyncio.run(app(plain | scope, receive, send))
    return statuses[0]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (OURS, 200),
        ({"origin": HOME}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"origin": "HTTP://LOCALHOST:8000"}, 200),
        ({"origin": "https://localhost:8000"}, 200),  # a proxy with a certificate before it
        ({}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://localhost:8001"}, 403),
        ({"origin": "http://localhost"}, 403),
        ({"origin": "http://127.0.0.1:8000"}, 403),  # another origin than that of the request
        ({"origin": "http://localhost:8000.evil.example"}, 403),
        ({"origin": "http://localhost:8000/"}, 403),
        ({"origin": "file://localhost:8000"}, 403),
        ({"origin": "http://[broken"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, 403),
        ({"origin": HOME, "sec-fetch-site": "cross-site"}, 403),
        ({"origin": "http://evil.example", "sec-fetch-site": "same-origin"}, 403),
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_only_this_page_changes_something(method: str, headers: dict, status: int) -> None:
    assert guarded().request(method, "/pins", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("site", "mode", "dest", "status"),
    [
        ("none", "navigate", "document", 200),
        ("same-origin", "no-cors", "video", 200),
        ("cross-site", "navigate", "document", 200),  # a link in a letter
        ("cross-site", "navigate", "iframe", 403),
        ("cross-site", "no-cors", "image", 403),
        ("cross-site", "no-cors", "video", 403),
        ("same-site", "cors", "empty", 403),
    ],
)
def test_other_pages_may_link_but_not_embed(site: str, mode: str, dest: str, status: int) -> None:
    headers = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest}
    assert guarded().get("/", headers=headers).status_code == status


@pytest.mark.parametrize(
    "method", ["OPTIONS", "TRACE", "CONNECT", "PUT", "PATCH", "PROPFIND", "get", "X" * 100]
)
def test_other_methods_are_refused(method: str) -> None:
    headers = [(b"host", b"localhost:8000"), (b"origin", HOME.encode())]
    assert raw(headers, method=method) == 405


def test_a_token_in_the_address_becomes_a_cookie() -> None:
    client = guarded(token=TOKEN)
    assert client.get("/videos").status_code == 401
    answer = client.get(f"/videos?a=1&token={TOKEN}&b=%20x")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/videos?a=1&b=+x"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie
    assert client.get("/videos").status_code == 200
    assert client.post("/pins", headers=OURS).status_code == 200
    assert client.post("/pins", headers={"origin": "http://evil.example"}).status_code == 403


def test_the_cookie_is_secure_behind_a_certificate() -> None:
    client = TestClient(Guard(NOTHING, hosts=HOSTS, token=TOKEN), base_url=HOME)
    secure = client.get(f"https://localhost:8000/?token={TOKEN}", follow_redirects=False)
    assert "Secure" in secure.headers["set-cookie"]


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "eruv-00000000=x"},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": "Bearer"},
        {"authorization": f"Bearer {TOKEN}x"},
        {"cookie": f"token={TOKEN}"},
    ],
)
def test_a_wrong_token_is_none(headers: dict) -> None:
    assert guarded(token=TOKEN).get("/", headers=headers).status_code == 401
    for wrong in ("", "x", TOKEN[:-1], TOKEN + "x", "%00", TOKEN.upper()):
        assert guarded(token=TOKEN).get(f"/?token={wrong}").status_code in (400, 401)


def test_a_script_may_send_the_token_itself() -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert guarded(token=TOKEN).get("/", headers=headers).status_code == 200


def test_the_token_is_no_way_to_another_host() -> None:
    client = guarded(token=TOKEN)
    for path in (f"//evil.example/?token={TOKEN}", f"/%0d%0aX:y?token={TOKEN}"):
        answer = client.get(HOME + path)
        assert answer.status_code == 400
        assert "location" not in answer.headers
    assert client.get("/", headers={"host": "evil.example"}).status_code == 403


def test_a_link_from_elsewhere_loads_itself_again_with_the_cookie() -> None:
    headers = {
        "sec-fetch-site": "cross-site",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
    }
    answer = guarded(token=TOKEN).get("/videos", headers=headers)
    assert answer.status_code == 401
    assert 'http-equiv="refresh"' in answer.text


def test_cookies_of_pages_beside_each_other_have_different_names() -> None:
    names = {Guard(NOTHING, hosts=HOSTS, token=new_token()).cookie for _ in range(8)}
    assert len(names) == 8


def test_a_short_token_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 characters; got 5"):
        Guard(NOTHING, hosts=HOSTS, token="short")
    with pytest.raises(ValueError, match="one host"):
        Guard(NOTHING, hosts=())


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/a%00b",
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/a/%2E%2E/b",
        "/a/./b",
        "/%5c..%5cetc",
        "/a\\b",
        "//etc/passwd",
        "/a//b",
        "/a%",
        "/a%zz",
        "/%c0%ae%c0%ae/",
        "/%ff",
        "/%0d%0aSet-Cookie:x",
        "/%7f",
        "/%1b[2J",
        "/a b",
        "/a?x=%00",
        "/a?x=%ff",
        "",
        "*",
        "a",
        "http://evil.example/",
    ],
)
def test_odd_paths_are_400(path: str) -> None:
    raw_path, _, query = path.partition("?")
    scope = {"raw_path": raw_path.encode(), "path": raw_path, "query_string": query.encode()}
    assert raw([(b"host", b"localhost:8000")], **scope) == 400


def test_long_addresses_are_414() -> None:
    client = guarded()
    assert client.get("/" + "a" * (LONGEST_PATH - 1)).status_code == 200
    assert client.get("/" + "a" * LONGEST_PATH).status_code == 414
    assert client.get("/?" + "a" * LONGEST_QUERY).status_code == 200
    assert client.get("/?" + "a" * (LONGEST_QUERY + 1)).status_code == 414


def test_names_of_people_are_no_odd_paths() -> None:
    for path in ("/caf%C3%A9", "/a%20b", "/100%25", "/a..b", "/.hidden", "/%E2%80%A8"):
        assert guarded().get(path).status_code == 200


def test_bodies_are_limited_whatever_their_header_says() -> None:
    client = guarded(larger={"/uploads": 2 * FORM_BYTES})

    def pieces(count: int):
        for _ in range(count):
            yield b"x" * 1024

    fits, too_many = FORM_BYTES // 1024, FORM_BYTES // 1024 + 1
    assert client.post("/pins", headers=OURS, content=pieces(fits)).json()["bytes"] == FORM_BYTES
    assert client.post("/pins", headers=OURS, content=pieces(too_many)).status_code == 413
    assert client.post("/pins", headers=OURS, content=b"x" * (FORM_BYTES + 1)).status_code == 413
    assert client.post("/uploads", headers=OURS, content=pieces(too_many)).status_code == 200
    assert client.post("/uploads", headers=OURS, content=pieces(3 * fits)).status_code == 413


@pytest.mark.parametrize(
    ("length", "status"),
    [("-1", 400), ("1e3", 400), ("+5", 400), ("", 400), ("\u00b2", 400), ("9" * 30, 413)],
)
def test_lengths_that_are_no_numbers(length: str, status: int) -> None:
    headers = [(b"host", b"localhost:8000"), (b"origin", HOME.encode())]
    headers.append((b"content-length", length.encode("latin-1")))
    assert raw(headers, method="POST") == status


def test_every_answer_has_safe_headers() -> None:
    client = guarded()
    answers = [client.get("/"), client.get("/", headers={"host": "evil"}), client.put("/")]
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert "server" not in answer.headers
    policy = answers[0].headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_page_is_no_socket() -> None:
    with pytest.raises(WebSocketDisconnect), guarded().websocket_connect("/"):
        pass


def test_hosts_of_addresses() -> None:
    assert hosts_of("127.0.0.1", 80) == {"127.0.0.1", "localhost", "[::1]"}
    assert hosts_of("192.0.2.7", 8000) == {"192.0.2.7:8000"}
    assert hosts_of("2001:db8::7", 8000) == {"[2001:db8::7]:8000"}
    assert {"localhost:1", "127.0.0.1:1", "[::1]:1", "0.0.0.0:1"} <= hosts_of("0.0.0.0", 1)
    assert "[::]:1" in hosts_of("::", 1)
    assert is_loopback("127.0.0.53")
    assert is_loopback("localhost")
    assert is_loopback("[::1]")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("localhost.evil.example")
