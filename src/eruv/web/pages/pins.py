"""The list of pinned moments, and how it leaves the page."""

import threading

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from eruv.web.cut_lists import cut_list, pinned_moments, zipped
from eruv.web.parts import Parts, fields, seconds_of
from eruv.web.pins import Pin

EXPORTS = (("csv", "CSV"), ("edl", "EDL"), ("otio", "OTIO"), ("zip", "Files (zip)"))
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "edl": "text/plain; charset=utf-8",
    "otio": "application/json",
    "zip": "application/zip",
}


def routes(parts: Parts) -> list[Route]:
    """`/pins` to see and to change them, and `/pins.csv` and others to take them away."""
    zipping = threading.Lock()  # one at a time: films are encoded

    def pins(request: Request) -> Response:
        pinned = parts.pins.all()
        rows = {row.video_id: row for row in parts.shelf.rows([one.video_id for one in pinned])}
        shown = [(pin, rows[pin.video_id]) for pin in pinned if pin.video_id in rows]
        return parts.page(
            request,
            "pins.html.j2",
            pins=shown,
            gone=len(pinned) - len(shown),
            exports=EXPORTS,
            seconds=sum(pin.end_s - pin.start_s for pin in pinned),
        )

    async def change(request: Request) -> Response:
        form = await fields(request)
        return await run_in_threadpool(_changed, request, form)

    def _changed(request: Request, form: dict[str, str]) -> Response:
        if form.get("clear") == "1":
            parts.pins.clear()
            return RedirectResponse("/pins", 303)
        pin = _pin(form)
        if parts.shelf.row(pin.video_id) is None:
            raise HTTPException(404, "The library has no such video. It may have been replaced.")
        if form.get("remove") == "1":
            parts.pins.remove(pin.key)
        else:
            parts.pins.add(pin)
        if "hx-request" in request.headers:
            return parts.page(request, "pin_button.html.j2", pin=pin, changed=True)
        return RedirectResponse("/pins", 303)

    def export(request: Request) -> Response:
        kind = request.path_params["kind"]
        if kind not in KINDS:
            raise HTTPException(404, f"Pins can be exported as {', '.join(KINDS)}.")
        moments = pinned_moments(parts.library, parts.shelf.now(), parts.pins.all())
        title = f"{parts.library.folder.name}: pins"
        if kind == "zip":
            with zipping:
                folder, path = zipped(parts.library, parts.allowed, moments)
            over = BackgroundTask(folder.cleanup)
            return FileResponse(path, filename="pins.zip", background=over)
        text = cut_list(kind, parts.library, parts.shelf.now(), parts.allowed, moments, title)
        name = {"content-disposition": f'attachment; filename="pins.{kind}"'}
        return Response(text, media_type=KINDS[kind], headers=name)

    return [
        Route("/pins", pins),
        Route("/pins", change, methods=["POST"]),
        Route("/pins.{kind:str}", export),
    ]


def _pin(form: dict[str, str]) -> Pin:
    start, end = seconds_of(form.get("from", "")), seconds_of(form.get("to", ""))
    if start is None or end is None or not 0 <= start < end:
        raise HTTPException(400, "A pinned moment must start before it ends.")
    return Pin(form.get("video", ""), start, end)
