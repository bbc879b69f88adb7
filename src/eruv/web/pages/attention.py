"""Where the encoder looks in a moment, worked out when someone asks."""

import threading

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eruv.utils.errors import EruvError
from eruv.web.attention import attention_sheet
from eruv.web.pages.media import FOR_EVER
from eruv.web.parts import Parts, seconds_parameter, without_folders
from eruv.web.shelf import VideoRow

PART_S = 2.0


def routes(parts: Parts) -> list[Route]:
    """`/attention/ID` with `from` and `to`, and its picture."""
    one_at_a_time = threading.Lock()

    def attention(request: Request) -> Response:
        row = parts.video(request)
        start, end = _part(request, row)
        return parts.page(request, "attention.html.j2", video=row, start=start, end=end)

    def picture(request: Request) -> Response:
        row = parts.video(request)
        start, end = _part(request, row)
        try:
            encoder = parts.finder.encoder()
            with one_at_a_time:
                sheet = attention_sheet(parts.library, encoder, row, start, end)
        except EruvError as error:
            words = without_folders(str(error), parts.library.folder)
            raise HTTPException(409, words) from None
        return Response(sheet, media_type="image/jpeg", headers=FOR_EVER)

    return [
        Route("/attention/{video_id:str}", attention),
        Route("/attention/{video_id:str}/picture", picture),
    ]


def _part(request: Request, row: VideoRow) -> tuple[float, float]:
    start = min(max(seconds_parameter(request, "from") or row.start_s, row.start_s), row.end_s)
    end = seconds_parameter(request, "to")
    return start, min(end, row.end_s) if end is not None and end > start else start + PART_S
