"""Other sites in a real browser: they neither read, embed, change nor rebind; links work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
import uvicorn
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from browser_for_tests import NEEDS_CHROMIUM, started_chromium
from eruv.web.guard import Guard, hosts_of

pytestmark = NEEDS_CHROMIUM
TOKEN = "a-token-that-is-long-enough"
SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='7' height='7'/>"


@contextmanager
def served(make: Any) -> Iterator[int]:
    """The port of a server in a thread; `make(port)` gives the application."""
    config = uvicorn.Config(PlainTextResponse("soon"), port=0, log_level="error")
    server = uvicorn.Server(config)
    listening = config.bind_socket()
    port = listening.getsockname()[1]
    config.app = make(port)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.05)
    yield port
    server.should_exit = True
    thread.join(10)


class Ours:
    """A page with a token, that notes what reaches it."""

    def __init__(self) -> None:
        self.reached: list[tuple[str, str]] = []

    def guarded(self, port: int) -> Guard:
        routes = [Route("/{rest:path}", self.answer, methods=["GET", "POST"])]
        return Guard(Starlette(routes=routes), hosts=hosts_of("127.0.0.1", port), token=TOKEN)

    def answer(self, request: Request) -> Response:
        if request.url.path != "/favicon.ico":  # browsers ask for it on their own
            self.reached.append((request.method, request.url.path))
        if request.url.path.endswith(".svg"):
            return Response(SVG, media_type="image/svg+xml")
        return HTMLResponse("<!doctype html><h1>Ours</h1><script>document.title = 'ran'</script>")


@pytest.fixture(scope="module")
def ours() -> Ours:
    return Ours()


@pytest.fixture(scope="module")
def port(ours: Ours) -> Iterator[int]:
    with served(ours.guarded) as port:
        yield port


@pytest.fixture(scope="module")
def evil() -> Iterator[int]:
    """Another site's server: any page that its address has in `page`."""

    def page(request: Request) -> Response:
        return HTMLResponse("<!doctype html>" + request.query_params["page"])

    with served(lambda _: Starlette(routes=[Route("/", page)])) as port:
        yield port


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with started_chromium("--host-resolver-rules=MAP evil.example 127.0.0.1") as browser:
        yield browser


@pytest.fixture
def tab(chromium: Browser, ours: Ours, port: int) -> Iterator[Page]:
    """A tab of someone who has opened our page with its token."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{port}/?token={TOKEN}")
    assert page.url == f"http://127.0.0.1:{port}/"
    assert page.inner_text("h1") == "Ours"
    ours.reached.clear()
    yield page
    context.close()


def visit(tab: Page, evil: int, content: str) -> None:
    tab.goto(f"http://evil.example:{evil}/?page={quote(content)}", wait_until="load")


def test_the_cookie_is_out_of_reach_and_inline_scripts_do_not_run(tab: Page) -> None:
    assert tab.evaluate("document.cookie") == ""
    assert tab.title() == ""
    (cookie,) = tab.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"


def test_without_the_token_there_is_nothing(chromium: Browser, ours: Ours, port: int) -> None:
    ours.reached.clear()
    page = chromium.new_page()
    answer = page.goto(f"http://127.0.0.1:{port}/videos")
    assert answer is not None
    assert answer.status == 401
    assert ours.reached == []
    page.close()


def test_a_link_on_another_site_leads_here(tab: Page, ours: Ours, evil: int, port: int) -> None:
    address = f"http://127.0.0.1:{port}/video/1?from=2"
    visit(tab, evil, f"<a href='{address}'>a moment</a>")
    tab.click("a")
    tab.wait_for_selector("h1")
    assert tab.url == address
    assert ours.reached == [("GET", "/video/1")]


def test_a_link_without_a_cookie_ends_after_one_more_try(
    chromium: Browser, ours: Ours, evil: int, port: int
) -> None:
    ours.reached.clear()
    page = chromium.new_context().new_page()
    tried: list[int] = []
    address = f"http://127.0.0.1:{port}/video/1"
    page.on("response", lambda one: tried.append(one.status) if one.url == address else None)
    visit(page, evil, f"<a href='{address}'>a moment</a>")
    page.click("a")
    page.wait_for_selector("text=needs its token")
    page.wait_for_timeout(300)
    assert tried == [401, 401]
    assert ours.reached == []
    page.context.close()


def test_another_site_sends_no_form(tab: Page, ours: Ours, evil: int, port: int) -> None:
    action = f"http://127.0.0.1:{port}/pins"
    visit(tab, evil, f"<form method=post action='{action}'><button name=clear value=1></form>")
    with tab.expect_response("**/pins") as answer:
        tab.click("button")
    assert answer.value.status == 403
    assert ours.reached == []


def test_another_site_embeds_nothing(tab: Page, ours: Ours, evil: int, port: int) -> None:
    here = f"http://127.0.0.1:{port}"
    visit(
        tab,
        evil,
        f"<img id=i src='{here}/a.svg'><video src='{here}/film'></video>"
        f"<iframe src='{here}/'></iframe><script src='{here}/s.js'></script>"
        f"<link rel=stylesheet href='{here}/s.css'><object data='{here}/o'></object>",
    )
    tab.wait_for_timeout(500)
    assert tab.evaluate("document.getElementById('i').naturalWidth") == 0
    for options in ("{}", "{mode: 'no-cors'}", "{credentials: 'include'}", "{method: 'POST'}"):
        text = tab.evaluate(
            f"fetch('{here}/data', {options}).then(a => a.text()).catch(() => 'refused')"
        )
        assert text in ("refused", "")
    assert ours.reached == []


def test_a_name_that_is_turned_to_this_machine_is_no_host(tab: Page, ours: Ours, port: int) -> None:
    answer = tab.goto(f"http://evil.example:{port}/?token={TOKEN}")
    assert answer is not None
    assert answer.status == 403
    for address in ("/data", f"/data?token={TOKEN}"):
        status = tab.evaluate(f"fetch('{address}').then(a => a.status)")
        assert status == 403
    assert ours.reached == []


def test_the_page_itself_may(tab: Page, ours: Ours) -> None:
    status = tab.evaluate("fetch('/pins', {method: 'POST', body: 'a=1'}).then(a => a.status)")
    assert status == 200
    width = tab.evaluate(
        "new Promise(over => { const i = new Image(); i.onload = () => over(i.naturalWidth);"
        " i.src = '/a.svg'; })"
    )
    assert width == 7
    assert ours.reached == [("POST", "/pins"), ("GET", "/a.svg")]
