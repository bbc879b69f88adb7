"""`eruv.detect_shots`: a file comes in, its shots in frames and seconds go out."""

import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from eruv.detection.detector import PictureFormat, Transition
from eruv.detection.detectors import DetectorChoice
from eruv.detection.parallel_detector import in_parallel
from eruv.media.frame_times import FrameTimes
from eruv.media.orientation import UPRIGHT, Orientation, orientation_of_frame
from eruv.media.sampling import Sampler
from eruv.media.scaling import Scaler
from eruv.media.video import Damage, UnreadableVideo, VideoSource
from eruv.utils.errors import EruvError

REPORT_FRAMES = 32


@dataclass(frozen=True)
class Shot:
    """Frames [start, end) without a cut, shown from start_s to end_s."""

    start: int
    end: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class ShotList:
    """What is known about the shots of one file; frames count decoded ones in order of display.

    Attributes:
        path: of the file.
        detector: name, version and parameters.
        width, height: of the upright picture.
        frames_per_second: average, as the container states it.
        times: of presentation of every frame.
        shots: in order; frames of gradual transitions are in none.
        transitions: between them.
        scores: (num_frames,), how much each frame looks like the first of a new shot.
        threshold: score of a cut.
        damage: what could not be decoded.
    """

    path: Path
    detector: DetectorChoice
    width: int
    height: int
    frames_per_second: float
    times: FrameTimes
    shots: tuple[Shot, ...]
    transitions: tuple[Transition, ...]
    scores: NDArray[np.float32]
    threshold: float
    damage: Damage

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Presentation time of every frame (num_frames,)."""
        return self.times.array()

    @property
    def end_s(self) -> float:
        """When the last frame stops being shown."""
        return self.times.end(len(self.times))

    @property
    def num_frames(self) -> int:
        return len(self.times)


def detect_shots(
    path: Path | str,
    detector: DetectorChoice | str | None = None,
    *,
    threads: int = 0,
    on_frames: Callable[[int], None] = lambda count: None,
) -> ShotList:
    """Find the shots of one video.

    Args:
        path: of the file.
        detector: a name, or a choice with parameters; the default where it is None.
        threads: decoding threads; 0 takes one a core.
        on_frames: called now and then with the number of frames done.

    Raises:
        EruvError: if the file gives no video.
    """
    choice = DetectorChoice.of(detector)
    path = Path(os.path.abspath(path))  # FFmpeg sees an address in a name like "10:30"
    if not path.exists():
        raise EruvError(f"{path} does not exist. Name a video file.")
    try:
        with VideoSource(path, threads) as source:
            return find_shots(source, choice, on_frames)
    except UnreadableVideo as error:
        raise EruvError(f"{path}: {error}") from error


def find_shots(
    source: VideoSource,
    choice: DetectorChoice,
    on_frames: Callable[[int], None] = lambda count: None,
    on_picture: Callable[[av.VideoFrame, Orientation], None] | None = None,
) -> ShotList:
    """Decode an open video to its end and find its shots.

    Args:
        source: nothing of it has been decoded yet.
        choice: of the detector.
        on_frames: called now and then with the number of frames done.
        on_picture: is shown every frame, for what else is to be done in the same pass.

    Raises:
        UnreadableVideo: if no frame comes out, or most packets fail.
    """
    detector = choice.make()
    scaler = _scaler(detector.picture)
    times = FrameTimes(float(1 / source.rate))
    orientation, width, height = UPRIGHT, 0, 0
    # A source with one thread is one of several that share the cores already.
    with nullcontext(detector) if source.threads == 1 else in_parallel(detector) as judge:
        for frame in source.frames():
            if not len(times):
                orientation = orientation_of_frame(frame.picture)
                width, height = orientation.shown_size(frame.picture.width, frame.picture.height)
            if frame.after_gap:
                judge.break_here()
            judge.add(scaler.planes(frame.picture, orientation))
            if on_picture:
                on_picture(frame.picture, orientation)
            times.add(frame.time_s, frame.after_gap)
            if len(times) % REPORT_FRAMES == 0:
                on_frames(len(times))
        on_frames(len(times))
        found = judge.finish()
    return ShotList(
        path=source.path,
        detector=choice,
        width=width,
        height=height,
        frames_per_second=float(source.rate),
        times=times,
        shots=tuple(Shot(start, end, *times.range(start, end)) for start, end in found.shots),
        transitions=found.transitions,
        scores=found.scores,
        threshold=found.threshold,
        damage=source.damage,
    )


def _scaler(picture: PictureFormat) -> Scaler | Sampler:
    if picture.format == "yuv420p":
        return Sampler(picture.height, picture.width)
    return Scaler(picture.height, picture.width, picture.format)
