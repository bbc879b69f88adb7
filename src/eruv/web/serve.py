"""`eruv serve`: the search page of a library, until Ctrl-C."""

import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from eruv.library.page_folder import page_folder
from eruv.utils.console import say
from eruv.utils.errors import EruvError
from eruv.utils.results import Result
from eruv.utils.storage.remote_path import is_remote, place

try:
    import uvicorn

    from eruv.web.app import application
    from eruv.web.guard import SHORTEST_TOKEN, hosts_of, is_loopback, new_token
    from eruv.web.pins import FILE as PINS
except ModuleNotFoundError as error:
    if error.name not in ("starlette", "uvicorn"):
        raise
    raise EruvError(
        "the page needs Starlette and uvicorn, which are not installed: pip install 'eruv[web]'"
    ) from error

PORT = 8340
# Films that browsers still load do not hold up the end.
LAST_ANSWERS_S = 1


@dataclass(frozen=True)
class ServeResult(Result):
    """A page that was shown.

    Attributes:
        library: folder.
        address: of the page, without its token.
        seconds: for which it was there.
    """

    library: str
    address: str
    seconds: float


def serve(
    library: Path | str,
    *,
    run: Path | str | None = None,
    host: str = "127.0.0.1",
    port: int = PORT,
    token: str | None = None,
    name: str | None = None,
    device: str = "auto",
) -> ServeResult:
    """Show the page of a library: browse, play, search, pin. Ctrl-C ends it.

    By default only programs of this machine reach it. With another `host` others do as well, and
    need the token that is printed with the address.

    Args:
        library: folder made by `ingest`, or its address on object storage; with vectors by `embed`
            it can be searched.
        run: folder of the encoder to search with; None takes the one that embedded last.
        host: address to listen at: 127.0.0.1, or 0.0.0.0 for all of this machine.
        port: to listen at; 0 takes a free one.
        token: that others need; None makes one where `host` is not of this machine alone, or
            `name` is given.
        name: under which others reach the page as well, such as that of a proxy with a
            certificate: films.example.org, with its port unless that is usual.
        device: auto, cpu or cuda, for queries that the library does not have.

    Raises:
        EruvError: if there is no such library or encoder, or the port is taken.
    """
    started = time.monotonic()
    if token is not None and len(token) < SHORTEST_TOKEN:
        raise EruvError(
            f"`token` must have at least {SHORTEST_TOKEN} characters; got {len(token)}. "
            f"Leave it out to have one made."
        )
    names = {name.lower()} if name else set()
    if token is None and (names or not is_loopback(host)):
        token = new_token()
    listening = _listen(host, port)
    port = listening.getsockname()[1]
    with listening:
        hosts = hosts_of(host, port) | names
        page = application(library, hosts=hosts, token=token, run=run, device=device)
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        readers = "only programs on this machine" if is_loopback(host) else "anyone with this link"
        link = f"{address}{f'?token={token}' if token else ''}"
        say(f"{link}  ({readers} can open it; Ctrl-C stops it)")
        home = place(library)
        if is_remote(home):
            say(f"pins are kept in {home / PINS}, pictures and previews in {page_folder(home)}")
        settings = uvicorn.Config(
            page,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=LAST_ANSWERS_S,
        )
        with suppress(KeyboardInterrupt):
            uvicorn.Server(settings).run(sockets=[listening])
    return ServeResult(str(library), address, time.monotonic() - started)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family)
        # asyncio does so for sockets of its own making alone: each answer would wait 40 ms.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        raise EruvError(
            f"cannot listen on {host}, port {port}: {error.strerror}. Choose another `port` "
            f"(0 takes a free one), or another `host`."
        ) from error
    except OverflowError as error:
        raise EruvError(f"`port` must be a number from 0 to 65535; got {port}.") from error
