"""The page of a video: a player at an exact time, its shots, and a range of it to search by."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eruv.utils.console import warn
from eruv.utils.storage.errors import StorageError
from eruv.web.objects import NO_ANSWER
from eruv.web.parts import Parts, address, number_parameter, seconds_parameter
from eruv.web.pins import Pin
from eruv.web.preview_file import preview_shift_s
from eruv.web.previews import media_type_of
from eruv.web.timebars import timebar

SHOTS_A_PAGE = 60
RANGE_S = 2.0  # where only a start is given


def routes(parts: Parts) -> list[Route]:
    """`/video/ID`, with `from`, `to` and `shots` (the page of its shots)."""

    def video(request: Request) -> Response:
        row = parts.video(request)
        start = seconds_parameter(request, "from")
        end = seconds_parameter(request, "to")
        ranged = start is not None
        start = row.start_s if start is None else min(max(start, row.start_s), row.end_s)
        if end is None or end <= start:
            end = row.end_s if not ranged else min(start + RANGE_S, row.end_s)
        end = min(end, row.end_s)
        pages = max(1, -(-len(row.shots) // SHOTS_A_PAGE))
        here = row.shot_at(start) // SHOTS_A_PAGE + 1
        page = min(number_parameter(request, "shots", here, most=10**9), pages)
        first = (page - 1) * SHOTS_A_PAGE
        played, gone = _played(parts, row.video_id)
        pin = Pin(row.video_id, start, end) if start < end else None
        return parts.page(
            request,
            "video.html.j2",
            video=row,
            line=timebar(row),
            start=start,
            end=end,
            ranged=ranged,
            pin=pin,
            shot=row.shot_at(start),
            shots=list(enumerate(row.shots))[first : first + SHOTS_A_PAGE],
            shots_page=page,
            shots_pages=pages,
            page_link=lambda number: address(f"/video/{row.video_id}", shots=number),
            gone=gone,
            played=played,
            offset=0.0 if played else preview_shift_s(row.start_s),
            searchable=parts.finder.table is not None,
        )

    return [Route("/video/{video_id:str}", video)]


def _played(parts: Parts, video_id: str) -> tuple[bool, str]:
    """Whether no preview is needed, and why the film cannot be had; the page is useful without."""
    source = parts.allowed.source(video_id)
    if source is None:
        return True, parts.allowed.why_not(video_id)
    try:
        return media_type_of(source) is not None, ""
    except StorageError as error:
        warn(str(error))
        return True, NO_ANSWER
