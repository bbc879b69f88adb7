"""The bytes of videos, previews of those that browsers cannot play, and pictures."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eruv.web.parts import Parts, number_parameter, seconds_parameter
from eruv.web.preview_file import preview_shift_s
from eruv.web.previews import media_type_of
from eruv.web.ranges import file_response
from eruv.web.stills import NoStill

# A picture of a video by its digest never changes.
FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}
HEIGHT, GREATEST_HEIGHT = 120, 720


def routes(parts: Parts) -> list[Route]:
    """`/still/ID` with `at` and `height`, `/media/ID`, and `/preview/ID`: how far it is."""

    def picture(request: Request) -> Response:
        video_id = request.path_params["video_id"]
        seconds = seconds_parameter(request, "at") or 0.0
        height = number_parameter(request, "height", HEIGHT, GREATEST_HEIGHT)
        try:
            found = parts.stills.still(video_id, seconds, height)
        except NoStill:
            raise HTTPException(404, "There is no picture of this moment.") from None
        return Response(found, media_type="image/jpeg", headers=FOR_EVER)

    def media(request: Request) -> Response:
        source = parts.source(parts.video(request))
        kind = media_type_of(source)
        if kind is not None:
            return file_response(request, source, kind)
        preview = parts.previews.ask(source)
        if preview.path is None:
            raise HTTPException(409, preview.reason or "A preview of this film is being made.")
        return file_response(request, preview.path, "video/mp4")

    def preview(request: Request) -> Response:
        row = parts.video(request)
        source = parts.source(row)
        if media_type_of(source) is not None:
            return JSONResponse({"state": "ready", "offset": 0})
        found = parts.previews.ask(source)
        shown = {"state": found.state, "share": found.share, "reason": found.reason}
        # Seconds of the film's clock where those of the preview are 0.
        shown |= {"offset": preview_shift_s(row.start_s)}
        return JSONResponse(shown, headers={"cache-control": "no-store"})

    return [
        Route("/still/{video_id:str}", picture),
        Route("/media/{video_id:str}", media),
        Route("/preview/{video_id:str}", preview),
    ]
