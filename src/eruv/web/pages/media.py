"""The bytes of videos, and pictures of them."""

from contextlib import closing

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eruv.media.proxy import ProxyReader
from eruv.utils.errors import EruvError
from eruv.utils.html import jpeg
from eruv.web.parts import Parts, asked_number, asked_seconds
from eruv.web.ranges import file_response

# A picture of a video by its digest never changes.
FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}
HEIGHT, GREATEST_HEIGHT = 120, 720


def routes(parts: Parts) -> list[Route]:
    """`/still/ID` with `at` and `height`, and `/media/ID`."""

    def picture(request: Request) -> Response:
        video_id = request.path_params["video_id"]
        if video_id not in parts.shelf.now().names:
            raise HTTPException(404, "The library has no such video.")
        seconds = asked_seconds(request, "at") or 0.0
        height = asked_number(request, "height", HEIGHT, GREATEST_HEIGHT)
        try:
            found = still(parts, video_id, seconds, height)
        except (EruvError, OSError, IndexError):
            raise HTTPException(404, "There is no picture of this moment.") from None
        return Response(found, media_type="image/jpeg", headers=FOR_EVER)

    def media(request: Request) -> Response:
        row = parts.video(request)
        path, kind = parts.playable(row)
        return file_response(request, path, kind)

    return [Route("/still/{video_id:str}", picture), Route("/media/{video_id:str}", media)]


def still(parts: Parts, video_id: str, seconds: float, height: int) -> bytes:
    """A frame of a proxy as JPEG."""
    row = parts.shelf.row(video_id)
    if row is None:
        raise EruvError("the library has no such video.")
    share = (seconds - row.start_s) / max(row.seconds, 1e-6)
    frame = min(row.num_frames - 1, max(0, int(share * row.num_frames)))
    width = 2 * max(1, round(height * row.width / row.height / 2))
    settings = parts.library.settings.proxy
    with closing(ProxyReader(parts.library.proxy_path(video_id), settings)) as reader:
        return jpeg(reader.read([frame], (height, width))[0])
