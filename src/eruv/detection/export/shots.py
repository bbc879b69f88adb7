"""`eruv shots`: videos come in; their shots go out, as a result and as files.

Nothing here needs torch or the database.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eruv.detection.detect import ShotList, find_shots
from eruv.detection.detectors import DetectorChoice
from eruv.detection.export.contact_sheet import contact_sheet
from eruv.detection.export.csv_file import csv_text
from eruv.detection.export.destinations import Wanted, stems
from eruv.detection.export.edl_file import edl_text
from eruv.detection.export.rows import as_json
from eruv.detection.export.shot_names import is_own_shot
from eruv.detection.export.split import split as split_shots
from eruv.library.discovery import find_videos
from eruv.library.estimate import estimate_ingest
from eruv.media.video import UnreadableVideo, VideoSource
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError
from eruv.utils.output_files import write_text
from eruv.utils.paths import Paths, paths_of, printable

Result = dict[str, Any]


def shots(
    videos: Paths,
    *,
    detector: DetectorChoice | str | None = None,
    to: Path | str = ".",
    csv: bool = False,
    edl: bool = False,
    html: bool = False,
    split: Path | str | None = None,
    threads: int = 0,
) -> Result:
    """Find the shots of videos, and write what is asked for.

    Args:
        videos: files and folders; folders are searched to the bottom.
        detector: a name, or a choice with parameters; the default where it is None.
        to: folder for NAME.shots.csv, NAME.shots.edl and NAME.shots.html.
        csv, edl, html: which of them to write; html is a contact sheet.
        split: folder for every shot as a video file; None writes none.
        threads: decoding and encoding threads; 0 takes one a core.

    Returns:
        `videos` with their shots and written files, `unreadable`, `damaged`, `not_written`, and
        totals; what `eruv shots --json` prints. `eruv.detect_shots` gives scores and times of
        all frames, too.

    Raises:
        EruvError: if no video could be read, a folder cannot be written to, or a file is in the
            way that `eruv shots` did not write.
    """
    started = time.monotonic()
    if threads < 0:
        raise EruvError(f"threads is at least 0 (one a core); got {threads}")
    choice = DetectorChoice.of(detector)
    choice.make()  # a missing extra is no fault of the files
    kinds = {"csv": csv, "edl": edl, "html": html}
    wanted = Wanted(
        kinds=tuple(kind for kind, asked in kinds.items() if asked),
        to=Path(to),
        split=None if split is None else Path(split),
    )
    found = _Found()
    paths = found.search(videos, wanted.split)
    if wanted.kinds or wanted.split:
        wanted.prepare(paths, stems(paths))
    with Progress("shots", _expected_frames(paths) * wanted.passes) as progress:
        work = _Work(choice, wanted, threads, stems(paths), _Counter(progress, len(paths)), found)
        for path in paths:
            work.one(path)
    found.refuse_nothing()
    return found.result(time.monotonic() - started)


@dataclass
class _Found:
    """What became of each video."""

    videos: list[Result] = field(default_factory=list)
    unreadable: list[dict[str, str]] = field(default_factory=list)
    damaged: list[Result] = field(default_factory=list)
    not_written: list[dict[str, str]] = field(default_factory=list)

    def search(self, named: Paths, split: Path | None) -> list[Path]:
        """All videos, each once; what is named and is not there does not stop the others.

        Shots that an earlier call wrote to the folder `split` are no videos of a folder.
        """
        paths: set[Path] = set()
        for name in paths_of(named):
            try:
                below = find_videos([name])
                if split is not None and os.path.isdir(name):
                    below = [path for path in below if not is_own_shot(path, split)]
                paths.update(below)
            except EruvError as error:
                self.unreadable.append({"path": str(name), "reason": str(error), "position": ""})
        if not paths:
            self.refuse_nothing()
        return sorted(paths)

    def refuse_nothing(self) -> None:
        """Stop if there is no video at all.

        Raises:
            EruvError: with all reasons.
        """
        if self.videos:
            return
        reasons = [
            f"{one['path']}: {one['reason']} ({one['position']})"
            if one["position"]
            else one["reason"]
            for one in self.unreadable
        ]
        raise EruvError("; ".join(reasons) or "no video was named")

    def result(self, seconds: float) -> Result:
        return {
            "videos": self.videos,
            "shots": sum(len(video["shots"]) for video in self.videos),
            "frames": sum(video["frames"] for video in self.videos),
            "unreadable": self.unreadable,
            "damaged": self.damaged,
            "not_written": self.not_written,
            "seconds": round(seconds, 3),
        }


@dataclass
class _Counter:
    """Frames decoded in all, for the line of progress."""

    progress: Progress
    num_videos: int
    started: float = field(default_factory=time.monotonic)
    finished: int = 0
    base: int = 0

    def on_frames(self, place: int, words: str) -> Callable[[int], None]:
        """What one pass over the video at `place` reports to."""
        self.base = self.finished

        def report(count: int) -> None:
            self.finished = max(self.finished, self.base + count)
            speed = self.finished / max(1e-3, time.monotonic() - self.started)
            which = f"{place} of {self.num_videos}, " if self.num_videos > 1 else ""
            self.progress.update(self.finished, f"{which}{words}  {speed:,.0f} frames/s")

        return report


@dataclass
class _Work:
    """Finds and writes the shots of one video after another."""

    choice: DetectorChoice
    wanted: Wanted
    threads: int
    stems: dict[Path, str]
    counter: _Counter
    found: _Found
    place: int = 0

    def one(self, path: Path) -> None:
        """Do all that is asked for with one video; if it cannot be read, note that and go on."""
        self.place += 1
        try:
            shots = self._find(path)
            files = self._write(shots)
        except UnreadableVideo as error:
            self.found.unreadable.append(
                {"path": str(path), "reason": error.reason, "position": error.position}
            )
            return
        video = as_json(shots)
        self.found.videos.append(video | {"files": files})
        if shots.damage.failed_packets:
            self.found.damaged.append({"path": str(path), **video["damage"]})

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

    def _write(self, shots: ShotList) -> Result:
        """Write what is wanted of a video: the path of every file."""
        stem = self.stems[shots.path]
        files: Result = {}
        for kind in self.wanted.kinds:
            path = self.wanted.path(stem, kind)
            try:
                text = self._text(kind, shots)
            except ValueError as error:
                self.found.not_written.append({"path": str(path), "reason": str(error)})
                continue
            write_text(path, text)
            files[kind] = str(path)
        if self.wanted.split is not None:
            report = self._report(shots.path, "writing the shots of")
            try:
                written = split_shots(
                    shots, self.wanted.split, stem, threads=self.threads, on_frames=report
                )
            except EruvError as error:
                place = str(self.wanted.split / stem)
                self.found.not_written.append({"path": place, "reason": str(error)})
                written = []
            files["shots"] = [
                {"shot": one.shot, "path": str(one.path), "how": one.how} for one in written
            ]
        return files

    def _text(self, kind: str, shots: ShotList) -> str:
        if kind == "csv":
            return csv_text(shots)
        if kind == "edl":
            return edl_text(shots)
        report = self._report(shots.path, "pictures of")
        return contact_sheet(shots, threads=self.threads, on_frames=report)


def _expected_frames(paths: list[Path]) -> int:
    return estimate_ingest(paths, [os.path.getsize(path) for path in paths], 1).frames
