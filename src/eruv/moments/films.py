"""The files that moments are of, as editing programs count their frames."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from eruv.detection.export.timecode import first_frame_number
from eruv.library.catalogue import Library
from eruv.media.damage import UnreadableVideo
from eruv.media.streams import start_timecode
from eruv.media.video import VideoSource
from eruv.moments.merging import Moment
from eruv.utils.errors import EruvError


@dataclass(frozen=True)
class MomentFilm:
    """A video of a library.

    Attributes:
        path: of its file.
        video_id: in the library.
        rate: frames per second.
        num_frames: of the file.
        start_s, end_s: seconds, by the file's clock.
        width, height: of the upright picture.
        timecode: of its first frame, as the file states it; None if it does not.
    """

    path: Path
    video_id: str
    rate: Fraction
    num_frames: int
    start_s: float
    end_s: float
    width: int
    height: int
    timecode: str | None = None

    @classmethod
    def of_row(cls, row: dict[str, Any], path: Path) -> "MomentFilm":
        """A row of the catalogue's videos; a file that is gone has no timecode."""
        names = ("video_id", "num_frames", "start_s", "end_s", "width", "height")
        rate = Fraction(row["frames_per_second"]).limit_denominator(1001)
        facts = {name: row[name] for name in names}
        return cls(path, rate=rate, timecode=_timecode(path), **facts)

    def counted(self, moment: Moment, rate: Fraction) -> tuple[int, int]:
        """First and end frame of a moment at a rate, the file's first frame being 0.

        At a constant rate frames are counted, else seconds; a moment has at least one frame.
        """
        ends = ((moment.start, moment.start_s), (moment.end, moment.end_s))
        by_time = [(seconds - self.start_s) * self.rate for _, seconds in ends]
        constant = all(abs(at - frame) < 0.5 for at, (frame, _) in zip(by_time, ends, strict=True))
        first, last = (
            round((frame if constant else Fraction(at)) * rate / self.rate)
            for at, (frame, _) in zip(by_time, ends, strict=True)
        )
        return max(0, first), max(first + 1, last)

    def first_number(self, rate: Fraction) -> int:
        """The number of the file's first frame at a rate, by its timecode; 0 if it is none."""
        try:
            return first_frame_number(self.timecode, float(rate))
        except ValueError:  # of another rate
            return 0


def films_of_moments(library: Library, moments: Iterable[Moment]) -> dict[str, MomentFilm]:
    """The film of each moment, by the video's id.

    Raises:
        EruvError: if the library lacks a video.
    """
    paths = {moment.video_id: Path(moment.path) for moment in moments}
    rows = library.rows_of(sorted(paths))
    missing = sorted(paths.keys() - rows.keys())
    if missing:
        raise EruvError(f"the library {library.folder} lacks the video {missing[0]}.")
    return {video_id: MomentFilm.of_row(rows[video_id], path) for video_id, path in paths.items()}


def usual_rate(films: Sequence[MomentFilm]) -> Fraction:
    """The rate that most of some films have; the first of several that are as frequent."""
    counts = {film.rate: 0 for film in films}
    for film in films:
        counts[film.rate] += 1
    return max(counts, key=lambda rate: counts[rate])


def _timecode(path: Path) -> str | None:
    try:
        with VideoSource(path) as source:
            return start_timecode(source.container, source.stream)
    except UnreadableVideo:
        return None
