"""What stands before the page: hosts, origins, the token, odd paths, sizes, and safe headers."""

import hashlib
import ipaddress
import secrets
import socket
from collections.abc import Collection, Mapping
from contextlib import suppress
from urllib.parse import urlencode

import psutil
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eruv.web.origins import SAFE_METHODS, cookies, host_of, is_foreign, odd_address, query_of

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
METHODS = SAFE_METHODS | {"POST", "DELETE"}
SHORTEST_TOKEN = 16
MOST_HEADERS = 100
FORM_BYTES = 256 << 10

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

# A cookie that other sites may not send along is sent by a page of this server that reloads itself.
_AGAIN = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0"><title>…</title>'
)
_NO_TOKEN = (
    "This page needs its token. "
    "Open the address that eruv serve printed, which ends with ?token=.\n"
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
    elif address in ("0.0.0.0", "::"):
        found = [one.address for many in psutil.net_if_addrs().values() for one in many]
        own = socket.gethostname()
        names = {*LOOPBACK_NAMES, address, own, f"{own}.local", *filter(_is_address, found)}
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
            raise ValueError("a page needs at least one host; got none")
        if token is not None and len(token) < SHORTEST_TOKEN:
            raise ValueError(
                f"a token must have at least {SHORTEST_TOKEN} characters; got {len(token)}. "
                f"Leave it out to have one made."
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
        with suppress(ClientDisconnect):  # who has left needs no answer
            await self.app(scope, _limited(receive, self._most_bytes(scope)), send)

    def _most_bytes(self, scope: Scope) -> int:
        return self.larger.get(scope["path"], self.body_bytes)

    def _refused(self, scope: Scope) -> Response | None:
        """Why a request is answered before it is known who sent it; None if it is not."""
        headers, method = Headers(scope=scope), scope["method"]
        if len(headers) > MOST_HEADERS:
            return _refusal(431, "This has more headers than any browser sends.")
        odd = odd_address(scope)
        found = _refusal(*odd) if odd else self._foreign_host(headers)
        if found is not None:
            return found
        if method not in METHODS:
            allow = {"allow": ", ".join(sorted(METHODS))}
            return PlainTextResponse(f"{method[:20]} is not allowed here.\n", 405, allow)
        if is_foreign(headers, method):
            return _refusal(403, "This request came from another page.")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return _refusal(400, "Content-Length must be a number of bytes.")
        if len(length) > 18 or int(length) > self._most_bytes(scope):
            most = self._most_bytes(scope)
            return _refusal(413, f"This is too large; the limit is {most:,} bytes.")
        return None

    def _foreign_host(self, headers: Headers) -> Response | None:
        host = host_of(headers)
        if host is None:
            return _refusal(400, "A request must name one host.")
        if host in self.hosts:
            return None
        answered = ", ".join(sorted(self.hosts))
        return _refusal(403, f"This page is not served at {host}. Open {answered} instead.")

    def _without_token(self, scope: Scope) -> Response | None:
        """The answer to who has no token, or has it in the address; None for all others."""
        if self.token is None:
            return None
        query = query_of(scope)
        given = [value for name, value in query if name == "token"]
        if any(map(self._is_token, given)) and scope["method"] in SAFE_METHODS:
            return self._with_cookie(scope, [one for one in query if one[0] != "token"])
        headers = Headers(scope=scope)
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._is_token(bearer.strip()):
            return None
        if any(map(self._is_token, cookies(headers, self.cookie))):
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


def _limited(receive: Receive, most: int) -> Receive:
    """The body, up to as many bytes as are allowed, whatever its header says."""
    received = 0

    async def limited() -> Message:
        nonlocal received
        message = await receive()
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            if received > most:
                raise HTTPException(413, f"This is too large; the limit is {most:,} bytes.")
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
