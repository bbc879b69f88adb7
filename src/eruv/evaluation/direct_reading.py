"""Any video file, read as recognition reads the videos of a library: by a proxy, for the moment."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av

from eruv.clips.reader import ClipReader
from eruv.clips.spec import ClipSize
from eruv.detection.detect import ShotList, find_shots
from eruv.detection.detectors import DetectorChoice
from eruv.media.orientation import Orientation
from eruv.media.proxy import ProxySettings, ProxyWriter
from eruv.media.scaling import Scaler
from eruv.media.video import UnreadableVideo, VideoSource


@dataclass(frozen=True)
class DirectVideo:
    """A video that was read once.

    Attributes:
        shots: with times and damage.
        proxy: the same frames, small; the caller removes it.
        settings: of the proxy.
    """

    shots: ShotList
    proxy: Path
    settings: ProxySettings

    def stretches(self, by_shot: bool) -> list[tuple[int, int]]:
        """Frames [start, end) of each shot, or of the whole video."""
        if by_shot:
            return [(shot.start, shot.end) for shot in self.shots.shots]
        return [(0, self.shots.num_frames)]

    def reader(self, size: ClipSize) -> ClipReader:
        """A reader of clips of the video, which has the number 0."""
        return ClipReader([self.proxy], self.settings, size)


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
        threads: decoding threads; 0 takes one a core.
        on_frames: called now and then with the number of frames done.

    Raises:
        UnreadableVideo: if the file gives no video.
        OSError: if the proxy cannot be written.
    """
    proxy_path = folder / f"{os.getpid()}.mp4"
    try:
        with (
            VideoSource(path, threads) as source,
            ProxyWriter(proxy_path, settings, source.rate) as proxy,
        ):
            scaler = Scaler(settings.height, settings.width, "yuv420p")

            def write(picture: av.VideoFrame, orientation: Orientation) -> None:
                proxy.write(scaler.planes(picture, orientation))

            shots = find_shots(source, DetectorChoice(), on_frames, write)
    except (UnreadableVideo, OSError):
        raise
    except Exception as error:
        # One file that trips a library must not end the work on many.
        raise UnreadableVideo(f"{type(error).__name__}: {error}", "unknown") from error
    return DirectVideo(shots, proxy_path, settings)
