"""Write each shot as a video file, copied where that is exact, else encoded."""

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av
import av.error

from eruv.detection.detect import ShotList
from eruv.detection.export.digests import digest
from eruv.detection.export.own_files import comment_of, remove_stale, shot_names
from eruv.detection.export.packet_ranges import Packets, Range, copyable, read_packets
from eruv.detection.export.shot_writers import CopyingWriter, EncodingWriter, matrix_of
from eruv.detection.joined import JoinedVideos, open_film
from eruv.media.damage import UnreadableVideo
from eruv.media.video import SourceFrame, VideoSource
from eruv.utils.atomic import WholeFiles
from eruv.utils.errors import EruvError

REPORT_FRAMES = 32
PASSES = 2  # over the copies, and over the video

OnFrames = Callable[[int], None]
Film = VideoSource | JoinedVideos


@dataclass(frozen=True)
class ShotFile:
    """A written shot: its number from 1, its file, and how it was made."""

    shot: int
    path: Path
    how: Literal["copied", "encoded"]


def split(
    shots: ShotList,
    folder: Path,
    stem: str,
    *,
    threads: int = 0,
    on_frames: OnFrames = lambda count: None,
) -> list[ShotFile]:
    """Write all shots of a video, and remove stale ones of an earlier call.

    Copies are decoded and compared with the source frame by frame, since a stream can break the
    promise of its key frames; those that differ are encoded.

    Args:
        shots: of the video.
        folder: for the files; it exists.
        stem: of the names: STEM-001.mp4, STEM-002.mp4 ...
        threads: decoding and encoding threads; 0 takes one a core.
        on_frames: called now and then with the number of frames done, in `PASSES` passes.

    Raises:
        EruvError: if a file cannot be written, or the video has changed.
        UnreadableVideo: if the video can no longer be read.
    """
    paths = [folder / name for name in shot_names(shots, stem)]
    try:
        with WholeFiles() as files:
            splitter = _Splitter(shots, paths, files, threads, on_frames)
            copied = splitter.copy()
            encoded = splitter.encode(copied)
    except (av.error.FFmpegError, OSError) as error:
        message = getattr(error, "strerror", None) or str(error)
        raise EruvError(f"cannot write the shots of {shots.path} to {folder}: {message}") from error
    remove_stale(shots, folder, stem, paths)
    return [
        ShotFile(number, path, "encoded" if number in encoded else "copied")
        for number, path in enumerate(paths, start=1)
    ]


@dataclass(frozen=True)
class _Splitter:
    """The two steps of `split`, on partial files."""

    shots: ShotList
    paths: list[Path]
    files: WholeFiles
    threads: int
    on_frames: OnFrames

    def copy(self) -> dict[int, list[int]]:
        """Copy all shots that can be copied: digests of their frames, by shot number."""
        whole = not (self.shots.joined or self.shots.damage.failed_packets)
        packets = read_packets(self.shots.path) if whole else None
        if packets is None:
            return {}
        ranges = [(shot.start, shot.end) for shot in self.shots.shots]
        planned = {
            number: found
            for number, found in enumerate(copyable(packets, self.shots.times_s, ranges), start=1)
            if found[1]
        }
        try:
            if planned:
                self._copy_packets(planned, packets)
        except (ValueError, av.error.FFmpegError):
            return {}  # a codec that the container cannot hold; these shots are encoded
        digests: dict[int, list[int]] = {}
        compared = 0
        for number in planned:
            digests[number] = list(self._digests_of_copy(number))
            compared += len(digests[number])
            self.on_frames(compared)
        return digests

    def _copy_packets(self, planned: dict[int, Range], packets: Packets) -> None:
        firsts = {first: number for number, (first, _) in planned.items()}
        lasts = {last - 1 for _, last in planned.values()}
        matrix = _first_matrix(self.shots.path)
        writer: CopyingWriter | None = None
        with VideoSource(self.shots.path) as source, ExitStack() as stack:
            for place, packet in enumerate(source.packets()):
                if place in firsts:
                    number = firsts[place]
                    partial, suffix, comment = self._target(number)
                    pts = packets.pts[slice(*planned[number])]
                    shot = self.shots.shots[number - 1]
                    length_s = shot.end_s - shot.start_s
                    writer = CopyingWriter(partial, suffix, comment, source, matrix, pts, length_s)
                    stack.enter_context(writer)
                if writer is not None:
                    writer.write(packet)
                if place in lasts:
                    stack.close()
                    writer = None

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

    def encode(self, copied: dict[int, list[int]]) -> set[int]:
        """Encode shots that were not copied or whose copies differ: their numbers."""
        everything = set(range(1, len(self.paths) + 1))
        encoded = everything - copied.keys()
        wrong = self._pass(encoded, copied)
        if wrong:
            self._pass(wrong, {})
        return encoded | wrong

    def _pass(self, encoded: Collection[int], copied: dict[int, list[int]]) -> set[int]:
        """Decode the video once: encode some shots, and return those whose copies differ."""
        wrong: set[int] = set()
        with open_film(self.shots.files, self.threads) as source:
            frames = enumerate(source.frames())
            for number, shot in enumerate(self.shots.shots, start=1):
                pictures = self._pictures(frames, shot.start, shot.end)
                if number in encoded:
                    found = self._encode_shot(number, source, pictures)
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
        self, number: int, source: Film, pictures: Iterator[tuple[int, av.VideoFrame]]
    ) -> int:
        times = self.shots.edges_s
        shot = self.shots.shots[number - 1]
        rate = self.shots.rate
        with EncodingWriter(*self._target(number), source, rate, self.threads) as writer:
            for place, picture in pictures:
                # Frames may be missing behind the last one.
                shown_s = min(float(times[place + 1]), shot.end_s) - float(times[place])
                writer.write(picture, float(times[place]) - shot.start_s, shown_s)
        return writer.num_frames

    def _target(self, number: int) -> tuple[Path, str, str]:
        """Where to write a shot, its suffix, and its comment."""
        path = self.paths[number - 1]
        return self.files.partial(path), path.suffix, comment_of(self.shots, number)


def _first_matrix(path: Path) -> tuple[int, ...] | None:
    with VideoSource(path) as source:
        return matrix_of(next(source.frames()).picture)
