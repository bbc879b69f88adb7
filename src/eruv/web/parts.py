"""What all pages are made of: the library and what serves it, templates, parameters."""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jinja2 import ChoiceLoader, Environment, PackageLoader
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from eruv.library.catalogue import Library
from eruv.utils.html import page_environment
from eruv.utils.version import VERSION
from eruv.web.allowed import Allowed
from eruv.web.finder import Finder
from eruv.web.overview import Overview
from eruv.web.pins import Pins
from eruv.web.previews import Previews
from eruv.web.shelf import Shelf, VideoRow
from eruv.web.stills import Stills
from eruv.web.uploads import Uploads

CLOCK = re.compile(r"(?:(\d{1,3}):)?(?:(\d{1,4}):)?(\d{1,9}(?:\.\d{1,9})?)", re.ASCII)
MOST_FIELDS = 50


@dataclass(frozen=True)
class Parts:
    """What pages are handed.

    Attributes:
        library: that is shown.
        shelf: its videos by name.
        finder: its search.
        pins: the list of moments that were kept.
        templates: of the pages.
        allowed: which files may be read.
        stills: pictures of moments.
        previews: films that browsers cannot play, made playable.
        uploads: what people dropped in to search by.
        overview: the library as a whole.
    """

    library: Library
    shelf: Shelf
    finder: Finder
    pins: Pins
    templates: Environment
    allowed: Allowed
    stills: Stills
    previews: Previews
    uploads: Uploads
    overview: Overview

    def page(
        self, request: Request, template: str, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page of a template."""
        common = {
            "path": request.url.path,
            "version": VERSION,
            "pinned": self.pins.keys(),
            "library_name": self.library.folder.name,
            "most_bytes": self.uploads.most_bytes,
        }
        text = self.templates.get_template(template).render(common | values)
        return HTMLResponse(text, status)

    def video(self, request: Request) -> VideoRow:
        """The video that an address names.

        Raises:
            HTTPException: 404 if the library has none of this id.
        """
        row = self.shelf.row(request.path_params["video_id"])
        if row is None:
            raise HTTPException(404, "The library has no such video. It may have been replaced.")
        return row

    def source(self, row: VideoRow) -> Path:
        """The file of a video.

        Raises:
            HTTPException: 404 if it is gone.
        """
        source = self.allowed.source(row.video_id)
        if source is None:
            raise HTTPException(404, self.allowed.why_not(row.video_id))
        return source

    def close(self) -> None:
        """End the processes that decode."""
        for part in (self.stills, self.previews, self.uploads):
            part.close()


def templates() -> Environment:
    """The templates of the pages."""
    environment = page_environment("eruv.web")
    assert environment.loader is not None
    environment.loader = ChoiceLoader([environment.loader, PackageLoader("eruv.reports")])
    environment.filters.update(clock=clock, seconds=seconds_text)
    environment.globals.update(address=address)
    return environment


def clock(seconds: float, digits: int = 1) -> str:
    """Seconds as 0:12.5, 4:05.0 or 1:02:03.0."""
    whole = max(0.0, round(seconds, digits))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(int(minutes), 60)
    width = 3 + digits if digits else 2
    text = f"{rest:0{width}.{digits}f}"
    return f"{hours}:{minutes:02d}:{text}" if hours else f"{minutes}:{text}"


def seconds_text(seconds: float) -> str:
    """Seconds in an address, to the millisecond."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")


def seconds_of(text: str) -> float | None:
    """Seconds of text like 12.5 or 1:02.5; None for anything else."""
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    first, second, rest = found.groups()
    hours, minutes = (first, second) if second is not None else (None, first)
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(rest)


def seconds_parameter(request: Request, name: str) -> float | None:
    """A parameter that is a time; None where it is missing or empty.

    Raises:
        HTTPException: 400 for something else.
    """
    text = request.query_params.get(name, "")
    if not text.strip():
        return None
    seconds = seconds_of(text)
    if seconds is None or not math.isfinite(seconds):
        raise HTTPException(400, f"“{name}” must be a time like 12.5 or 1:02.5.")
    return seconds


def number_parameter(request: Request, name: str, default: int, most: int) -> int:
    """A parameter that is a whole number from 1 to `most`; what is greater is cut.

    Raises:
        HTTPException: 400 for something else.
    """
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= 1):
        raise HTTPException(400, f"“{name}” must be a whole number of at least 1.")
    return min(int(text), most)


async def fields(request: Request) -> dict[str, str]:
    """The fields of a form that was sent.

    Raises:
        HTTPException: 400 if they cannot be read.
    """
    body = await request.body()
    try:
        return dict(
            parse_qsl(
                body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
            )
        )
    except ValueError:
        raise HTTPException(400, "The form could not be read.") from None


def address(path: str, **parameters: Any) -> str:
    """An address of a page; parameters that are None or empty are left out."""
    given = [
        (name.rstrip("_"), seconds_text(value) if isinstance(value, float) else value)
        for name, value in parameters.items()
        if value not in (None, "", False)
    ]
    return f"{path}?{urlencode(given)}" if given else path


def without_folders(text: str, library: Path) -> str:
    """A sentence without the paths of this machine: only last parts stay."""
    text = text.replace(str(library), library.name)
    return re.sub(r"(?:(?:s3|gs):/)?(?<![\w<.])/(?:[^\s/'\"]+/)+([^\s/'\"]+)", r"\1", text)
