"""`eruv shots`: the shots of videos as a result and as files, without torch or the database."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eruv.detection.detectors import DetectorChoice
from eruv.detection.export.destinations import MARKS, Outputs, films_of
from eruv.detection.export.otio_file import require_otio
from eruv.detection.export.own_files import is_own_shot
from eruv.detection.export.shot_finder import FrameCounter, ShotFinder
from eruv.detection.part import FilmPart
from eruv.detection.search import ShotSearch
from eruv.media.discovery import no_videos, search_videos
from eruv.media.estimate import estimate_frames
from eruv.media.passed_over import passed_over
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError, Interrupted
from eruv.utils.paths import Paths, paths_of
from eruv.utils.results import Result


@dataclass(frozen=True)
class ShotsResult(Result):
    """What `eruv shots` found and wrote.

    Attributes:
        videos: for each video its properties, `shots`, `transitions`, `damage` and written `files`.
        shots, frames: totals.
        unreadable: path, reason and position of files that gave no video.
        damaged: path and damage of videos that lost frames.
        not_written: path of each file that could not be written, and why.
        passed_over: number of files in the folders that are no videos by their suffix, by suffix.
        failed: whether files were to be written and none was.
        seconds: wall time.
    """

    videos: list[dict[str, Any]]
    shots: int
    frames: int
    unreadable: list[dict[str, str]]
    damaged: list[dict[str, Any]]
    not_written: list[dict[str, str]]
    passed_over: dict[str, int]
    failed: bool
    seconds: float


def shots(
    videos: Paths,
    *,
    detector: DetectorChoice | str | None = None,
    start: float | str | None = None,
    end: float | str | None = None,
    min_length: float = 0.0,
    drop_short: bool = False,
    joined: bool = False,
    to: Path | str = ".",
    csv: bool = False,
    edl: bool = False,
    otio: bool = False,
    fcpxml: bool = False,
    vtt: bool = False,
    ffmetadata: bool = False,
    qp: bool = False,
    html: bool = False,
    scores: Path | str | None = None,
    pictures: Path | str | None = None,
    split: Path | str | None = None,
    copy: bool = False,
    timecode: str | None = None,
    threads: int = 0,
) -> ShotsResult:
    """Find the shots of videos and write files; `eruv.detect_shots` gives those of one video.

    Args:
        videos: files and folders; folders are searched to the bottom.
        detector: a name, or a choice with parameters; None is the default detector.
        start, end: of the part to analyse, see `FilmPart`; frames count from the film's first.
        min_length: of a shot in seconds; a shorter one is joined to a neighbour.
        drop_short: whether shorter shots are left out instead.
        joined: whether all videos are one film, in the order in which they are named.
        to: folder for NAME.shots.csv and its like.
        csv, edl, otio, fcpxml, vtt, ffmetadata, qp, html: which of them to write.
        scores: a .csv or .parquet file for the scores of all frames; None writes none.
        pictures, split: folders for each shot as a JPEG, and as a video file; None writes none.
        copy: whether these files begin at the key frame before the shot, which is fast.
        timecode: HH:MM:SS:FF of the first frame in timelines; None takes the file's own, if any.
        threads: decoding and encoding threads; 0 takes one per core.

    Raises:
        EruvError: if no video could be read, a folder cannot be written to, a file that
            `eruv shots` did not write is in the way, or an extra is missing.
        Interrupted: by Ctrl-C, with the `result` of the videos that were done.
    """
    kinds = {"csv": csv, "edl": edl, "otio": otio, "fcpxml": fcpxml}
    kinds |= {"vtt": vtt, "ffmetadata": ffmetadata, "qp": qp, "html": html}
    chosen = tuple(kind for kind, is_chosen in kinds.items() if is_chosen)
    table, *folders = (None if one is None else Path(one) for one in (scores, pictures, split))
    outputs = Outputs(chosen, Path(to), table, folders[0], folders[1], timecode, copy)
    try:
        choice = DetectorChoice.of(detector)
        search = ShotSearch(choice, FilmPart(start, end, timecode), min_length, drop_short)
    except ValueError as error:
        raise EruvError(str(error)) from None
    return _find_all(paths_of(videos), search, outputs, threads, joined)


def _find_all(
    named: list[Path], search: ShotSearch, outputs: Outputs, threads: int, joined: bool
) -> ShotsResult:
    started = time.monotonic()
    if threads < 0:
        raise EruvError(f"threads must be at least 0 (one per core); got {threads}")
    search.detector.make()  # a missing extra is no fault of the files
    if "otio" in outputs.kinds:
        require_otio()
    paths, unreadable = search_videos(
        named, lambda path: not (outputs.split and is_own_shot(path, outputs.split))
    )
    films, names = films_of(paths, named, joined)
    outputs.prepare(paths, names)
    frames = estimate_frames(paths, [_size_of(path) for path in paths]).frames
    with Progress("shots", frames * outputs.passes) as progress:
        counter = FrameCounter(progress, len(films))
        found = ShotFinder(search, outputs, threads, names, counter, unreadable)
        try:
            found.process_all(films)
        except KeyboardInterrupt:
            if not found.videos:
                raise
            raise Interrupted(
                f"interrupted at file {found.place} of {len(films)}; no file is left half written",
                _result(found, named, started),
            ) from None
    if not found.videos:
        raise no_videos(unreadable)
    return _result(found, named, started)


def _result(found: ShotFinder, named: list[Path], started: float) -> ShotsResult:
    written = any(any(video["files"].values()) for video in found.videos)
    return ShotsResult(
        videos=found.videos,
        shots=sum(len(video["shots"]) for video in found.videos),
        frames=sum(video["frames"] for video in found.videos),
        unreadable=[asdict(one) for one in found.unreadable],
        damaged=found.damaged,
        not_written=found.not_written,
        passed_over=passed_over(named, [f".shots.{kind}" for kind in MARKS]),
        failed=bool(found.not_written) and not written,
        seconds=round(time.monotonic() - started, 3),
    )


def _size_of(path: Path) -> int:
    """Bytes of a file; 0 if it was removed meanwhile, which is reported when it is read."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
