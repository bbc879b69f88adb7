"""What stands before the page: hosts, origins, the token, odd paths, sizes, and safe headers."""

import hashlib
import ipaddress
import re
import secrets
import socket
from collections.abc import Collection, Mapping
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode, urlsplit

import psutil
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
SAFE_METHODS = frozenset(("GET", "HEAD"))
METHODS = SAFE_METHODS | {"POST", "DELETE"}
LONGEST_PATH, LONGEST_QUERY = 1024, 8192  # bytes
SHORTEST_TOKEN = 16
FORM_BYTES = 256 << 10

# Separators and NUL that are hidden in escapes, and characters that no browser leaves bare.
_ODD = re.compile(rb"%00|%2f|%5c|[\x00-\x20\x7f-\xff\\]", re.IGNORECASE)
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9a-fA-F]{2})")
_HOST = re.compile(r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not no-referrer: with it forms would send `Origin: null`.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

# A cookie that other sites may not send along is sent by a page of ours that loads itself again.
_AGAIN = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0"><title>…</title>'
)
_NO_TOKEN = (
    "This page needs its token. "
    "Open the address that eruv serve printed, with ?token= at its end.\n"
)


def is_loopback(address: str) -> bool:
    """Whether only programs on this machine reach an address, given as people write it."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def hosts_of(address: str, port: int) -> frozenset[str]:
    """Values of the Host header of a page that listens on an address and port.

    Loopback names for a loopback address; for all addresses (0.0.0.0, ::) those of the machine and
    its name as well; else the address itself.
    """
    if is_loopback(address):
        names = {*LOOPBACK_NAMES, address}
    elif address in ("0.0.0.0", "::", ""):
        found = [one.address for many in psutil.net_if_addrs().values() for one in many]
        names = {*LOOPBACK_NAMES, socket.gethostname(), *filter(_is_address, found)}
    else:
        names = {address}
    return frozenset(_with_port(name.lower(), port) for name in names)


def _is_address(text: str) -> bool:
    try:
        return not ipaddress.ip_address(text).is_link_local
    except ValueError:
        return False  # of a network card, or with a zone


def _with_port(name: str, port: int) -> str:
    bare = f"[{name}]" if ":" in name and not name.startswith("[") else name
    return bare if port == 80 else f"{bare}:{port}"


def new_token() -> str:
    """A token that cannot be guessed."""
    return secrets.token_urlsafe(32)


class Guard:
    """Middleware that lets through what a browser on this page sends, and nothing else.

    - Host must be one of `hosts`: else a foreign site could give its own name this address.
    - Methods that change something need an Origin or Sec-Fetch-Site of this page. What other sites
      embed is refused too; links to the page are not.
    - With a token: a cookie, `Authorization: Bearer TOKEN`, or `?token=`, which sets the cookie.
    - Paths with NUL, backslashes, escaped separators, dot segments or broken escapes are answered
      400, longer ones 414, larger bodies 413.
    - Every answer has a policy without inline scripts and styles, and is no frame of other pages.

    Args:
        app: the page.
        hosts: allowed values of Host, with port unless it is 80; see `hosts_of`.
        token: needed where others than this machine's programs reach the page.
        body_bytes: most bytes of a body.
        larger: other limits of bytes, by the path.

    Raises:
        ValueError: for no host or a short token.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Collection[str],
        token: str | None = None,
        body_bytes: int = FORM_BYTES,
        larger: Mapping[str, int] | None = None,
    ) -> None:
        if not hosts:
            raise ValueError("a page answers at one host at least; got none")
        if token is not None and len(token) < SHORTEST_TOKEN:
            raise ValueError(
                f"a token has at least {SHORTEST_TOKEN} characters; got {len(token)}. "
                f"Leave it out, and one is made."
            )
        self.app, self.token = app, token
        self.hosts = frozenset(host.lower() for host in hosts)
        self.body_bytes, self.larger = body_bytes, dict(larger or {})
        digest = hashlib.sha256((token or "").encode()).hexdigest()
        # Cookies know no ports: pages beside each other need names of their own.
        self.cookie = f"eruv-{digest[:8]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on with a limited body."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": "none here"})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        send = _with_headers(send)
        answer = self._refused(scope) or self._without_token(scope)
        if answer is not None:
            await answer(scope, receive, send)
            return
        await self.app(scope, _limited(receive, self._most_bytes(scope)), send)

    def _most_bytes(self, scope: Scope) -> int:
        return self.larger.get(scope["path"], self.body_bytes)

    def _refused(self, scope: Scope) -> Response | None:
        """Why a request is answered before it is known who sent it; None if it is not."""
        headers, method = Headers(scope=scope), scope["method"]
        found = _odd_path(scope) or self._foreign_host(headers)
        if found is not None:
            return found
        if method not in METHODS:
            allow = {"allow": ", ".join(sorted(METHODS))}
            return PlainTextResponse(f"{method[:20]} is not answered here.\n", 405, allow)
        if _is_foreign(headers, method):
            return _refusal(403, "This was sent by another page than this one.")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return _refusal(400, "Content-Length is a number of bytes.")
        if len(length) > 18 or int(length) > self._most_bytes(scope):
            most = self._most_bytes(scope)
            return _refusal(413, f"This is too large; at most {most:,} bytes are taken.")
        return None

    def _foreign_host(self, headers: Headers) -> Response | None:
        values = headers.getlist("host")
        host = values[0].lower() if len(values) == 1 else ""
        if not _HOST.fullmatch(host):
            return _refusal(400, "A request names one host.")
        if host in self.hosts:
            return None
        answered = ", ".join(sorted(self.hosts))
        return _refusal(
            403, f"This page does not answer at {host}, but at {answered}. Open one of them."
        )

    def _without_token(self, scope: Scope) -> Response | None:
        """The answer to who has no token, or has it in the address; None for all others."""
        if self.token is None:
            return None
        query = _query(scope)
        given = [value for name, value in query if name == "token"]
        if any(map(self._is_token, given)) and scope["method"] in SAFE_METHODS:
            return self._with_cookie(scope, [one for one in query if one[0] != "token"])
        headers = Headers(scope=scope)
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._is_token(bearer.strip()):
            return None
        if any(map(self._is_token, _cookies(headers, self.cookie))):
            return None
        # The browser keeps the cookie back when a link leads here from elsewhere.
        if headers.get("sec-fetch-site") == "cross-site" and not given:
            return HTMLResponse(_AGAIN, 401)
        return PlainTextResponse(_NO_TOKEN, 401)

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(errors="replace"), (self.token or "").encode())

    def _with_cookie(self, scope: Scope, query: list[tuple[str, str]]) -> Response:
        """The same address without the token, so that it stands in no bookmark and no history."""
        path = scope.get("raw_path", scope["path"].encode()).split(b"?")[0].decode("ascii")
        where = path + (f"?{urlencode(query)}" if query else "")
        answer = Response(status_code=303, headers={"location": where, "cache-control": "no-store"})
        answer.set_cookie(
            self.cookie,
            self.token or "",
            httponly=True,
            samesite="strict",
            secure=scope.get("scheme") == "https",
        )
        return answer


def _refusal(status: int, sentence: str) -> Response:
    return PlainTextResponse(sentence + "\n", status)


def _odd_path(scope: Scope) -> Response | None:
    raw = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogateescape")
    raw, query = raw.split(b"?")[0], scope.get("query_string", b"")
    if len(raw) > LONGEST_PATH or len(query) > LONGEST_QUERY:
        return _refusal(414, "This address is too long.")
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
    return _refusal(400, "This page has no such address.") if odd else None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_foreign(headers: Headers, method: str) -> bool:
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


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)


def _cookies(headers: Headers, name: str) -> list[str]:
    found = []
    for line in headers.getlist("cookie"):
        for part in line.split(";"):
            key, _, value = part.strip().partition("=")
            if key == name:
                found.append(value)
    return found


def _limited(receive: Receive, most: int) -> Receive:
    """The body, up to as many bytes as are allowed, whatever its header says."""
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413, f"This is too large; at most {most:,} bytes are taken.")
        return message

    return limited


def _with_headers(send: Send) -> Send:
    """Safe headers for every answer, where it has none of these names."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "private, no-cache")
        await send(message)

    return guarded
