"""The one pass over a source video that finds its shots and segments and writes its proxy."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import av

from eruv.detection.detect import ShotList, find_shots
from eruv.detection.detectors import DetectorChoice
from eruv.detection.segments import Segment, SegmentSettings, cut_segments
from eruv.media.orientation import Orientation
from eruv.media.proxy import ProxySettings, ProxyWriter
from eruv.media.scaling import Scaler
from eruv.media.video import VideoSource
from eruv.utils.storage.local_copy import local_copy

HASH_BYTES = 1 << 20

OnFrames = Callable[[int], None]
OnBytes = Callable[[int], None]


@dataclass(frozen=True)
class EditingSettings:
    """How videos are cut and proxies encoded; saved with a library."""

    detector: DetectorChoice = field(default_factory=DetectorChoice)
    segments: SegmentSettings = field(default_factory=SegmentSettings)
    proxy: ProxySettings = field(default_factory=ProxySettings)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """The settings of a dictionary made by `dataclasses.asdict`."""
        return cls(
            DetectorChoice(**stored["detector"]),
            SegmentSettings(**stored["segments"]),
            ProxySettings(**stored["proxy"]),
        )


@dataclass(frozen=True)
class EditedVideo:
    """What one pass found; frame numbers count decoded frames in order of display.

    Attributes:
        video_id: SHA-256 of all bytes of the file, in hexadecimal.
        width, height: of the upright picture.
        frames_per_second: of the times, see `measured_rate`.
        num_frames: decoded frames, equal to the proxy's.
        start_s, end_s: start of the first frame and end of the last.
        shots: half-open frame ranges, without frames of gradual transitions; shots_s are the same
            in seconds.
        segments: of the shots that are long enough; segments_s are the same in seconds.
        packets, failed_packets, lost_s, first_failure: damage of the file.
        proxy_bytes, proxy_sha256: size and digest of the proxy, by which damage is noticed; empty
            where they were not taken.
    """

    video_id: str
    width: int
    height: int
    frames_per_second: float
    num_frames: int
    start_s: float
    end_s: float
    shots: list[tuple[int, int]]
    shots_s: list[tuple[float, float]]
    segments: list[Segment]
    segments_s: list[tuple[float, float]]
    packets: int
    failed_packets: int
    lost_s: float
    first_failure: str
    proxy_bytes: int = 0
    proxy_sha256: str = ""

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """The video of a dictionary made by `dataclasses.asdict`, as a worker sends it."""
        segments = [Segment(**segment) for segment in stored["segments"]]
        return cls(**stored | {"segments": segments})


def video_id_of(path: Path, on_bytes: OnBytes = lambda count: None) -> str:
    """The id of a video: the digest of its file."""
    return sha256_of(path, on_bytes)


def sha256_of(path: Path, on_bytes: OnBytes = lambda count: None) -> str:
    """SHA-256 over all bytes of a file, in hexadecimal.

    Args:
        path: of the file.
        on_bytes: called with the number of bytes of each block that was read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BYTES):
            digest.update(block)
            on_bytes(len(block))
    return digest.hexdigest()


def shots_and_proxy(
    path: Path,
    proxy_path: Path,
    detector: DetectorChoice,
    settings: ProxySettings,
    on_frames: OnFrames,
    threads: int,
) -> ShotList:
    """Find the shots of a file and write its proxy in one pass; see `edit_video`."""
    with (
        VideoSource(path, threads) as source,
        ProxyWriter(proxy_path, settings, source.rate) as proxy,
    ):
        scaler = Scaler(settings.height, settings.width, "yuv420p")

        def write(picture: av.VideoFrame, orientation: Orientation) -> None:
            proxy.write(scaler.planes(picture, orientation))

        found = find_shots(source, detector, on_frames, write)
        source.refuse_still()
        return found


def edit_video(
    path: Path,
    video_id: str,
    proxy_path: Path,
    settings: EditingSettings,
    on_frames: OnFrames = lambda count: None,
) -> EditedVideo:
    """Decode a file once; find its shots and segments and write its proxy.

    Args:
        path: the source.
        video_id: see `video_id_of`.
        proxy_path: of the proxy; nothing remains there after a failure.
        settings: cuts, segments and encoding.
        on_frames: called now and then with the number of frames done.

    Raises:
        UnreadableVideo: if there is no video stream, no frame, or most packets fail.
    """
    found = shots_and_proxy(
        path, proxy_path, settings.detector, settings.proxy, on_frames, threads=1
    )
    shots = [(shot.start, shot.end) for shot in found.shots]
    segments = cut_segments(shots, settings.segments)
    proxy = local_copy(proxy_path)
    return EditedVideo(
        video_id=video_id,
        width=found.width,
        height=found.height,
        frames_per_second=found.frames_per_second,
        num_frames=found.num_frames,
        start_s=found.times.start(0),
        end_s=found.end_s,
        shots=shots,
        shots_s=[(shot.start_s, shot.end_s) for shot in found.shots],
        segments=segments,
        segments_s=[found.times.range(segment.start, segment.end) for segment in segments],
        packets=found.damage.packets,
        failed_packets=found.damage.failed_packets,
        lost_s=found.damage.lost_s,
        first_failure=found.damage.first_failure,
        proxy_bytes=proxy.stat().st_size,
        proxy_sha256=sha256_of(proxy),
    )
