"""`eruv shots`: the shots of videos as a result and as files, without torch or the database."""

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eruv.detection.detect import ShotList, find_shots
from eruv.detection.detectors import DetectorChoice
from eruv.detection.export.contact_sheet import contact_sheet
from eruv.detection.export.destinations import Outputs, stems
from eruv.detection.export.edl_file import edl_text
from eruv.detection.export.otio_file import otio_text, require_otio
from eruv.detection.export.own_files import is_own_shot
from eruv.detection.export.rows import as_json, csv_text
from eruv.detection.export.split import split as split_shots
from eruv.media.damage import UnreadableVideo
from eruv.media.discovery import UnreadableFile, no_videos, search_videos
from eruv.media.estimate import estimate_frames
from eruv.media.video import VideoSource
from eruv.utils.atomic import replace_text
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError
from eruv.utils.paths import Paths, printable
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
        seconds: wall time.
    """

    videos: list[dict[str, Any]]
    shots: int
    frames: int
    unreadable: list[dict[str, str]]
    damaged: list[dict[str, Any]]
    not_written: list[dict[str, str]]
    seconds: float


def shots(
    videos: Paths,
    *,
    detector: DetectorChoice | str | None = None,
    to: Path | str = ".",
    csv: bool = False,
    edl: bool = False,
    otio: bool = False,
    html: bool = False,
    split: Path | str | None = None,
    threads: int = 0,
) -> ShotsResult:
    """Find the shots of videos and write the chosen files.

    `eruv.detect_shots` also gives the scores and times of all frames of one video.

    Args:
        videos: files and folders; folders are searched to the bottom.
        detector: a name, or a choice with parameters; None is the default detector.
        to: folder for NAME.shots.csv, NAME.shots.edl, NAME.shots.otio and NAME.shots.html.
        csv, edl, otio, html: which of them to write; html is a contact sheet.
        split: folder for every shot as a video file; None writes none.
        threads: decoding and encoding threads; 0 takes one a core.

    Raises:
        EruvError: if no video could be read, a folder cannot be written to, a file that
            `eruv shots` did not write is in the way, or an extra is missing.
    """
    started = time.monotonic()
    if threads < 0:
        raise EruvError(f"threads is at least 0 (one a core); got {threads}")
    choice = DetectorChoice.of(detector)
    choice.make()  # a missing extra is no fault of the files
    if otio:
        require_otio()
    kinds = {"csv": csv, "edl": edl, "otio": otio, "html": html}
    outputs = Outputs(
        kinds=tuple(kind for kind, chosen in kinds.items() if chosen),
        to=Path(to),
        split=None if split is None else Path(split),
    )
    paths, unreadable = search_videos(
        videos, lambda path: not (outputs.split and is_own_shot(path, outputs.split))
    )
    names = stems(paths)
    outputs.prepare(paths, names)
    frames = estimate_frames(paths, [os.path.getsize(path) for path in paths]).frames
    with Progress("shots", frames * outputs.passes) as progress:
        counter = _Counter(progress, len(paths))
        found = _ShotFinder(choice, outputs, threads, names, counter, unreadable)
        for path in paths:
            found.process(path)
    if not found.videos:
        raise no_videos(unreadable)
    return found.result(time.monotonic() - started)


@dataclass
class _Counter:
    """Frames decoded in all passes, for the progress line."""

    progress: Progress
    num_videos: int
    started: float = field(default_factory=time.monotonic)
    finished: int = 0

    def on_frames(self, place: int, words: str) -> Callable[[int], None]:
        """A callback for one pass over the video at `place`."""
        before = self.finished

        def report(count: int) -> None:
            self.finished = max(self.finished, before + count)
            speed = self.finished / max(1e-3, time.monotonic() - self.started)
            which = f"{place} of {self.num_videos}, " if self.num_videos > 1 else ""
            self.progress.update(self.finished, f"{which}{words}  {speed:,.0f} frames/s")

        return report


@dataclass
class _ShotFinder:
    """Finds and writes the shots of one video after another."""

    choice: DetectorChoice
    outputs: Outputs
    threads: int
    stems: dict[Path, str]
    counter: _Counter
    unreadable: list[UnreadableFile]
    videos: list[dict[str, Any]] = field(default_factory=list)
    damaged: list[dict[str, Any]] = field(default_factory=list)
    not_written: list[dict[str, str]] = field(default_factory=list)
    place: int = 0

    def process(self, path: Path) -> None:
        """Find and write the shots of one video; if it cannot be read, note that and go on."""
        self.place += 1
        try:
            shots = self._find(path)
            files = self._write(shots)
        except UnreadableVideo as error:
            self.unreadable.append(UnreadableFile(str(path), error.reason, error.position))
            return
        video = as_json(shots)
        self.videos.append(video | {"files": files})
        if shots.damage.failed_packets:
            self.damaged.append({"path": str(path), **video["damage"]})

    def result(self, seconds: float) -> ShotsResult:
        return ShotsResult(
            videos=self.videos,
            shots=sum(len(video["shots"]) for video in self.videos),
            frames=sum(video["frames"] for video in self.videos),
            unreadable=[asdict(one) for one in self.unreadable],
            damaged=self.damaged,
            not_written=self.not_written,
            seconds=round(seconds, 3),
        )

    def _find(self, path: Path) -> ShotList:
        try:
            with VideoSource(path, self.threads) as source:
                return find_shots(source, self.choice, self._report(path, "finding the shots of"))
        except UnreadableVideo:
            raise
        except Exception as error:
            # One file that trips a library must not end a run over many.
            raise UnreadableVideo(f"{type(error).__name__}: {error}", "unknown") from error

    def _report(self, path: Path, doing: str) -> Callable[[int], None]:
        return self.counter.on_frames(self.place, f"{doing} {printable(Path(self.stems[path]))}")

    def _write(self, shots: ShotList) -> dict[str, Any]:
        """Write the chosen files of a video: the path of each, by kind."""
        files: dict[str, Any] = {}
        for kind in self.outputs.kinds:
            path = self.outputs.path(self.stems[shots.path], kind)
            try:
                replace_text(path, self._text(kind, shots))
            except ValueError as error:
                self.not_written.append({"path": str(path), "reason": str(error)})
                continue
            except OSError as error:
                raise EruvError(f"cannot write {path}: {error.strerror}") from error
            files[kind] = str(path)
        if self.outputs.split is not None:
            files["shots"] = self._split(shots, self.outputs.split)
        return files

    def _split(self, shots: ShotList, folder: Path) -> list[dict[str, Any]]:
        stem = self.stems[shots.path]
        report = self._report(shots.path, "writing the shots of")
        try:
            written = split_shots(shots, folder, stem, threads=self.threads, on_frames=report)
        except EruvError as error:
            self.not_written.append({"path": str(folder / stem), "reason": str(error)})
            return []
        return [{"shot": one.shot, "path": str(one.path), "how": one.how} for one in written]

    def _text(self, kind: str, shots: ShotList) -> str:
        if kind == "html":
            report = self._report(shots.path, "pictures of")
            return contact_sheet(shots, threads=self.threads, on_frames=report)
        return {"csv": csv_text, "edl": edl_text, "otio": otio_text}[kind](shots)
