"""`eruv shots`: the shots of videos as a result and as files, without torch or the database."""

import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eruv.detection.detectors import DetectorChoice
from eruv.detection.export.destinations import MARKS, Outputs, stems
from eruv.detection.export.otio_file import require_otio
from eruv.detection.export.own_files import is_own_shot
from eruv.detection.export.passed_over import passed_over
from eruv.detection.export.shot_finder import FrameCounter, ShotFinder
from eruv.media.discovery import no_videos, search_videos
from eruv.media.estimate import estimate_frames
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError
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
    to: Path | str = ".",
    csv: bool = False,
    edl: bool = False,
    otio: bool = False,
    fcpxml: bool = False,
    vtt: bool = False,
    ffmetadata: bool = False,
    qp: bool = False,
    html: bool = False,
    pictures: Path | str | None = None,
    split: Path | str | None = None,
    threads: int = 0,
) -> ShotsResult:
    """Find the shots of videos and write the chosen files.

    `eruv.detect_shots` also gives the scores and times of all frames of one video.

    Args:
        videos: files and folders; folders are searched to the bottom.
        detector: a name, or a choice with parameters; None is the default detector.
        to: folder for NAME.shots.csv and its like.
        csv, edl, otio, fcpxml: which tables and timelines to write there.
        vtt, ffmetadata: which chapters to write there.
        qp: whether to write frames for x264 to put key frames at.
        html: whether to write a contact sheet.
        pictures: folder for the middle frame of every shot as a JPEG file; None writes none.
        split: folder for every shot as a video file; None writes none.
        threads: decoding and encoding threads; 0 takes one a core.

    Raises:
        EruvError: if no video could be read, a folder cannot be written to, a file that
            `eruv shots` did not write is in the way, or an extra is missing.
    """
    kinds = {"csv": csv, "edl": edl, "otio": otio, "fcpxml": fcpxml}
    kinds |= {"vtt": vtt, "ffmetadata": ffmetadata, "qp": qp, "html": html}
    outputs = Outputs(
        kinds=tuple(kind for kind, chosen in kinds.items() if chosen),
        to=Path(to),
        pictures=None if pictures is None else Path(pictures),
        split=None if split is None else Path(split),
    )
    return _find_all(videos, DetectorChoice.of(detector), outputs, threads)


def _find_all(videos: Paths, choice: DetectorChoice, outputs: Outputs, threads: int) -> ShotsResult:
    started = time.monotonic()
    if threads < 0:
        raise EruvError(f"threads is at least 0 (one a core); got {threads}")
    choice.make()  # a missing extra is no fault of the files
    if "otio" in outputs.kinds:
        require_otio()
    named = paths_of(videos)
    paths, unreadable = search_videos(
        named, lambda path: not (outputs.split and is_own_shot(path, outputs.split))
    )
    names = stems(paths)
    outputs.prepare(paths, names)
    frames = estimate_frames(paths, [os.path.getsize(path) for path in paths]).frames
    with Progress("shots", frames * outputs.passes) as progress:
        counter = FrameCounter(progress, len(paths))
        found = ShotFinder(choice, outputs, threads, names, counter, unreadable)
        for path in paths:
            found.process(path)
    if not found.videos:
        raise no_videos(unreadable)
    written = any(any(video["files"].values()) for video in found.videos)
    return ShotsResult(
        videos=found.videos,
        shots=sum(len(video["shots"]) for video in found.videos),
        frames=sum(video["frames"] for video in found.videos),
        unreadable=[asdict(one) for one in unreadable],
        damaged=found.damaged,
        not_written=found.not_written,
        passed_over=passed_over(named, [f".shots.{kind}" for kind in MARKS]),
        failed=bool(found.not_written) and not written,
        seconds=round(time.monotonic() - started, 3),
    )
