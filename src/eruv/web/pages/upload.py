"""Clips and pictures that are dropped into the page, to search by."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eruv.web.bounded import Refused
from eruv.web.parts import Parts
from eruv.web.ranges import file_response


def routes(parts: Parts) -> list[Route]:
    """`/upload` takes the bytes of a file; `/upload/ID/picture` shows it."""

    async def upload(request: Request) -> Response:
        try:
            taken = await parts.uploads.take(request.stream())
        except Refused as refused:
            return JSONResponse({"reason": str(refused)}, 422)
        return JSONResponse({"id": taken.id, "kind": taken.kind, "seconds": taken.seconds})

    def picture(request: Request) -> Response:
        found = parts.uploads.get(request.path_params["upload_id"])
        if found is None:
            raise HTTPException(404, "This upload is no longer here.")
        return file_response(request, found.picture, "image/png")

    return [
        Route("/upload", upload, methods=["POST"]),
        Route("/upload/{upload_id:str}/picture", picture),
    ]
