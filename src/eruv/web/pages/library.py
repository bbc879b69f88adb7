"""The first page: the videos of the library with their shots, some at a time."""

import fcntl
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eruv.utils.storage.lease import is_leased
from eruv.utils.storage.remote_path import is_remote
from eruv.web.parts import Parts, address, number_parameter
from eruv.web.timebars import key_shots, timebar

VIDEOS_A_PAGE = 20
PICTURES = 8
LONGEST_WORDS = 200


def routes(parts: Parts) -> list[Route]:
    """`/`, with `name` and `page`, and `/progress`."""

    def library(request: Request) -> Response:
        words = request.query_params.get("name", "")[:LONGEST_WORDS]
        found = parts.shelf.found(words)
        pages = max(1, -(-len(found) // VIDEOS_A_PAGE))
        page = min(number_parameter(request, "page", 1, most=10**9), pages)
        shown = parts.shelf.rows(found[(page - 1) * VIDEOS_A_PAGE : page * VIDEOS_A_PAGE])
        return parts.page(
            request,
            "library.html.j2",
            words=words,
            found=len(found),
            page_number=page,
            pages=pages,
            videos=[(one, timebar(one), key_shots(one, PICTURES)) for one in shown],
            page_link=lambda number: address("/", name=words, page=number),
            quarantined=parts.shelf.now().quarantined,
            **state(parts),
        )

    def progress(request: Request) -> Response:
        return parts.page(request, "progress.html.j2", **state(parts))

    return [Route("/", library), Route("/progress", progress)]


def state(parts: Parts) -> dict[str, Any]:
    """How many videos and moments there are, and what is being written to the library now."""
    table = parts.finder.table
    return {
        "total": len(parts.shelf.now().order),
        "moments": None if table is None else len(table),
        "ingesting": is_locked(parts.library.folder),
        "embedding": is_locked(parts.library.folder / "encoders"),
    }


def is_locked(folder: Path) -> bool:
    """Whether another process writes to a folder."""
    if is_remote(folder):
        return is_leased(folder)
    try:
        with (folder / ".lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
