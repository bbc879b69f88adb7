"""Video files without a library: each is decoded once into a temporary proxy, as ingest does it."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from eruv.clips.reader import ClipReader
from eruv.clips.spec import ClipSize
from eruv.detection.detect import ShotList
from eruv.detection.detectors import DetectorChoice
from eruv.library.video_pass import shots_and_proxy
from eruv.media.damage import UnreadableVideo
from eruv.media.discovery import UnreadableFile, no_videos, search_videos
from eruv.media.estimate import estimate_frames
from eruv.media.proxy import ProxySettings
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError
from eruv.utils.paths import Paths, printable


@dataclass(frozen=True)
class DirectVideo:
    """A video that was read once.

    Attributes:
        shots: with times and damage.
        proxy: the same frames, small.
        settings: of the proxy.
        seconds: that reading took.
    """

    shots: ShotList
    proxy: Path
    settings: ProxySettings
    seconds: float

    def spans(self, by_shot: bool) -> list[tuple[int, int]]:
        """Frames [start, end) of each shot, or of the whole video."""
        if by_shot:
            return [(shot.start, shot.end) for shot in self.shots.shots]
        return [(0, self.shots.num_frames)]

    def reader(self, size: ClipSize) -> ClipReader:
        """A reader of clips of the video, which has the number 0."""
        return ClipReader([self.proxy], self.settings, size)


class DirectVideos:
    """Reads files one after another; a video's proxy is removed when the next one is read.

    Args:
        named: one or several files and folders; folders are searched to the bottom.
        settings: of the proxies that the network was trained on.
        threads: decoding threads; 0 takes one per core.
        title: of the line of progress.

    Attributes:
        unreadable: what was named and gave no video, so far.
        show: prints the progress within the video that was read last, in a few words.

    Raises:
        EruvError: for a negative number of threads.
    """

    def __init__(
        self,
        named: Paths,
        settings: ProxySettings,
        threads: int = 0,
        title: str = "reading",
    ) -> None:
        if threads < 0:
            raise EruvError(f"`threads` must be at least 0 (one per core); got {threads}.")
        self.named, self.settings, self.threads, self.title = named, settings, threads, title
        self.unreadable: list[UnreadableFile] = []
        self.show: Callable[[str], None] = lambda words: None

    def __iter__(self) -> Iterator[DirectVideo]:
        """Each video that can be read.

        Raises:
            EruvError: at the end, if none can.
        """
        paths, self.unreadable = search_videos(self.named)
        expected = estimate_frames(paths, [path.stat().st_size for path in paths]).frames
        frames = 0
        with TemporaryDirectory(prefix="eruv-") as folder, Progress(self.title, expected) as bar:
            for path in paths:
                show = partial(_show, bar, path.name, frames)
                reading = partial(show, "reading")
                try:
                    video = read_directly(path, Path(folder), self.settings, self.threads, reading)
                except UnreadableVideo as error:
                    file = UnreadableFile(str(path), error.reason, error.position)
                    self.unreadable.append(file)
                    continue
                self.show = partial(show, done=video.shots.num_frames)
                yield video
                video.proxy.unlink()
                frames += video.shots.num_frames
        if not frames:
            raise no_videos(self.unreadable)


def _show(bar: Progress, name: str, before: int, words: str, done: int) -> None:
    bar.update(before + done, f"{printable(Path(name))}, {words}")


def read_directly(
    path: Path,
    folder: Path,
    settings: ProxySettings,
    threads: int = 0,
    on_frames: Callable[[int], None] = lambda count: None,
) -> DirectVideo:
    """Decode a file once; find its shots and write its proxy, exactly as ingest does.

    Args:
        path: the source.
        folder: for the proxy.
        settings: of the proxies that the network was trained on.
        threads: decoding threads; 0 takes one per core.
        on_frames: called now and then with the number of frames done.

    Raises:
        UnreadableVideo: if the file gives no video.
        OSError: if the proxy cannot be written.
    """
    started = time.monotonic()
    proxy_path = folder / f"{os.getpid()}.mp4"
    try:
        shots = shots_and_proxy(path, proxy_path, DetectorChoice(), settings, on_frames, threads)
    except (UnreadableVideo, OSError):
        raise
    except Exception as error:
        # One file that trips a library must not end the work on many.
        raise UnreadableVideo(f"{type(error).__name__}: {error}", "unknown") from error
    return DirectVideo(shots, proxy_path, settings, time.monotonic() - started)
