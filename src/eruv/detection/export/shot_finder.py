"""Find and write the shots of one video after another; no file ends the work on the others."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eruv.detection.detect import ShotList
from eruv.detection.export.chapter_files import ffmetadata_text, vtt_text
from eruv.detection.export.contact_sheet import contact_sheet
from eruv.detection.export.destinations import Outputs
from eruv.detection.export.edl_file import edl_text
from eruv.detection.export.fcpxml_file import fcpxml_text
from eruv.detection.export.nearby import with_local_files
from eruv.detection.export.otio_file import otio_text
from eruv.detection.export.pictures import write_pictures
from eruv.detection.export.qp_file import qp_text
from eruv.detection.export.rows import as_json, csv_text
from eruv.detection.export.score_table import ScoreTable
from eruv.detection.export.split import split as split_shots
from eruv.detection.search import ShotSearch
from eruv.media.damage import UnreadableVideo
from eruv.media.discovery import UnreadableFile
from eruv.utils.atomic import replace_text
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError
from eruv.utils.paths import printable

TEXTS: dict[str, Callable[[ShotList], str]] = {
    "csv": csv_text,
    "vtt": vtt_text,
    "ffmetadata": ffmetadata_text,
    "qp": qp_text,
}
TIMECODED: dict[str, Callable[[ShotList, str | None], str]] = {
    "edl": edl_text,
    "otio": otio_text,
    "fcpxml": fcpxml_text,
}


@dataclass
class FrameCounter:
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
class ShotFinder:
    """Finds and writes the shots of one film after another.

    Attributes:
        search: how shots are found.
        outputs: what is written, and where.
        threads: that decode and encode.
        stems: names of results, by the films' first files.
        counter: of frames done.
        unreadable: what gave no video.
        videos: what was found in each film, as JSON, with what was written.
        damaged: films that lost frames.
        not_written: files that could not be written.
        scores: the table that gets the scores of all frames; None where there is none.
        place: number of the film, from 1.
    """

    search: ShotSearch
    outputs: Outputs
    threads: int
    stems: dict[Path, str]
    counter: FrameCounter
    unreadable: list[UnreadableFile]
    videos: list[dict[str, Any]] = field(default_factory=list)
    damaged: list[dict[str, Any]] = field(default_factory=list)
    not_written: list[dict[str, str]] = field(default_factory=list)
    scores: ScoreTable | None = None
    place: int = 0

    def process_all(self, films: Sequence[Sequence[Path]]) -> None:
        """Find and write the shots of all films, each of one or more files."""
        with self._score_table(self.outputs.scores):
            for files in films:
                self.process(files)

    def process(self, files: Sequence[Path]) -> None:
        """Find and write the shots of a film of one or more files; failures are recorded."""
        self.place += 1
        path = files[0]
        try:
            report = self._report(path, "finding the shots of")
            shots = self.search.shots_of(files, self.threads, report, self.unreadable.append)
        except UnreadableVideo as error:
            self.unreadable.append(UnreadableFile(str(path), error.reason, error.position))
            return
        video = as_json(shots)
        if shots.damage.failed_packets:
            self.damaged.append({"path": str(path), **video["damage"]})
        written: dict[str, Any] = {}
        self.videos.append(video | {"files": written})
        self._write(shots, written)

    def _report(self, path: Path, doing: str) -> Callable[[int], None]:
        return self.counter.on_frames(self.place, f"{doing} {printable(Path(self.stems[path]))}")

    def _fetching(self, path: Path) -> Callable[[float], None]:
        report, name = self.counter.progress.update, printable(Path(self.stems[path]))
        return lambda share: report(self.counter.finished, f"fetching {name}, {share:.0%}")

    def _write(self, shots: ShotList, files: dict[str, Any]) -> None:
        """Write the chosen files of a video, and record the path of each, by kind."""
        stem, outputs = self.stems[shots.path], self.outputs
        for kind in outputs.kinds:
            path = outputs.path(stem, kind)
            with self._recording_failure(path):
                replace_text(path, self._text(kind, shots))
                files[kind] = str(path)
        if outputs.pictures is not None:
            with self._recording_failure(outputs.pictures / stem):
                report = self._report(shots.path, "pictures of")
                written = write_pictures(
                    shots, outputs.pictures, stem, threads=self.threads, on_frames=report
                )
                files["pictures"] = [str(path) for path in written]
        if outputs.split is not None:
            files["shots"] = []
            with (
                self._recording_failure(outputs.split / stem),
                with_local_files(shots, self._fetching(shots.path)) as local,
            ):
                report = self._report(shots.path, "writing the shots of")
                parts = split_shots(
                    local,
                    outputs.split,
                    stem,
                    from_key_frames=outputs.copy,
                    threads=self.threads,
                    on_frames=report,
                )
                files["shots"] = [asdict(one) | {"path": str(one.path)} for one in parts]
        if self.scores is not None:
            with self._recording_failure(self.scores.path):
                self.scores.add(shots)
                files["scores"] = str(self.scores.path)

    @contextmanager
    def _score_table(self, path: Path | None) -> Iterator[None]:
        if path is None:
            yield
            return
        is_written = False
        try:
            with self._recording_failure(path):
                with ScoreTable(path) as self.scores:
                    yield
                    if not self.videos:
                        raise EruvError("there are no scores, because no video could be read")
                is_written = True
        finally:
            for video in self.videos if not is_written else ():
                video["files"].pop("scores", None)

    @contextmanager
    def _recording_failure(self, path: Path) -> Iterator[None]:
        """Continue where something cannot be written, and record why."""
        try:
            yield
        except (EruvError, UnreadableVideo, ValueError) as error:
            reason = str(error)
        except OSError as error:
            reason = error.strerror or str(error)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
        else:
            return
        self.not_written.append({"path": str(path), "reason": reason})

    def _text(self, kind: str, shots: ShotList) -> str:
        if kind == "html":
            report = self._report(shots.path, "pictures of")
            return contact_sheet(shots, threads=self.threads, on_frames=report)
        if kind in TIMECODED:
            return TIMECODED[kind](shots, self.outputs.timecode)
        return TEXTS[kind](shots)
