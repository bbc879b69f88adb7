"""Several files as one film: frames and seconds are counted over all of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import av

from eruv.media.damage import Damage, UnreadableVideo
from eruv.media.discovery import UnreadableFile
from eruv.media.frame_times import FrameTimes
from eruv.media.video import SourceFrame, VideoSource


@dataclass(frozen=True)
class JoinedFile:
    """A file of a joined film, and where it begins in it.

    Attributes:
        path: of the file.
        first: its first frame.
        start_s: when that starts.
        shift_s: what is added to the file's own clock.
    """

    path: Path
    first: int
    start_s: float
    shift_s: float


class JoinedVideos:
    """Files one after another, with the interface of a `VideoSource`.

    The clock is that of the first file. Each further file begins where the one before it ends. A
    file that gives no video is skipped and leaves a gap.

    Args:
        paths: of the files, at least one.
        threads: decoding threads.
        on_unreadable: called with each file that is skipped.

    Raises:
        UnreadableVideo: if none of them is a video.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        threads: int = 1,
        on_unreadable: Callable[[UnreadableFile], None] = lambda file: None,
    ) -> None:
        self.path, self.paths, self.threads = paths[0], tuple(paths), threads
        self.properties = self._first_readable()
        self.rate = self.properties.rate
        self.damage = Damage()
        self.files: tuple[JoinedFile, ...] = ()
        self.on_unreadable = on_unreadable

    def _first_readable(self) -> VideoSource:
        *others, last = self.paths
        for path in others:
            try:
                return VideoSource(path, self.threads)
            except UnreadableVideo:
                continue
        return VideoSource(last, self.threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.properties.container.close()

    @property
    def stream(self) -> av.VideoStream:
        """The stream of the first readable file, for its properties alone."""
        return self.properties.stream

    def frames(self) -> Iterator[SourceFrame]:
        """Every frame of all files; `files` grows as they are reached.

        Raises:
            UnreadableVideo: at the end, if no frame came out.
        """
        times = FrameTimes(float(1 / self.rate))
        for path in self.paths:
            try:
                yield from self._frames_of(path, times)
            except UnreadableVideo as error:
                self.on_unreadable(UnreadableFile(str(path), error.reason, error.position))
                if len(times):
                    times.after_gaps.add(len(times))
        if not len(times):
            raise UnreadableVideo("no frame could be decoded in any file", str(self.path))

    def _frames_of(self, path: Path, times: FrameTimes) -> Iterator[SourceFrame]:
        first, shift_s = len(times), 0.0
        with VideoSource(path, self.threads) as source:
            for frame in source.frames():
                if len(times) == first:
                    shift_s = times.end(first) - frame.time_s if first else 0.0
                    start = JoinedFile(path, first, frame.time_s + shift_s, shift_s)
                    self.files = (*self.files, start)
                    times.frame_s = float(1 / source.rate)
                after_gap = frame.after_gap or len(times) in times.after_gaps
                times.add(frame.time_s + shift_s, after_gap, frame.shown_s)
                yield frame._replace(time_s=frame.time_s + shift_s, after_gap=after_gap)
            self._add_damage(source.damage, path)

    def _add_damage(self, damage: Damage, path: Path) -> None:
        total = self.damage
        first = total.first_failure
        if damage.first_failure and not first:
            first = f"{path.name}, {damage.first_failure}"
        self.damage = replace(
            total,
            packets=total.packets + damage.packets,
            failed_packets=total.failed_packets + damage.failed_packets,
            lost_s=total.lost_s + damage.lost_s,
            first_failure=first,
        )


def open_film(
    paths: Sequence[Path],
    threads: int = 1,
    on_unreadable: Callable[[UnreadableFile], None] = lambda file: None,
) -> VideoSource | JoinedVideos:
    """One video, or several joined.

    Raises:
        UnreadableVideo: if none of them is a video.
    """
    if len(paths) == 1:
        return VideoSource(paths[0], threads)
    return JoinedVideos(paths, threads, on_unreadable)
