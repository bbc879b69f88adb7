"""Malformed HTTP, byte by byte, to the real process: it answers 4xx or hangs up, and lives."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from films_for_tests import SmallLibrary


@dataclass
class Served:
    """A running `eruv serve`, with what it says."""

    process: "subprocess.Popen[str]"
    port: int
    said: list[str]
    token: str = ""

    def send(self, content: bytes, silent_s: float = 0.4) -> bytes:
        """All bytes that come back for some bytes, until the server hangs up or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=silent_s) as connection:
            received = b""
            try:
                connection.sendall(content)
                while block := connection.recv(65536):
                    received += block
            except (TimeoutError, ConnectionError):
                pass
            return received

    def get(self, path: str, *headers: str) -> bytes:
        """The answer to a request as it should be."""
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *headers]
        content = "\r\n".join([*lines, "Connection: close", "", ""])
        return self.send(content.encode(), silent_s=30)

    def works(self) -> bool:
        answer = self.get("/")
        return answer.startswith(b"HTTP/1.1 200") and b"film0.mp4" in answer


def start(library: Path, *more: str) -> Served:
    command = [sys.executable, "-m", "eruv", "serve", str(library), "--port", "0", *more]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    said: list[str] = []
    assert process.stderr is not None

    def listen() -> None:
        assert process.stderr is not None
        said.extend(process.stderr)

    for line in process.stderr:
        said.append(line)
        if found := re.search(r"http://[^:]+:(\d+)/(?:\?token=(\S+))?", line):
            threading.Thread(target=listen, daemon=True).start()
            return Served(process, int(found[1]), said, found[2] or "")
    raise AssertionError("".join(said))


def stop(served: Served) -> None:
    served.process.send_signal(signal.SIGINT)
    try:
        served.process.wait(20)
    finally:
        served.process.kill()
    assert served.process.wait() == 0
    assert "Traceback" not in "".join(served.said)


@pytest.fixture(scope="module")
def served(
    small_library: SmallLibrary, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    library = tmp_path_factory.mktemp("served") / "library"
    shutil.copytree(small_library.folder, library)
    running = start(library)
    yield running
    stop(running)


HOST = b"Host: 127.0.0.1:PORT\r\n"
OURS = HOST + b"Origin: http://127.0.0.1:PORT\r\n"
MALFORMED = {
    "nothing": b"",
    "no request line": b"\r\n\r\n\r\n",
    "noise": bytes(range(256)) * 4,
    "NUL": b"\x00" * 100,
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/9.9": b"GET / HTTP/9.9\r\n" + HOST + b"\r\n",
    "no version": b"GET / \r\n" + HOST + b"\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "no host in 1.0": b"GET / HTTP/1.0\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n",
    "the same host twice": b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n",
    "another host": b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "whole address of another host": b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n",
    "proxy": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
    "traversal": b"GET /static/../../../../../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n",
    "backslashes": b"GET /static/..\\..\\..\\etc\\passwd HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in the path": b"GET /static/\x00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "space in the path": b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n",
    "no slash": b"GET etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n",
    "bytes beyond ASCII": b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n",
    "UTF-8 in the path": "GET /é HTTP/1.1\r\n".encode() + HOST + b"\r\n",
    "broken escape": b"GET /%zz%2 HTTP/1.1\r\n" + HOST + b"\r\n",
    "long path": b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "long header": b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 200_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 20_000 + b"\r\n",
    "no colon": b"GET / HTTP/1.1\r\n" + HOST + b"nonsense\r\n\r\n",
    "no name": b"GET / HTTP/1.1\r\n" + HOST + b": value\r\n\r\n",
    "space before the colon": b"GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n",
    "folded": b"GET / HTTP/1.1\r\nHost:\r\n evil.example\r\n\r\n",
    "NUL in a header": b"GET / HTTP/1.1\r\n" + HOST + b"X: \x00\r\n\r\n",
    "bare LF": b"GET /nowhere HTTP/1.1\nHost: evil.example\n\n",
    "bare CR": b"GET / HTTP/1.1\rHost: evil.example\r\r",
    "odd method": b"G\x01T / HTTP/1.1\r\n" + HOST + b"\r\n",
    "TRACE": b"TRACE / HTTP/1.1\r\n" + HOST + b"X-Secret: 1\r\n\r\n",
    "OPTIONS *": b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    "negative length": b"POST /pins HTTP/1.1\r\n" + OURS + b"Content-Length: -1\r\n\r\n",
    "length in words": b"POST /pins HTTP/1.1\r\n" + OURS + b"Content-Length: ten\r\n\r\n",
    "huge length": b"POST /pins HTTP/1.1\r\n"
    + OURS
    + b"Content-Length: 99999999999999999999\r\n\r\n",
    "two lengths": b"POST /pins HTTP/1.1\r\n"
    + OURS
    + b"Content-Length: 7\r\nContent-Length: 8\r\n\r\nclear=1",
    "length and chunks": b"POST /pins HTTP/1.1\r\n"
    + OURS
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\n\r\n",
    "odd encoding": b"POST /pins HTTP/1.1\r\n" + OURS + b"Transfer-Encoding: gzip\r\n\r\nx",
    "broken chunks": b"POST /pins HTTP/1.1\r\n"
    + OURS
    + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "negative chunk": b"POST /pins HTTP/1.1\r\n"
    + OURS
    + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n",
    "huge chunk": b"POST /pins HTTP/1.1\r\n"
    + OURS
    + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFFFF\r\n",
    "too much in chunks": b"POST /pins HTTP/1.1\r\n"
    + OURS
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + (b"10000\r\n" + b"a" * 65_536 + b"\r\n") * 8
    + b"0\r\n\r\n",
    "short body": b"POST /pins HTTP/1.1\r\n" + OURS + b"Content-Length: 100\r\n\r\nclear=1",
    "foreign form": b"POST /pins HTTP/1.1\r\n"
    + HOST
    + b"Origin: http://evil.example\r\nContent-Length: 7\r\n\r\nclear=1",
    "form of nobody": b"POST /pins HTTP/1.1\r\n" + HOST + b"Content-Length: 7\r\n\r\nclear=1",
    "websocket": b"GET / HTTP/1.1\r\n"
    + HOST
    + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    "h2c": b"GET /nowhere HTTP/1.1\r\n"
    + HOST
    + b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAAA\r\n\r\n",
    "forwarded": b"GET / HTTP/1.1\r\nHost: evil.example\r\n"
    + b"X-Forwarded-Host: 127.0.0.1:PORT\r\nForwarded: host=127.0.0.1:PORT\r\n\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_requests_get_4xx_or_nothing(served: Served, name: str) -> None:
    content = MALFORMED[name].replace(b"PORT", str(served.port).encode())
    answer = served.send(content)
    first = answer.partition(b"\r\n")[0]
    statuses = [int(one) for one in re.findall(rb"HTTP/1\.1 (\d{3})", answer)]
    if name in ("websocket", "h2c", "HTTP/9.9"):  # taken as plain requests
        assert 101 not in statuses
        assert all(status < 500 for status in statuses)
    else:
        assert not first or re.match(rb"HTTP/1\.1 4\d\d ", first), first
        assert all(400 <= status < 500 for status in statuses), answer[:500]
    for words in (b"Traceback", b"root:x:", b"X-Secret", b"site-packages"):
        assert words not in answer
    assert served.process.poll() is None
    assert "Traceback" not in "".join(served.said), "".join(served.said)


def test_the_page_still_works(served: Served) -> None:
    assert served.works()


def test_those_who_dawdle_do_not_keep_others_out(served: Served) -> None:
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(60)]
    try:
        for number, connection in enumerate(slow):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: 127" if number % 2 else b"POST")
        started = time.monotonic()
        assert served.works()
        assert time.monotonic() - started < 5
    finally:
        for connection in slow:
            connection.close()


def test_players_that_leave_stop_the_reading(served: Served) -> None:
    page = served.get("/")
    found = re.search(rb"/video/([0-9a-f]{64})", page)
    assert found is not None
    request = b"GET /media/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % (found[1], served.port)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", served.port)) as connection:
            connection.sendall(request)
            connection.recv(100)
    assert served.works()
    assert "Traceback" not in "".join(served.said)


def test_it_says_who_it_is_to_nobody(served: Served) -> None:
    answer = served.get("/")
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"server:" not in head
    assert b"uvicorn" not in head


def test_only_this_machine_is_listened_to(served: Served) -> None:
    listening = [
        one
        for one in psutil.Process(served.process.pid).net_connections("inet")
        if one.status == "LISTEN"
    ]
    assert [one.laddr.ip for one in listening] == ["127.0.0.1"]


def test_another_address_needs_the_token(small_library: SmallLibrary, tmp_path: Path) -> None:
    shutil.copytree(small_library.folder, tmp_path / "library")
    running = start(tmp_path / "library", "--host", "0.0.0.0")
    try:
        assert len(running.token) >= 32
        answer = running.get("/")
        assert answer.startswith(b"HTTP/1.1 401")
        assert b"film0" not in answer
        answer = running.get(f"/?token={running.token}")
        assert answer.startswith(b"HTTP/1.1 303")
        found = re.search(rb"set-cookie: ([^;]+); HttpOnly; Path=/; SameSite=strict", answer)
        assert found is not None
        cookie = found[1].decode()
        answer = running.get("/", f"Cookie: {cookie}")
        assert answer.startswith(b"HTTP/1.1 200")
        # Neither a page nor a log repeats it.
        assert running.token.encode() not in answer
        assert sum(running.token in line for line in running.said) == 1
    finally:
        stop(running)
