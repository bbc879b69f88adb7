"""Moments as video files of their own, with their audio."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av.error

from eruv.detection.export.audio import audio_from
from eruv.detection.export.own_files import (
    container_suffix,
    file_comment,
    make_folder,
    refuse_foreign,
)
from eruv.detection.export.shot_writers import EncodingWriter
from eruv.media.damage import UnreadableVideo
from eruv.media.opening import error_message
from eruv.media.seeking import frames_from, has_index
from eruv.media.video import SourceFrame, VideoSource
from eruv.moments.films import MomentFilm
from eruv.moments.merging import Moment
from eruv.utils.atomic import whole_file
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError
from eruv.utils.paths import LONGEST_NAME, printable, shortened
from eruv.utils.results import Result

MADE_BY = "eruv search:"
SHORTEST_S = 0.001  # of a frame
OWN_NAME = re.compile(r"\d{3,}-.+")


@dataclass(frozen=True)
class MomentFile(Result):
    """A moment as a file.

    Attributes:
        rank: of the moment, from 1.
        path: of its file; None if it could not be written.
        why: it could not.
    """

    rank: int
    path: Path | None
    why: str = ""


def cut_moments(
    moments: Sequence[Moment], films: Mapping[str, MomentFilm], folder: Path
) -> list[MomentFile]:
    """Write each moment as RANK-NAME.mp4, .mov or .mkv, encoded; earlier files of eruv are removed.

    A film that has an index is read from a second before a moment on, others from their start. A
    file that cannot be written does not end the work on the others.

    Raises:
        EruvError: if the folder cannot be written to, or a file of somebody else is in the way.
    """
    make_folder(folder)
    paths = [folder / _name(rank, moment) for rank, moment in enumerate(moments, start=1)]
    for path in paths:
        refuse_foreign(path, _is_own(path), "search")
    written = []
    with Progress("cutting", len(moments)) as progress:
        for rank, (moment, path) in enumerate(zip(moments, paths, strict=True), start=1):
            progress.update(rank - 1, printable(Path(path.name)))
            try:
                with whole_file(path) as partial:
                    _write(moment, films[moment.video_id], rank, partial, path.suffix)
                written.append(MomentFile(rank, path))
            except (UnreadableVideo, EruvError, av.error.FFmpegError, OSError) as error:
                why = error_message(error)
                written.append(MomentFile(rank, None, why))
    for path in sorted(folder.iterdir()):
        if path not in paths and OWN_NAME.fullmatch(path.name) and _is_own(path):
            path.unlink()
    return written


def _name(rank: int, moment: Moment) -> str:
    path = Path(moment.path)
    suffix = container_suffix(path)
    # Room for the letters that stand around a name while the file is written.
    return shortened(f"{rank:03d}-{path.stem}", LONGEST_NAME - 24) + suffix


def _is_own(path: Path) -> bool:
    return path.is_file() and file_comment(path).startswith(MADE_BY)


def _write(moment: Moment, film: MomentFilm, rank: int, partial: Path, suffix: str) -> None:
    comment = (
        f"{MADE_BY} moment {rank}, frames {moment.start} to {moment.end - 1} of "
        f"{printable(Path(film.path.name))}"
    )
    # Seconds within a shot are interpolated: where their frames are not as many, frames count.
    for frames in (_by_seconds(moment, film.path), _by_number(moment, film.path)):
        with VideoSource(film.path) as source, ExitStack() as stack:
            from_s = moment.start_s if has_index(source) else 0.0
            tracks = [stack.enter_context(one) for one in audio_from(film.path, suffix, from_s)]
            writer: EncodingWriter | None = None
            for frame, next_s in _with_next(frames, moment.end_s):
                if writer is None:
                    zero = frame.time_s
                    span_s = (zero, max(moment.end_s, next_s))
                    writer = EncodingWriter(
                        partial, suffix, comment, source, film.rate, tracks, span_s, 0
                    )
                    stack.enter_context(writer)
                writer.write(frame.picture, frame.time_s - zero, next_s - frame.time_s)
            if writer is not None and writer.num_frames == moment.end - moment.start:
                return
    raise EruvError(f"{film.path} has changed since it was ingested. Ingest it again.")


def _by_seconds(moment: Moment, path: Path) -> Iterator[SourceFrame]:
    slack_s = (moment.end_s - moment.start_s) / (moment.end - moment.start) / 4
    for frame in frames_from(path, moment.start_s):
        if frame.time_s >= moment.end_s - slack_s:
            return
        if frame.time_s >= moment.start_s - slack_s:
            yield frame


def _by_number(moment: Moment, path: Path) -> Iterator[SourceFrame]:
    with VideoSource(path) as source:
        yield from islice(source.frames(), moment.start, moment.end)


def _with_next(frames: Iterable[SourceFrame], end_s: float) -> Iterator[tuple[SourceFrame, float]]:
    """Each frame, and when it ends: where the next one starts; the last one ends with all."""
    before: SourceFrame | None = None
    for frame in frames:
        if before is not None:
            yield before, frame.time_s
        before = frame
    if before is not None:
        yield before, max(end_s, before.time_s + (before.shown_s or SHORTEST_S))
