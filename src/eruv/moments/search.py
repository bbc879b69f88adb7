"""`eruv.search`: the moments of a library that are most like a query."""

from dataclasses import dataclass, field
from pathlib import Path

from eruv.moments.cutting import MomentFile
from eruv.moments.export import MomentOutputs, export_moments
from eruv.moments.filters import Filters
from eruv.moments.merging import Moment
from eruv.moments.searcher import Searcher
from eruv.utils.console import warn
from eruv.utils.errors import EruvError
from eruv.utils.results import Result


@dataclass(frozen=True)
class SearchResult(Result):
    """What was found.

    Attributes:
        query: as given.
        run: folder of the encoder.
        windows: in the table that was searched.
        moments: best first.
        files: that they were written to, by kind: csv, edl, otio, sheet.
        split: a file for each moment, if that was requested.
        failed: whether moments were to be cut out and none was.
    """

    query: str
    run: str
    windows: int
    moments: list[Moment]
    files: dict[str, Path] = field(default_factory=dict)
    split: list[MomentFile] = field(default_factory=list)
    failed: bool = False


def search(
    library: Path | str,
    query: str | None = None,
    *,
    text: str | None = None,
    run: Path | str | None = None,
    k: int = 20,
    other_videos: bool = False,
    other_shots: bool = False,
    paths: str | None = None,
    from_s: float | None = None,
    to_s: float | None = None,
    min_s: float | None = None,
    max_s: float | None = None,
    duplicates: bool = False,
    csv: Path | str | None = None,
    edl: Path | str | None = None,
    otio: Path | str | None = None,
    sheet: Path | str | None = None,
    split: Path | str | None = None,
    device: str = "auto",
) -> SearchResult:
    """Find the moments of a library that are most like a stretch of a video.

    The comparison is by cosine with every window, of the window of the query that fits best. A
    moment is its best window and those beside it that are hardly less similar, whatever `k` is;
    moments that look nearly the same are grouped under the best of them. `Searcher` keeps a library
    open for many searches.

    Args:
        library: folder with vectors, made by `embed`.
        query: FILE@12.5-15.0, FILE@1:02 (two seconds) or FILE; or a video's id; or a picture.
        text: words in place of it, where the encoder knows them.
        run: folder of the encoder; None takes the one that embedded last.
        k: moments at most.
        other_videos, other_shots: leave out the query's own video, or its own shots.
        paths: only videos whose path fits this pattern, for example "*/holiday/*".
        from_s, to_s: only moments between these seconds of their video.
        min_s, max_s: only moments of such a length, in seconds.
        duplicates: list moments that look nearly the same one by one.
        csv, edl, otio, sheet: files to write the moments to; a sheet is a page of pictures.
        split: folder for each moment as a video file.
        device: auto, cpu or cuda.

    Raises:
        EruvError: if there are no vectors, the query gives no clip, or a file that `eruv search`
            did not write is in the way.
    """
    check_question(query, text, k)
    filters = Filters(other_videos, other_shots, paths, from_s, to_s, min_s, max_s)
    outputs = MomentOutputs.at(csv, edl, otio, sheet, split)
    searcher = Searcher(library, run, device)
    target = searcher.of_text(text) if text is not None else searcher.query(query or "")
    _say_missing(searcher)
    moments = searcher.find(target, filters, k, duplicates)
    written = export_moments(searcher.library, moments, outputs, text or Path(query or "").name)
    place, windows = searcher.made_by.encoder_place(searcher.library), len(searcher)
    failed = bool(written.moments) and not any(one.path for one in written.moments)
    facts = query or text or "", place, windows, moments, written.files, written.moments
    return SearchResult(*facts, failed)


def check_question(query: str | None, text: str | None, k: int) -> None:
    """Raise an EruvError for no question or two, or a number of moments below 1."""
    if (query is None) == (text is None):
        raise EruvError("a search needs either a query, such as FILE@12.5-15, or `text`.")
    if k < 1:
        raise EruvError(f"`k` must be at least 1; got {k}.")


def _say_missing(searcher: Searcher) -> None:
    opened, library = searcher.opened(), searcher.library
    if opened.missing:
        warn(
            f"{opened.missing:,} of {len(opened.names):,} videos were ingested later and have no "
            f"vectors yet. Embed them: eruv embed {library.folder} "
            f"--run {searcher.made_by.encoder_place(library)}"
        )
