"""The results: moments that are like a stretch of the library, an upload, or words."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eruv.moments.filters import Filters
from eruv.moments.query import Stretch
from eruv.utils.errors import EruvError
from eruv.web.finder import Question
from eruv.web.parts import Parts, address, number_parameter, seconds_parameter, without_folders
from eruv.web.pins import Pin
from eruv.web.shelf import VideoRow
from eruv.web.uploads import Upload

MOMENTS, MOST_MOMENTS = 24, 240
LONGEST_QUERY = 500
SUGGESTED = 8
NO_TEXT = (
    "The encoder that searches here does not support text queries: name a video of the library."
)
NAMES = (
    *("q", "video", "from", "to", "upload"),
    *("other", "paths", "after", "before", "shortest", "longest"),
)


@dataclass(frozen=True)
class SearchTarget:
    """What a request looks for.

    Attributes:
        text: as it stands in the search box.
        stretch: of a video; None where nothing of that name is there.
        video: that the stretch is of, if the library has it.
        upload: that was dropped in.
        words: whether the text itself is looked for.
    """

    text: str
    stretch: Stretch | None = None
    video: VideoRow | None = None
    upload: Upload | None = None
    words: bool = False

    @property
    def is_something(self) -> bool:
        """Whether there is anything to look for."""
        return self.words or self.stretch is not None


def routes(parts: Parts) -> list[Route]:
    """`/search`, with `q` or `video`, `from` and `to`; filters; and `k`."""

    def search(request: Request) -> Response:
        target = search_target(request, parts)
        given = {name: request.query_params.get(name, "")[:LONGEST_QUERY] for name in NAMES}
        k = number_parameter(request, "k", MOMENTS, most=MOST_MOMENTS)
        problem, moments = "", []
        if target.is_something:
            try:
                moments = parts.finder.find(_question(request, target, k))
            except EruvError as error:
                problem = without_folders(str(error), parts.library.folder)
        table = parts.finder.table
        return parts.page(
            request,
            "search.html.j2",
            target=target,
            moments=moments,
            problem=problem,
            windows=None if table is None else len(table),
            more=len(moments) == k < MOST_MOMENTS,
            more_address=address("/search", **given | {"k": min(k + MOMENTS, MOST_MOMENTS)}),
            suggested=_suggested(target, parts),
            given=given,
            no_words="" if "@" in target.text else NO_TEXT,
            pin_of=lambda one: Pin(one.video_id, one.start_s, one.end_s),
        )

    return [Route("/search", search)]


def search_target(request: Request, parts: Parts) -> SearchTarget:
    """The stretch that a request names, by id and seconds or by what was typed."""
    video_id = request.query_params.get("video", "")
    if video_id:
        row = parts.shelf.row(video_id)
        if row is None:
            return SearchTarget(video_id)
        start = seconds_parameter(request, "from") or 0.0
        return _of_video(row, _stretch(video_id, start, seconds_parameter(request, "to")))
    upload_id = request.query_params.get("upload", "")
    if upload_id:
        return _of_upload(upload_id, parts)
    text = request.query_params.get("q", "").strip()[:LONGEST_QUERY]
    if not text:
        return SearchTarget("")
    found = parts.shelf.id_of(text)
    try:
        stretch = Stretch(text) if found else Stretch.read(text)
    except EruvError:
        return SearchTarget(text)
    found = found or parts.shelf.id_of(stretch.name)
    row = parts.shelf.row(found) if found else None
    if row is None:
        return SearchTarget(text, words="@" not in text and parts.finder.supports_text)
    return _of_video(row, Stretch(row.video_id, stretch.start_s, stretch.end_s))


def _of_upload(upload_id: str, parts: Parts) -> SearchTarget:
    upload = parts.uploads.get(upload_id)
    if upload is None:
        raise HTTPException(
            404, "The file is no longer here: uploads are kept for an hour. Drop it again."
        )
    text = "a picture" if upload.kind == "picture" else f"a clip of {upload.seconds:.1f} s"
    return SearchTarget(text, Stretch(str(upload.path)), upload=upload)


def _stretch(name: str, start: float, end: float | None) -> Stretch:
    return Stretch(name, start, end if end is None or end > start else start + 2.0)


def _of_video(row: VideoRow, stretch: Stretch) -> SearchTarget:
    end = row.end_s if stretch.end_s is None else min(stretch.end_s, row.end_s)
    start = min(stretch.start_s, row.end_s)
    whole = stretch.end_s is None and start <= row.start_s
    text = row.name if whole else f"{row.name}@{start:g}-{end:g}"
    if start >= end:  # beyond its end
        start = max(row.start_s, row.end_s - 2.0)
    return SearchTarget(text, Stretch(row.video_id, start, end), row)


def _question(request: Request, target: SearchTarget, k: int) -> Question:
    pattern = request.query_params.get("paths", "").strip()[:LONGEST_QUERY]
    if pattern and not set(pattern) & set("*?["):
        pattern = f"*{pattern}*"
    return Question(
        target.stretch,
        target.text if target.words else "",
        Filters(
            other_videos=request.query_params.get("other") == "1",
            paths=pattern or None,
            from_s=seconds_parameter(request, "after"),
            to_s=seconds_parameter(request, "before"),
            min_s=seconds_parameter(request, "shortest"),
            max_s=seconds_parameter(request, "longest"),
        ),
        k=k,
    )


def _suggested(target: SearchTarget, parts: Parts) -> list[VideoRow]:
    """Videos whose names have what was typed, where that names none."""
    if target.is_something or not target.text:
        return []
    return parts.shelf.rows(parts.shelf.found(target.text.partition("@")[0])[:SUGGESTED])
