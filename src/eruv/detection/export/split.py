"""Write each shot as a video file, copied where that is exact, else encoded."""

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import av
import av.error

from eruv.detection.detect import REPORT_FRAMES, ShotList
from eruv.detection.export.audio import AudioTrack, open_audio
from eruv.detection.export.copying import copy_shots
from eruv.detection.export.digests import digest
from eruv.detection.export.own_files import comment_of, remove_stale, shot_names
from eruv.detection.export.packet_ranges import (
    CopyPlanner,
    PacketRange,
    Packets,
    jumps,
    read_packets,
)
from eruv.detection.export.shot_writers import EncodingWriter
from eruv.detection.joined import JoinedVideos, open_film
from eruv.media.damage import UnreadableVideo
from eruv.media.opening import error_message
from eruv.media.video import SourceFrame, VideoSource
from eruv.utils.atomic import WholeFiles
from eruv.utils.errors import EruvError

PASSES = 2  # over the copies, and over the video

OnFrames = Callable[[int], None]
Film = VideoSource | JoinedVideos


@dataclass(frozen=True)
class ShotFile:
    """A written shot.

    Attributes:
        shot: its number, from 1.
        path: of its file.
        how: it was made.
        why: it was encoded and not copied.
        early, late: frames in the file before and after the shot.
        audio: how each audio stream was made.
    """

    shot: int
    path: Path
    how: Literal["copied", "encoded"]
    why: str = ""
    early: int = 0
    late: int = 0
    audio: tuple[str, ...] = ()


def split(
    shots: ShotList,
    folder: Path,
    stem: str,
    *,
    from_key_frames: bool = False,
    threads: int = 0,
    on_frames: OnFrames = lambda count: None,
) -> list[ShotFile]:
    """Write all shots of a video with their audio, and remove stale ones of an earlier call.

    Copies are decoded and compared with the source frame by frame, since a stream can break the
    promise of its key frames; those that differ are encoded.

    Args:
        shots: of the video.
        folder: for the files; it exists.
        stem: of the names: STEM-001.mp4, STEM-002.mp4 ...
        from_key_frames: copy each shot from the key frame before it, and compare nothing.
        threads: decoding and encoding threads; 0 takes one per core.
        on_frames: called now and then with the number of frames done, in `PASSES` passes.

    Raises:
        EruvError: if a file cannot be written, or the video has changed.
        UnreadableVideo: if the video can no longer be read.
    """
    paths = [folder / name for name in shot_names(shots, stem)]
    try:
        with WholeFiles() as files:
            splitter = _Splitter(shots, paths, files, threads, on_frames)
            if from_key_frames:
                splitter.plan(CopyPlanner.from_key_frame)
                splitter.copy()
                splitter.encode()
            else:
                splitter.plan(CopyPlanner.exact)
                splitter.copy()
                splitter.compare_and_encode()
    except (av.error.FFmpegError, OSError) as error:
        message = error_message(error)
        raise EruvError(f"cannot write the shots of {shots.path} to {folder}: {message}") from error
    remove_stale(shots, folder, stem, paths)
    return splitter.result()


@dataclass
class _Splitter:
    """The steps of `split`, on partial files.

    Attributes:
        planned: packets of the shots that are copied, by number.
        why: others are encoded, by number.
        silent: why audio cannot be placed; empty if it can.
    """

    shots: ShotList
    paths: list[Path]
    files: WholeFiles
    threads: int
    on_frames: OnFrames
    packets: Packets | None = None
    planned: dict[int, PacketRange] = field(default_factory=dict)
    why: dict[int, str] = field(default_factory=dict)
    audio: dict[int, tuple[str, ...]] = field(default_factory=dict)
    silent: str = ""

    def plan(self, choose: Callable[[CopyPlanner, int, int], PacketRange | str]) -> None:
        """Find what can be copied, and why others cannot."""
        found: Packets | str
        if self.shots.joined:
            found = "the film is of several files"
        elif self.shots.damage.failed_packets:
            found = "the file is damaged"
        else:
            found = read_packets(self.shots.path)
        if isinstance(found, str):
            self.why = dict.fromkeys(range(1, len(self.paths) + 1), found)
            return
        self.packets, planner = found, CopyPlanner(found, self.shots.times_s)
        if jumps(found, self.shots.times_s):
            self.silent = "dropped: the file's timestamps jump"
        for number, shot in enumerate(self.shots.shots, start=1):
            range_or_why = choose(planner, shot.start, shot.end)
            if isinstance(range_or_why, str):
                self.why[number] = range_or_why
            else:
                self.planned[number] = range_or_why

    def copy(self) -> None:
        """Copy all shots that are planned."""
        if not self.planned or self.packets is None:
            return
        tracks = self._tracks(copy=True)
        try:
            copy_shots(self.shots, self.packets, self.planned, self._target, tracks, self.on_frames)
        except (ValueError, av.error.FFmpegError) as error:
            message = error_message(error)
            why = f"{self.paths[0].suffix} files cannot hold its packets: {message}"
            self.why |= dict.fromkeys(self.planned, why)
            self.planned = {}
        self.audio |= dict.fromkeys(self.planned, self._how(tracks))

    def compare_and_encode(self) -> None:
        """Encode shots that were not copied, or whose copies differ from the source."""
        digests: dict[int, list[int]] = {}
        compared = 0
        for number in self.planned:
            digests[number] = list(self._digests_of_copy(number))
            compared += len(digests[number])
            self.on_frames(compared)
        for number in self._pass(self.why.keys(), digests):
            del self.planned[number]
            self.why[number] = "a copy shows other pictures"
        wrong = digests.keys() - self.planned.keys()
        if wrong:
            self._pass(wrong, {})

    def encode(self) -> None:
        """Encode the shots that were not copied."""
        if self.why:
            self._pass(self.why.keys(), {})
        self.on_frames(PASSES * self.shots.num_frames)

    def result(self) -> list[ShotFile]:
        return [
            ShotFile(
                number,
                path,
                "encoded" if number in self.why else "copied",
                self.why.get(number, ""),
                self.planned[number].early if number in self.planned else 0,
                self.planned[number].late if number in self.planned else 0,
                self.audio.get(number, ()),
            )
            for number, path in enumerate(self.paths, start=1)
        ]

    def _tracks(self, copy: bool) -> list[AudioTrack]:
        return [] if self.silent else open_audio(self.shots, self.paths[0].suffix, copy)

    def _how(self, tracks: list[AudioTrack]) -> tuple[str, ...]:
        return (self.silent,) if self.silent else tuple(track.how for track in tracks)

    def _digests_of_copy(self, number: int) -> Iterator[int]:
        last_pts = -1
        try:
            with VideoSource(self._target(number)[0], self.threads) as copy:
                for frame in copy.frames():
                    pts = frame.picture.pts
                    if pts is None or pts <= last_pts:
                        return  # the source holds times of decoding only
                    last_pts = pts
                    yield digest(frame.picture)
        except UnreadableVideo:
            return

    def _pass(self, encoded: Collection[int], copied: dict[int, list[int]]) -> set[int]:
        """Decode the video once: encode some shots, and return those whose copies differ."""
        wrong: set[int] = set()
        tracks = self._tracks(copy=False) if encoded else []
        self.audio |= dict.fromkeys(encoded, self._how(tracks))
        with open_film(self.shots.files, self.threads) as source, ExitStack() as stack:
            for track in tracks:
                stack.enter_context(track)
            frames = enumerate(source.frames())
            for number, shot in enumerate(self.shots.shots, start=1):
                pictures = self._pictures(frames, shot.start, shot.end)
                if number in encoded:
                    found = self._encode_shot(number, source, tracks, pictures)
                elif number in copied:
                    digests = [digest(picture) for _, picture in pictures]
                    found = len(digests)
                    if digests != copied[number]:
                        wrong.add(number)
                else:
                    continue
                if found != shot.end - shot.start:
                    raise EruvError(
                        f"{self.shots.path} has changed since its shots were found. "
                        f"Run eruv shots again."
                    )
        self.on_frames(PASSES * self.shots.num_frames)
        return wrong

    def _pictures(
        self, frames: Iterator[tuple[int, SourceFrame]], start: int, end: int
    ) -> Iterator[tuple[int, av.VideoFrame]]:
        """Frames [start, end); earlier ones are skipped."""
        for place, frame in frames:
            if place % REPORT_FRAMES == 0:
                self.on_frames(self.shots.num_frames + place)
            if place >= start:
                yield place, frame.picture
            if place == end - 1:
                return

    def _encode_shot(
        self,
        number: int,
        source: Film,
        tracks: list[AudioTrack],
        pictures: Iterator[tuple[int, av.VideoFrame]],
    ) -> int:
        times = self.shots.edges_s
        shot = self.shots.shots[number - 1]
        with EncodingWriter(
            *self._target(number),
            source,
            self.shots.rate,
            tracks,
            (shot.start_s, shot.end_s),
            self.threads,
        ) as writer:
            for place, picture in pictures:
                # Frames may be missing after the last one.
                shown_s = min(float(times[place + 1]), shot.end_s) - float(times[place])
                writer.write(picture, float(times[place]) - shot.start_s, shown_s)
        return writer.num_frames

    def _target(self, number: int) -> tuple[Path, str, str]:
        """Where to write a shot, its suffix, and its comment."""
        path = self.paths[number - 1]
        return self.files.partial(path), path.suffix, comment_of(self.shots, number)
