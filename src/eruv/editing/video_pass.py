"""The one pass over a source video: cuts, segments and the proxy come out of it together.

Comes in: a path. Goes out: a record of the video, and its proxy on disk.
"""

import hashlib
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from eruv.editing.segments import Segment, SegmentSettings, cut_segments
from eruv.editing.shots import LUMA_HEIGHT, LUMA_WIDTH, CutSettings, ShotDetector
from eruv.media.orientation import UPRIGHT, orientation_of_frame
from eruv.media.proxy import ProxySettings, ProxyWriter
from eruv.media.scaling import Plane, Scaler
from eruv.media.video import VideoSource

BATCH_FRAMES = 32
HASH_BYTES = 1 << 20

OnFrames = Callable[[int], None]


@dataclass(frozen=True)
class EditingSettings:
    """Everything that decides what a video becomes; saved with a library."""

    cuts: CutSettings = field(default_factory=CutSettings)
    segments: SegmentSettings = field(default_factory=SegmentSettings)
    proxy: ProxySettings = field(default_factory=ProxySettings)

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """The settings that `dataclasses.asdict` turned into a dictionary."""
        return cls(
            CutSettings(**stored["cuts"]),
            SegmentSettings(**stored["segments"]),
            ProxySettings(**stored["proxy"]),
        )


@dataclass(frozen=True)
class EditedVideo:
    """What one pass found; frame numbers count decoded frames, in order of display.

    Attributes:
        video_id: SHA-256 of all bytes of the file, in hexadecimal.
        width, height: of the upright picture.
        frames_per_second: average, as the container states it.
        num_frames: decoded frames, equal to the proxy's.
        start_s, end_s: presentation time of the first frame and of the end of the last.
        shots: half-open frame ranges without holes; shots_s are the same in seconds.
        segments: of the shots that are long enough; segments_s are the same in seconds.
        packets, failed_packets, lost_s, first_failure: the damage.
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


def video_id_of(path: Path) -> str:
    """SHA-256 over all bytes of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(HASH_BYTES):
            digest.update(block)
    return digest.hexdigest()


def edit_video(
    path: Path,
    video_id: str,
    proxy_path: Path,
    settings: EditingSettings,
    on_frames: OnFrames = lambda count: None,
    threads: int = 1,
) -> EditedVideo:
    """Decode a file once; find its shots and segments and write its proxy.

    Args:
        path: the source.
        video_id: see `video_id_of`.
        proxy_path: where the proxy goes; nothing is left there on failure.
        settings: cuts, segments and encoding.
        on_frames: called now and then with the number of frames done.
        threads: decoding threads.

    Raises:
        UnreadableVideo: if there is no video stream, no frame, or most packets fail.
    """
    detector = ShotDetector(settings.cuts)
    times = array("d")
    with (
        VideoSource(path, threads) as source,
        ProxyWriter(proxy_path, settings.proxy, source.rate) as proxy,
    ):
        luma_scaler = Scaler(LUMA_HEIGHT, LUMA_WIDTH, "gray")
        proxy_scaler = Scaler(settings.proxy.height, settings.proxy.width, "yuv420p")
        batch: list[Plane] = []
        orientation, width, height = UPRIGHT, 0, 0
        for frame in source.frames():
            if not times:
                orientation = orientation_of_frame(frame.picture)
                width, height = frame.picture.width, frame.picture.height
            if frame.after_gap or len(batch) == BATCH_FRAMES:
                _flush(batch, detector)
                on_frames(len(times))
            if frame.after_gap:
                detector.break_here()
            # A copy: the scaled frame's memory is not ours to keep.
            batch.append(luma_scaler.planes(frame.picture, orientation)[0].copy())
            proxy.write(proxy_scaler.planes(frame.picture, orientation))
            times.append(frame.time_s)
        _flush(batch, detector)
        on_frames(len(times))
        rate, damage = source.rate, source.damage
    shots = detector.shots()
    segments = cut_segments(shots, settings.segments)
    seconds = _Seconds(times, float(1 / rate))
    turned = orientation.transpose
    return EditedVideo(
        video_id=video_id,
        width=height if turned else width,
        height=width if turned else height,
        frames_per_second=float(rate),
        num_frames=len(times),
        start_s=times[0],
        end_s=seconds.end(len(times)),
        shots=shots,
        shots_s=[seconds.range(start, end) for start, end in shots],
        segments=segments,
        segments_s=[seconds.range(segment.start, segment.end) for segment in segments],
        packets=damage.packets,
        failed_packets=damage.failed_packets,
        lost_s=damage.lost_s,
        first_failure=damage.first_failure,
    )


@dataclass(frozen=True)
class _Seconds:
    """Frame ranges in seconds, from the presentation times of all frames."""

    times: "array[float]"
    frame_s: float

    def end(self, frame: int) -> float:
        """When the frame before `frame` stops being shown: at the next one, if that is near."""
        shown = self.times[frame - 1] + self.frame_s
        return min(shown, self.times[frame]) if frame < len(self.times) else shown

    def range(self, start: int, end: int) -> tuple[float, float]:
        return self.times[start], self.end(end)


def _flush(batch: list[Plane], detector: ShotDetector) -> None:
    if batch:
        detector.add(np.stack(batch))
        batch.clear()
