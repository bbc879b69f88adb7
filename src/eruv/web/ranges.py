"""Answers with a file or parts of it, by the rules for range requests (RFC 9110, section 14)."""

import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from eruv.utils.console import warn
from eruv.utils.storage.errors import StorageError
from eruv.utils.storage.remote_path import is_remote
from eruv.web.allowed import NotAllowed, open_plain

CHUNK = 256 << 10
# More parts than that, or parts that are mostly headers, are no player's: it gets the whole file.
MOST_PARTS = 16
LONGEST_RANGE = 1024  # characters of the header

_PART = re.compile(r"(?P<first>[0-9]*)-(?P<last>[0-9]*)", re.ASCII)

Span = tuple[int, int]


class Unsatisfiable(Exception):
    """Not one of the ranges lies in the file."""


def spans_of(header: str, size: int) -> list[Span] | None:
    """Parts [start, end) of a file that a Range header asks for, in its order.

    None where the header is to be ignored: another unit, not by the grammar, a range that ends
    before it starts, or so many parts that only the whole file makes sense. Parts that overlap or
    touch become one.

    Args:
        header: value of Range.
        size: of the file, in bytes.

    Raises:
        Unsatisfiable: if it is well-formed, but all lies beyond the end.
    """
    unit, equals, listed = header.partition("=")
    if not equals or unit.strip().lower() != "bytes" or len(header) > LONGEST_RANGE:
        return None
    parts = [part.strip(" \t") for part in listed.split(",")]
    spans = []
    count = 0
    for part in filter(None, parts):  # empty elements of a list are ignored (5.6.1)
        found = _PART.fullmatch(part)
        if found is None or part == "-":
            return None
        count += 1
        first, last = found["first"], found["last"]
        if not first:
            start, end = max(0, size - int(last)), size
        elif last and int(last) < int(first):
            return None
        else:
            start, end = int(first), min(size, int(last) + 1) if last else size
        if start < end:
            spans.append((start, end))
    if not count or count > MOST_PARTS:
        return None
    if not spans:
        raise Unsatisfiable
    return _joined(spans)


def _joined(spans: list[Span]) -> list[Span]:
    """The same bytes in spans that neither overlap nor touch; untouched ones keep their order."""
    joined: list[Span] = []
    for start, end in spans:
        near = [one for one in joined if one[0] <= end and start <= one[1]]
        whole = (min([start, *(a for a, _ in near)]), max([end, *(b for _, b in near)]))
        place = joined.index(near[0]) if near else len(joined)
        joined = [one for one in joined if one not in near]
        joined.insert(place, whole)
    return joined


@dataclass(frozen=True)
class _Part:
    """Bytes [start, end) of the file, after a few others."""

    before: bytes
    start: int
    end: int


class OpenFileResponse(StreamingResponse):
    """Answers with parts of a file that is open already; closes it, also when the client leaves."""

    def __init__(
        self, file: BinaryIO, parts: list[_Part], status_code: int, headers: dict[str, str]
    ) -> None:
        self.file, self.parts = file, parts
        self.broken: StorageError | None = None
        super().__init__(self._chunks(), status_code, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head, and for GET the bytes."""
        if scope["method"] == "HEAD":
            self.parts = []
        try:
            await super().__call__(scope, receive, send)
        except Exception:
            # Starlette takes an error of reading for a client that left.
            if self.broken is None:
                raise
            # The head is out already: the connection ends, and a player asks again.
            warn(f"an answer ended early: {self.broken}")
        finally:
            self.file.close()

    async def _chunks(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            if part.before:
                yield part.before
            at = part.start
            while at < part.end:
                count = min(CHUNK, part.end - at)
                try:
                    chunk = await run_in_threadpool(_read, self.file, at, count)
                except StorageError as error:
                    self.broken = error
                    raise
                at += len(chunk)
                yield chunk


def _read(file: BinaryIO, at: int, count: int) -> bytes:
    """Some bytes from a place on, at least one; they lie in the file."""
    file.seek(at)
    found = file.read(count)
    if not found:
        raise OSError("the file has become shorter while it was read")
    return found


def file_response(request: Request, path: Path, media_type: str) -> Response:
    """A file, or what a Range header asks of it.

    206 with one part or, for several, multipart/byteranges; 200 for a header that is to be ignored
    or an If-Range that does not hold; 304 for an If-None-Match that does; 416 beyond the end; 404
    if there is no such regular file. Starlette's own response answers 400 and 416 where a range is
    to be ignored or partly lies in the file, and opens by name what may have been exchanged.

    Args:
        request: GET or HEAD; for HEAD ranges are ignored, as they are defined for GET alone.
        path: absolute and resolved; no link is followed. Or of an object, with `known`, whose tag
            holds for all that is read.
        media_type: of the file.

    Raises:
        StorageError: if object storage refuses the first bytes.
    """
    try:
        file: BinaryIO = path.open("rb") if is_remote(path) else open_plain(path)
    except NotAllowed:
        return PlainTextResponse("This file is missing.\n", 404)
    status = path.stat() if is_remote(path) else os.fstat(file.fileno())
    size = status.st_size
    etag = _etag(status)
    headers = {
        "accept-ranges": "bytes",
        "etag": etag,
        "last-modified": formatdate(status.st_mtime, usegmt=True),
        "content-type": media_type,
        "content-length": str(size),
    }
    if _matches(request.headers.get("if-none-match"), etag):
        file.close()
        del headers["content-length"]
        return Response(status_code=304, headers=headers)
    header = request.headers.get("range")
    # A date is too coarse to prove that the bytes are the same: only the tag does.
    if header is None or request.method != "GET" or request.headers.get("if-range", etag) != etag:
        return _answer(request, file, [_Part(b"", 0, size)], 200, headers)
    try:
        spans = spans_of(header, size)
    except Unsatisfiable:
        file.close()
        headers = {"content-range": f"bytes */{size}", "accept-ranges": "bytes"}
        return PlainTextResponse("This file is shorter.\n", 416, headers)
    if spans is None:
        return _answer(request, file, [_Part(b"", 0, size)], 200, headers)
    if len(spans) == 1:
        start, end = spans[0]
        headers |= {
            "content-range": f"bytes {start}-{end - 1}/{size}",
            "content-length": str(end - start),
        }
        return _answer(request, file, [_Part(b"", start, end)], 206, headers)
    boundary = secrets.token_hex(16)
    parts = list(_multipart(spans, boundary, media_type, size))
    length = sum(len(part.before) + part.end - part.start for part in parts)
    headers["content-type"] = f"multipart/byteranges; boundary={boundary}"
    headers["content-length"] = str(length)
    return _answer(request, file, parts, 206, headers)


def _etag(status: os.stat_result) -> str:
    # Inode and time in nanoseconds: two states of a file have one size often, but never all three.
    state = f"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}"
    return f'"{hashlib.sha256(state.encode()).hexdigest()[:32]}"'


def _answer(
    request: Request, file: BinaryIO, parts: list[_Part], status: int, headers: dict[str, str]
) -> Response:
    """The answer, once its first byte was read: until then a refusal can be answered."""
    first = parts[0]
    if request.method == "GET" and first.start < first.end:
        try:
            _read(file, first.start, 1)
        except BaseException:
            file.close()
            raise
    return OpenFileResponse(file, parts, status, headers)


def _multipart(spans: list[Span], boundary: str, media_type: str, size: int) -> Iterator[_Part]:
    for number, (start, end) in enumerate(spans):
        between = "\r\n" if number else ""
        head = (
            f"{between}--{boundary}\r\n"
            f"Content-Type: {media_type}\r\n"
            f"Content-Range: bytes {start}-{end - 1}/{size}\r\n\r\n"
        )
        yield _Part(head.encode("latin-1"), start, end)
    yield _Part(f"\r\n--{boundary}--\r\n".encode(), 0, 0)


def _matches(header: str | None, etag: str) -> bool:
    """Whether one of the tags of If-None-Match is that of the file; weak ones count."""
    if header is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return header.strip() == "*" or etag in tags
