"""What a request says of where it goes and comes from, read without trust."""

import re
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

SAFE_METHODS = frozenset(("GET", "HEAD"))
LONGEST_PATH, LONGEST_QUERY = 1024, 8192  # bytes

# Separators and NUL that are hidden in escapes, and characters that no browser leaves bare.
_ODD = re.compile(rb"%00|%2f|%5c|[\x00-\x20\x7f-\xff\\]", re.IGNORECASE)
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9a-fA-F]{2})")
_HOST = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")


def odd_address(scope: Scope) -> tuple[int, str] | None:
    """Status and sentence for an address that no browser sends from this page; None for others."""
    raw = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogateescape")
    raw, query = raw.split(b"?")[0], scope.get("query_string", b"")
    if len(raw) > LONGEST_PATH or len(query) > LONGEST_QUERY:
        return 414, "This address is too long."
    plain = unquote_to_bytes(raw)
    odd = (
        _ODD.search(raw)
        or _BROKEN_ESCAPE.search(raw)
        or not plain.startswith(b"/")
        or b"//" in plain  # //name/ would be another host in an answer that leads on
        or any(part in (b".", b"..") for part in plain.split(b"/"))
        or any(byte < 0x20 or byte == 0x7F for byte in plain)
        or not _is_utf8(plain)
        or b"%00" in query
        or any(byte < 0x21 for byte in query)
        or not _is_utf8(unquote_to_bytes(query))
    )
    return (400, "This page has no such address.") if odd else None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def host_of(headers: Headers) -> str | None:
    """The one host that a request names; None for none, several, or what is no name."""
    values = headers.getlist("host")
    host = values[0].lower() if len(values) == 1 else ""
    return host if _HOST.fullmatch(host) else None


def is_foreign(headers: Headers, method: str) -> bool:
    """Whether another page than this one makes a browser send this."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    # What is typed, bookmarked or reloaded has the site "none".
    is_ours = site in ("same-origin", "none")
    if origin is not None and not _is_origin(origin, headers["host"]):
        return True
    if method in SAFE_METHODS:
        is_link = (
            headers.get("sec-fetch-mode") == "navigate"
            and headers.get("sec-fetch-dest") == "document"
        )
        return site is not None and not is_ours and not is_link
    return site != "same-origin" if site is not None else origin is None


def _is_origin(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    # Of a proxy with a certificate only the browser knows the scheme.
    return origin.lower() == f"{parts.scheme}://{host.lower()}" and parts.scheme in (
        "http",
        "https",
    )


def query_of(scope: Scope) -> list[tuple[str, str]]:
    """Names and values of the query, in order."""
    return parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)


def cookies(headers: Headers, name: str) -> list[str]:
    """Values of the cookies of a name."""
    found = []
    for line in headers.getlist("cookie"):
        for part in line.split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                found.append(value)
    return found
