"""A stand-in for Google's object storage on loopback: its XML interface, in memory.

Objects have generations, by which writes are made on a condition; nobody is asked who they are.
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


@dataclass
class Objects:
    """Content and generation of each object, by bucket and key."""

    found: dict[tuple[str, str], tuple[bytes, int]] = field(default_factory=dict)
    buckets: set[str] = field(default_factory=set)
    lock: Any = field(default_factory=threading.RLock)
    generation: int = 0


@contextmanager
def gcs_server() -> Iterator[tuple[str, Objects]]:
    """A server in threads of this process: its address, and what it holds."""
    server = _Server(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.objects
    finally:
        server.shutdown()
        server.server_close()


def environment(address: str) -> dict[str, str]:
    """The environment of a command that uses a server."""
    account = {"client_email": "", "private_key": "", "private_key_id": ""}
    account |= {"gcs_base_url": address, "disable_oauth": True}  # type: ignore[dict-item]
    return {"GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(account)}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *words: Any) -> None:
        super().__init__(*words)
        self.objects = Objects()


def _tag(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *words: Any) -> None:
        pass

    def _act(self) -> None:
        objects = self.server.objects
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlsplit(self.path)
        bucket, _, key = unquote(url.path).lstrip("/").partition("/")
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        with objects.lock:
            if bucket not in objects.buckets:
                return self._error(404, "NoSuchBucket")
            if "list-type" in query:
                return self._list(bucket, query)
            there = objects.found.get((bucket, key))
            if self.command == "PUT":
                return self._put(bucket, key, body, there)
            if there is None:
                return self._error(404, "NoSuchKey")
            if self.command == "DELETE":
                del objects.found[bucket, key]
                return self._send(204)
        return self._get(*there)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = _act

    def _put(self, bucket: str, key: str, body: bytes, there: tuple[bytes, int] | None) -> None:
        wanted = self.headers.get("x-goog-if-generation-match")
        if wanted is not None and int(wanted) != (there[1] if there else 0):
            return self._error(412, "PreconditionFailed")
        objects = self.server.objects
        objects.generation += 1
        objects.found[bucket, key] = (body, objects.generation)
        return self._send(200, b"", **_named(body, objects.generation))

    def _get(self, content: bytes, generation: int) -> None:
        match = self.headers.get("If-Match")
        if match is not None and match.strip('"') != _tag(content).strip('"'):
            return self._error(412, "PreconditionFailed")
        named, part = _named(content, generation), content
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if asked is None:
            return self._send(200, part, **named)
        start = int(asked[1]) if asked[1] else max(0, len(content) - int(asked[2]))
        end = int(asked[2]) + 1 if asked[1] and asked[2] else len(content)
        part = content[start:end]
        named["Content-Range"] = f"bytes {start}-{start + len(part) - 1}/{len(content)}"
        return self._send(206, part, **named)

    def _list(self, bucket: str, query: dict[str, str]) -> None:
        prefix, lines, folders = query.get("prefix", ""), [], set()
        for (home, key), (content, _) in sorted(self.server.objects.found.items()):
            if home != bucket or not key.startswith(prefix):
                continue
            inner, slash, _ = key[len(prefix) :].partition("/")
            if slash and "delimiter" in query:
                folders.add(prefix + inner + "/")
                continue
            lines.append(
                f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size>"
                f"<LastModified>2026-01-01T00:00:00.000Z</LastModified>"
                f"<ETag>{escape(_tag(content))}</ETag></Contents>"
            )
        lines += [
            f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>"
            for one in sorted(folders)
        ]
        text = f"<ListBucketResult>{''.join(lines)}</ListBucketResult>"
        self._send(200, text.encode(), **{"Content-Type": "application/xml"})

    def _error(self, status: int, code: str) -> None:
        text = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
        self._send(status, text.encode())

    def _send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(body)


def _named(content: bytes, generation: int) -> dict[str, str]:
    return {
        "ETag": _tag(content),
        "Last-Modified": formatdate(usegmt=True),
        "x-goog-generation": str(generation),
    }
