"""Object storage on loopback: a real S3 server, and a proxy before it that makes requests fail.

`storage` gives a `Storage`; a fixture of that name is in `conftest.py`. What fails is drawn from a
seed, so that a run can be repeated.
"""

import http.client
import itertools
import os
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

KINDS = ("429", "500", "503", "refused", "cut", "lost", "late", "slow")
CODES = {"429": "TooManyRequests", "500": "InternalError", "503": "SlowDown"}
_OF_ONE_HOP = {"connection", "transfer-encoding", "keep-alive", "date", "server"}
_numbers = itertools.count()


@dataclass
class Faults:
    """Which requests fail, and how.

    Attributes:
        share: of all requests.
        kinds: one of them is drawn for each that fails: an answer with this status (and code, as
            "403 AccessDenied"); `refused`,
            closed before the server heard of it; `cut`, in the middle of the answer; `lost`, done
            by the server without an answer; `late`, done by the server with an answer of 500;
            `slow`, in small pieces.
        only: whether a request (method, path) may fail at all.
        seen: requests by kind of failure, "" for none.
        requests: method and path of each.
        sent_bytes: of answers of the server.
    """

    share: float = 0.0
    kinds: tuple[str, ...] = KINDS
    seed: int = 0
    only: Callable[[str, str], bool] = lambda method, path: True
    seen: Counter[str] = field(default_factory=Counter)
    requests: list[tuple[str, str]] = field(default_factory=list)
    sent_bytes: int = 0

    def __post_init__(self) -> None:
        self.random, self.lock = random.Random(self.seed), threading.Lock()

    def draw(self, method: str, path: str) -> str:
        with self.lock:
            fails = self.random.random() < self.share and self.only(method, path)
            kind = self.random.choice(self.kinds) if fails else ""
            self.seen[kind] += 1
            self.requests.append((method, path))
            return kind


@dataclass
class Storage:
    """A server with its proxy.

    Attributes:
        address: of the proxy, which commands use.
        server: of the server itself.
        faults: what the proxy does; may be set.
    """

    address: str
    server: str
    faults: Faults

    def environment(self) -> dict[str, str]:
        return environment(self.address)

    def client(self) -> Any:
        """boto3's own client, past the proxy."""
        import boto3

        names = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        return boto3.client("s3", endpoint_url=self.server, region_name="us-east-1", **names)

    def bucket(self, name: str, files: dict[str, Path] | None = None) -> str:
        """Make a bucket of this name and a number, with files in it; its address."""
        client, name = self.client(), f"{name}{next(_numbers)}"
        client.create_bucket(Bucket=name)
        for key, path in (files or {}).items():
            client.put_object(Bucket=name, Key=key, Body=path.read_bytes())
        return f"s3://{name}"

    def keys(self, address: str) -> dict[str, int]:
        """Sizes of the objects of a bucket."""
        bucket = address.removeprefix("s3://")
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {one["Key"]: one["Size"] for page in pages for one in page.get("Contents", [])}


def environment(address: str) -> dict[str, str]:
    """The environment of a command that uses a server."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def s3_server() -> Iterator[str]:
    """A process of moto's S3 server; its address."""
    port = free_port()
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/moto-api/", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.kill()
        process.wait()


@contextmanager
def failing_proxy(server: str, faults: Faults) -> Iterator[Storage]:
    """A proxy before a server."""
    proxy = _Proxy(("127.0.0.1", 0), _Handler)
    storage = Storage(f"http://127.0.0.1:{proxy.server_port}", server, faults)
    proxy.storage = storage
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield storage
    finally:
        proxy.shutdown()
        proxy.server_close()


@contextmanager
def set_environment(values: dict[str, str], cache: Path) -> Iterator[None]:
    """Within its block this process uses a server, with a cache of its own."""
    before = dict(os.environ)
    os.environ.update(values, ERUV_CACHE=str(cache))
    forget_connections()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        forget_connections()


def forget_connections() -> None:
    """What this process knows of servers and copies."""
    from eruv.utils.storage import connection, local_copy, ranges

    connection._store.cache_clear()
    local_copy._objects.cache_clear()
    local_copy._compared.clear()
    ranges._latest.clear()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    storage: Storage

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that went away are no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Proxy

    def log_message(self, *words: Any) -> None:
        pass

    def _answer(self) -> None:
        storage, body = self.server.storage, self._body()
        kind = storage.faults.draw(self.command, self.path)
        if kind[:3].isdigit():
            status, _, code = kind.partition(" ")
            self._refuse(int(status), code or CODES[status])
        elif kind == "refused":
            self.close_connection = True
        else:
            self._forward(storage.server, body, kind)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _answer

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _refuse(self, status: int, code: str) -> None:
        text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>"
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    def _forward(self, server: str, body: bytes, kind: str) -> None:
        kept = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in _OF_ONE_HOP | {"expect", "content-length"}
        }
        connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)
        if body or self.command in ("PUT", "POST"):
            kept["Content-Length"] = str(len(body))
        connection.request(self.command, self.path, body, kept)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        with self.server.storage.faults.lock:
            self.server.storage.faults.sent_bytes += len(content)
        if kind == "lost":
            self.close_connection = True
            return
        if kind == "late":
            self._refuse(500, "InternalError")
            return
        self.send_response_only(answer.status, answer.reason)
        named = {name.lower() for name, _ in answer.getheaders()}
        for name, value in answer.getheaders():
            if name.lower() not in _OF_ONE_HOP:
                self.send_header(name, value)
        if "content-length" not in named:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if kind == "cut":
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
        elif kind == "slow":
            for start in range(0, len(content), max(1, len(content) // 20)):
                self.wfile.write(content[start : start + max(1, len(content) // 20)])
                time.sleep(0.02)
        else:
            self.wfile.write(content)
