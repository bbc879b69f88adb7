"""The contact sheet: an HTML page with pictures of all shots and the score curve."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment

from eruv.detection.detect import ShotList
from eruv.detection.detectors.base import INSTANT_KINDS
from eruv.detection.export.pictures import middle_frame, pictures_of
from eruv.detection.export.rows import ShotRow, shot_rows
from eruv.detection.export.score_curve import HEIGHT, WIDTH, score_curve
from eruv.detection.export.timecode import written_time
from eruv.utils.html import data_uri, page_environment
from eruv.utils.paths import printable

MADE_BY = '<meta name="generator" content="eruv shots">'
# A browser opens a page with 1500 pictures of 4 KB at once.
MOST_PICTURES = 1500
SIDE, SMALL_SIDE = 160, 96
# JPEG quantiser: 3 to 5 KB for a picture 160 pixels wide.
QUANTISER = 5


@dataclass(frozen=True)
class Card:
    """One shot on the page: its row, and frame numbers with their pictures."""

    row: ShotRow
    pictures: list[tuple[int, str]]


def contact_sheet(
    shots: ShotList,
    *,
    threads: int = 0,
    on_frames: Callable[[int], None] = lambda count: None,
) -> str:
    """The page: first, middle and last frame of each shot, scores, threshold and transitions.

    Above 500 shots only the middle frame is shown, above 1500 smaller too.

    Raises:
        UnreadableVideo: if the video can no longer be read.
    """
    rows = shot_rows(shots)
    shown = {row.shot: shown_frames(row, len(rows)) for row in rows}
    side = SIDE if len(rows) <= MOST_PICTURES else SMALL_SIDE
    needed = {frame for frames in shown.values() for frame in frames}
    pictures = thumbnails(shots.files, needed, side, threads=threads, on_frames=on_frames)
    on_frames(shots.num_frames)
    kinds = Counter(one.kind for one in shots.transitions)
    cards = [
        Card(row, [(frame, pictures[frame]) for frame in shown[row.shot] if frame in pictures])
        for row in rows
    ]
    return (
        _environment()
        .get_template("contact_sheet.html.j2")
        .render(
            made_by=MADE_BY,
            name=printable(Path(shots.path.name)),
            shots=shots,
            cards=cards,
            cuts=kinds["cut"],
            gaps=kinds["gap"],
            graduals={kind: count for kind, count in kinds.items() if kind not in INSTANT_KINDS},
            curve=score_curve(shots),
            width=WIDTH,
            height=HEIGHT,
        )
    )


def shown_frames(row: ShotRow, num_shots: int) -> list[int]:
    """First, middle and last frame, each once; the middle one alone if there are many shots."""
    middle = middle_frame(row.start, row.end)
    if 3 * num_shots > MOST_PICTURES:
        return [middle]
    return sorted({row.start, middle, row.end - 1})


def _environment() -> Environment:
    environment = page_environment("eruv.detection.export")
    environment.filters["written_time"] = written_time
    return environment


def thumbnails(
    files: Sequence[Path],
    frames: Collection[int],
    side: int,
    *,
    threads: int = 0,
    on_frames: Callable[[int], None] = lambda count: None,
) -> dict[int, str]:
    """Data URIs of frames by their numbers; see `pictures_of`."""
    found = pictures_of(files, frames, side, threads=threads, on_frames=on_frames)
    return {number: data_uri(picture, QUANTISER) for number, picture in found}
