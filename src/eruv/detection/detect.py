"""`eruv.detect_shots`: the shots of one file, in frames and seconds."""

import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from eruv.detection.detectors import DetectorChoice
from eruv.detection.detectors.base import PictureFormat, Transition
from eruv.detection.detectors.threaded import in_thread
from eruv.media.damage import Damage, UnreadableVideo
from eruv.media.frame_rate import measured_rate, stated_rates
from eruv.media.frame_times import FrameTimes
from eruv.media.orientation import UPRIGHT, Orientation, orientation_of_frame
from eruv.media.sampling import Sampler
from eruv.media.scaling import Scaler
from eruv.media.video import VideoSource
from eruv.utils.errors import EruvError

REPORT_FRAMES = 32


@dataclass(frozen=True)
class Shot:
    """Frames [start, end) without a cut, from start_s to end_s."""

    start: int
    end: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class ShotList:
    """The shots of one file; frame numbers count decoded frames in order of display.

    Attributes:
        path: of the file.
        detector: name, version and parameters.
        width, height: of the upright picture.
        rate: frames per second that the times have, see `measured_rate`.
        times: presentation times of all frames.
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
    rate: Fraction
    times: FrameTimes
    shots: tuple[Shot, ...]
    transitions: tuple[Transition, ...]
    scores: NDArray[np.float32]
    threshold: float
    damage: Damage

    @property
    def frames_per_second(self) -> float:
        """The rate as a number."""
        return float(self.rate)

    @property
    def times_s(self) -> NDArray[np.float64]:
        """Presentation times of all frames (num_frames,)."""
        return self.times.array()

    @property
    def edges_s(self) -> NDArray[np.float64]:
        """When each frame starts, and the last one ends (num_frames + 1,)."""
        return np.append(self.times_s, self.end_s)

    @property
    def end_s(self) -> float:
        """When the last frame ends."""
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
        detector: a name, or a choice with parameters; None is the default detector.
        threads: decoding threads; 0 takes one a core.
        on_frames: called every 32 frames with the number of frames so far.

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
        source: not decoded yet.
        choice: of the detector.
        on_frames: called every 32 frames with the number of frames so far.
        on_picture: called with every frame, for other work in the same pass.

    Raises:
        UnreadableVideo: if no frame comes out, or most packets fail.
    """
    detector = choice.make()
    scaler = _scaler(detector.picture)
    times = FrameTimes(float(1 / source.rate))
    orientation, width, height = UPRIGHT, 0, 0
    # A source with one thread is one of several processes that share the cores.
    with nullcontext(detector) if source.threads == 1 else in_thread(detector) as running:
        for frame in source.frames():
            if not len(times):
                orientation = orientation_of_frame(frame.picture)
                width, height = orientation.shown_size(frame.picture.width, frame.picture.height)
            if frame.after_gap:
                running.break_here()
            running.add(scaler.planes(frame.picture, orientation))
            if on_picture:
                on_picture(frame.picture, orientation)
            times.add(frame.time_s, frame.after_gap, frame.shown_s)
            if len(times) % REPORT_FRAMES == 0:
                on_frames(len(times))
        on_frames(len(times))
        found = running.finish()
    rate = rate_of(source, times)
    times.frame_s = float(1 / rate)
    return ShotList(
        path=source.path,
        detector=choice,
        width=width,
        height=height,
        rate=rate,
        times=times,
        shots=tuple(Shot(start, end, *times.range(start, end)) for start, end in found.shots),
        transitions=found.transitions,
        scores=found.scores,
        threshold=found.threshold,
        damage=source.damage,
    )


def rate_of(source: VideoSource, times: FrameTimes) -> Fraction:
    """Frames per second of a video that has been read."""
    stream = source.stream
    tick_s = float(stream.time_base or 0)
    return measured_rate(
        times.array(), times.after_gaps, stated_rates(stream), tick_s, times.last_shown_s
    )


def _scaler(picture: PictureFormat) -> Scaler | Sampler:
    if picture.format == "yuv420p":
        return Sampler(picture.height, picture.width)
    return Scaler(picture.height, picture.width, picture.format)
