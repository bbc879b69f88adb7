"""The library as a whole: a map to click in, clusters, outliers, duplicates, still moments."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eruv.utils.errors import EruvError
from eruv.web.parts import Parts, without_folders
from eruv.web.pins import Pin

COLOURS = 12


def routes(parts: Parts) -> list[Route]:
    """`/map` at once, `/map/whole` when it is worked out, and `/map/points` to draw."""

    def page(request: Request) -> Response:
        there = parts.finder.table is not None
        return parts.page(request, "map.html.j2", there=there)

    def whole(request: Request) -> Response:
        problem, found = "", None
        try:
            found = parts.overview.now()
        except EruvError as error:
            problem = without_folders(str(error), parts.library.folder)
        return parts.page(
            request,
            "map_whole.html.j2",
            found=found,
            problem=problem,
            names=parts.shelf.now().names,
            colours=COLOURS,
            pin_of=lambda one: Pin(one.video_id, max(0.0, one.start_s), one.end_s),
        )

    def points(request: Request) -> Response:
        found = parts.overview.now()
        names = parts.shelf.now().names
        return JSONResponse({"videos": [], "points": []} if found is None else _drawn(found, names))

    return [Route("/map", page), Route("/map/whole", whole), Route("/map/points", points)]


def _drawn(found: Any, names: dict[str, str]) -> dict[str, Any]:
    """Points as [x, y, colour, video, from, to], and each video's id and name."""
    shown = [one for one in found.points if one.video_id in names]
    numbers = {one: number for number, one in enumerate(sorted({p.video_id for p in shown}))}
    return {
        "videos": [[one, names[one]] for one in numbers],
        "points": [
            [
                round(one.x, 4),
                round(one.y, 4),
                one.cluster,
                numbers[one.video_id],
                round(one.start_s, 3),
                round(one.end_s, 3),
            ]
            for one in shown
        ],
    }
