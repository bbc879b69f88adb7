"""The page as an ASGI application: its parts, its addresses, and how problems look."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ExceptionHandler

from eruv.library.catalogue import Library
from eruv.library.page_folder import page_folder
from eruv.utils.console import warn
from eruv.utils.errors import EruvError
from eruv.utils.storage.errors import ObjectError, StorageError
from eruv.utils.storage.remote_path import place
from eruv.web.allowed import Allowed
from eruv.web.finder import Finder
from eruv.web.guard import Guard
from eruv.web.objects import MORE
from eruv.web.overview import Overview
from eruv.web.pages import attention, media, pins, runs, search, upload, video
from eruv.web.pages import library as library_page
from eruv.web.pages import map as map_page
from eruv.web.parts import Parts, templates, without_folders
from eruv.web.pins import Pins
from eruv.web.previews import Previews
from eruv.web.shelf import Shelf
from eruv.web.stills import Stills
from eruv.web.uploads import Uploads

PAGES = (library_page, video, search, pins, map_page, attention, runs, media, upload)
PREVIEW_BYTES = 4 << 30
STATIC = Path(__file__).parent / "static"

HEADINGS = {
    400: "Invalid address",
    404: "Not found",
    405: "Not possible here",
    413: "Too large",
    500: "Something went wrong",
    503: "Not possible right now",
}
NOT_GIVEN = (
    "This file cannot be read from object storage: it was deleted or replaced, or access was "
    f"denied. {MORE}"
)
NO_ANSWER = f"Object storage is not answering right now. {MORE}"


def application(
    library: Path | str,
    *,
    hosts: Collection[str],
    token: str | None = None,
    run: Path | str | None = None,
    device: str = "auto",
) -> Guard:
    """The page of a library.

    Args:
        library: folder made by `ingest`, or its address on object storage.
        hosts: values of the Host header that it answers, see `eruv.web.guard`.
        token: that requests must have; None for none.
        run: folder of the encoder to search with; None takes the one that embedded last.
        device: auto, cpu or cuda.

    Raises:
        EruvError: if there is no such library, or it has no vectors by that encoder.
    """
    parts = opened_parts(Library(place(library)), run, device)

    @asynccontextmanager
    async def lifespan(page: Starlette) -> AsyncIterator[None]:
        yield
        parts.close()

    routes = [route for page in PAGES for route in page.routes(parts)]
    page = Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=STATIC))],
        lifespan=lifespan,
        exception_handlers=problem_pages(parts),
    )
    # Around all of it, so that answers to internal errors are guarded as well.
    larger = {"/upload": parts.uploads.most_bytes}
    return Guard(page, hosts=hosts, token=token, larger=larger)


def opened_parts(library: Library, run: Path | str | None, device: str) -> Parts:
    """What the pages of a library are made of."""
    shelf, allowed, cache = Shelf(library), Allowed(library), page_folder(library.folder)
    finder = Finder(library, shelf, run, device)
    return Parts(
        library=library,
        shelf=shelf,
        finder=finder,
        pins=Pins(library.folder),
        templates=templates(),
        allowed=allowed,
        stills=Stills(library, allowed, cache / "stills"),
        previews=Previews(cache / "previews", PREVIEW_BYTES),
        uploads=Uploads(cache / "uploads"),
        overview=Overview(finder),
    )


def problem_pages(parts: Parts) -> dict[Any, ExceptionHandler]:
    """How each kind of error is answered: a page, or a line where no person looks at it."""

    def problem(request: Request, status: int, words: str) -> Response:
        if request.url.path.startswith(("/still/", "/media/", "/preview/", "/upload")):
            return PlainTextResponse(words + "\n", status)
        heading = HEADINGS.get(status, "That did not work")
        return parts.page(request, "problem.html.j2", status, heading=heading, words=words)

    def of_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        words = "There is no such page." if error.detail == "Not Found" else error.detail
        return problem(request, error.status_code, words)

    def of_eruv(request: Request, error: Exception) -> Response:
        return problem(request, 400, without_folders(str(error), parts.library.folder))

    def of_storage(request: Request, error: Exception) -> Response:
        warn(str(error))  # with addresses, which are for who runs the page
        one = isinstance(error, ObjectError)
        return problem(request, 404 if one else 503, NOT_GIVEN if one else NO_ANSWER)

    def of_any(request: Request, error: Exception) -> Response:
        return problem(request, 500, MORE)

    return {
        HTTPException: of_http,
        StorageError: of_storage,
        EruvError: of_eruv,
        Exception: of_any,
    }
