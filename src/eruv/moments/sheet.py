"""The contact sheet of moments: a page with pictures of each."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av.error

from eruv.detection.export.contact_sheet import MOST_PICTURES, QUANTISER, SIDE
from eruv.detection.export.pictures import middle_frame, picture_size
from eruv.detection.export.timecode import written_time
from eruv.library.catalogue import Library
from eruv.media.proxy import ProxyReader
from eruv.moments.films import MomentFilm
from eruv.moments.merging import Moment
from eruv.utils.html import data_uri, page_environment
from eruv.utils.paths import printable

MADE_BY = '<meta name="generator" content="eruv search">'


@dataclass(frozen=True)
class MomentCard:
    """A moment on the page: its rank, file name, and frame numbers with their pictures."""

    rank: int
    moment: Moment
    name: str
    pictures: list[tuple[int, str]]


def moments_sheet(
    library: Library, moments: Sequence[Moment], films: Mapping[str, MomentFilm], title: str
) -> str:
    """The page: first, middle and last frame of each moment, from the library's proxies.

    Of more than 500 moments only the middle frame is shown.
    """
    many = 3 * len(moments) > MOST_PICTURES
    cards = [
        MomentCard(
            rank,
            moment,
            printable(Path(Path(moment.path).name)),
            _pictures(library, moment, films[moment.video_id], many),
        )
        for rank, moment in enumerate(moments, start=1)
    ]
    environment = page_environment("eruv.moments")
    environment.filters["written_time"] = written_time
    return environment.get_template("sheet.html.j2").render(
        made_by=MADE_BY, title=title, cards=cards, many=many
    )


def _pictures(
    library: Library, moment: Moment, film: MomentFilm, many: bool
) -> list[tuple[int, str]]:
    middle = middle_frame(moment.start, moment.end)
    frames = [middle] if many else sorted({moment.start, middle, moment.end - 1})
    return key_pictures(library, film.video_id, frames, (film.width, film.height))


def key_pictures(
    library: Library, video_id: str, frames: Sequence[int], shape: tuple[int, int]
) -> list[tuple[int, str]]:
    """Numbers of frames with their pictures as data URIs; none where the proxy cannot be read.

    Args:
        library: that has the video.
        video_id: of the video.
        frames: their numbers.
        shape: width and height of the video.
    """
    width, height = picture_size(*shape, Fraction(1), SIDE)
    settings = library.settings.proxy
    try:
        with closing(ProxyReader(library.proxy_path(video_id), settings)) as reader:
            found = [(number, reader.read([number], (height, width))[0]) for number in frames]
    except (av.error.FFmpegError, OSError, IndexError):
        return []
    return [(number, data_uri(picture, QUANTISER)) for number, picture in found]
