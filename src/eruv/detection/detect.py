"""`eruv.detect_shots`: the shots of one file, in frames and seconds."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from eruv.detection.detectors import DetectorChoice
from eruv.detection.detectors.base import Detection, PictureFormat, Transition
from eruv.detection.detectors.threaded import in_thread
from eruv.detection.joined import JoinedFile, JoinedVideos
from eruv.detection.part import WHOLE, FilmPart
from eruv.media.damage import Damage, UnreadableVideo
from eruv.media.frame_rate import measured_rate, stated_rates
from eruv.media.frame_times import FrameTimes
from eruv.media.orientation import UPRIGHT, Orientation, orientation_of_frame
from eruv.media.sampling import Sampler
from eruv.media.scaling import Scaler
from eruv.media.streams import LeftOutStream, left_out, start_timecode
from eruv.media.video import SourceFrame, VideoSource
from eruv.utils.errors import EruvError
from eruv.utils.storage.remote_path import absolute

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
        first: the first frame that was analysed; those before it are in no shot.
        joined: the files of a film of several; empty for one.
        stream: index of the stream that was read.
        left_out: other films in the file.
        timecode: of the first frame, as the file states it; None if it does not.
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
    first: int = 0
    joined: tuple[JoinedFile, ...] = ()
    stream: int = 0
    left_out: tuple[LeftOutStream, ...] = ()
    timecode: str | None = None

    @property
    def files(self) -> tuple[Path, ...]:
        """Files of the film, in order."""
        return tuple(one.path for one in self.joined) or (self.path,)

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
        """Frames from the film's first to the last that was analysed."""
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
        threads: decoding threads; 0 takes one per core.
        on_frames: called every 32 frames with the number of frames so far.

    Raises:
        EruvError: if the file gives no video.
    """
    choice = DetectorChoice.of(detector)
    path = absolute(path)  # FFmpeg sees an address in a name like "10:30"
    if not path.exists():
        raise EruvError(f"{path} does not exist. Pass a video file.")
    try:
        with VideoSource(path, threads) as source:
            return find_shots(source, choice, on_frames)
    except UnreadableVideo as error:
        raise EruvError(f"{path}: {error}") from error


def find_shots(
    source: VideoSource | JoinedVideos,
    choice: DetectorChoice,
    on_frames: Callable[[int], None] = lambda count: None,
    on_picture: Callable[[av.VideoFrame, Orientation], None] | None = None,
    part: FilmPart = WHOLE,
) -> ShotList:
    """Decode an open video to its end and find its shots.

    Args:
        source: not decoded yet.
        choice: of the detector.
        on_frames: called every 32 frames with the number of frames so far.
        on_picture: called with every frame, for other work in the same pass.
        part: to analyse; frames are counted from the film's first one all the same.

    Raises:
        UnreadableVideo: if no frame comes out of the part, or most packets fail.
        ValueError: if the part is given in timecode that cannot count the film's rate.
    """
    detector = choice.make()
    scaler = _scaler(detector.picture)
    times = FrameTimes(float(1 / source.rate))
    orientation, size = UPRIGHT, (0, 0)
    first = 0
    # A source with one thread is one of several processes that share the cores.
    with nullcontext(detector) if source.threads == 1 else in_thread(detector) as running:
        for frame, is_in_part in _frames_to_end_of(part, source):
            if not len(times):
                orientation = orientation_of_frame(frame.picture)
                size = orientation.shown_size(frame.picture.width, frame.picture.height)
            times.add(frame.time_s, frame.after_gap, frame.shown_s)
            if len(times) % REPORT_FRAMES == 0:
                on_frames(len(times))
            if not is_in_part:
                first = len(times)
                continue
            if frame.after_gap:
                running.break_here()
            running.add(scaler.planes(frame.picture, orientation), frame.time_s)
            if on_picture:
                on_picture(frame.picture, orientation)
        on_frames(len(times))
        if first == len(times):
            raise UnreadableVideo("no frame starts in the part to analyse", _reached(times))
        found = running.finish()
    return _shot_list(source, choice, size, times, found, first)


def _frames_to_end_of(
    part: FilmPart, source: VideoSource | JoinedVideos
) -> Iterator[tuple[SourceFrame, bool]]:
    """All frames before the end of a part, and whether they are in it."""
    bounds: tuple[float, float] | None = None
    opened = opened_file(source)
    timecode = start_timecode(opened.container, opened.stream)
    for frame in source.frames():
        bounds = bounds or part.bounds(frame.time_s, float(source.rate), timecode)
        if frame.time_s >= bounds[1]:
            return
        yield frame, frame.time_s >= bounds[0]


def _shot_list(
    source: VideoSource | JoinedVideos,
    choice: DetectorChoice,
    size: tuple[int, int],
    times: FrameTimes,
    found: Detection,
    first: int,
) -> ShotList:
    """The result of a detector that saw the frames from `first` on."""
    rate = rate_of(source, times)
    times.frame_s = float(1 / rate)
    if isinstance(source, VideoSource) and source.own_end_s is not None:
        times.end_by(source.own_end_s)
    opened = opened_file(source)
    ranges = [(first + start, first + end) for start, end in found.shots]
    return ShotList(
        path=source.path,
        detector=choice,
        width=size[0],
        height=size[1],
        rate=rate,
        times=times,
        shots=tuple(Shot(*one, *times.range(*one)) for one in ranges),
        transitions=tuple(
            replace(one, start=first + one.start, end=first + one.end) for one in found.transitions
        ),
        scores=np.concatenate([np.zeros(first, np.float32), found.scores]),
        threshold=found.threshold,
        damage=source.damage,
        first=first,
        joined=source.files if isinstance(source, JoinedVideos) else (),
        stream=opened.stream.index,
        left_out=left_out(opened.container, opened.stream),
        timecode=start_timecode(opened.container, opened.stream),
    )


def opened_file(source: VideoSource | JoinedVideos) -> VideoSource:
    """The file from which the film takes its properties."""
    return source.properties if isinstance(source, JoinedVideos) else source


def rate_of(source: VideoSource | JoinedVideos, times: FrameTimes) -> Fraction:
    """Frames per second of a video that has been read."""
    stream = source.stream
    tick_s = float(stream.time_base or 0)
    return measured_rate(
        times.array(), times.after_gaps, stated_rates(stream), tick_s, times.last_shown_s
    )


def _reached(times: FrameTimes) -> str:
    if not len(times):
        return "the film starts after it"
    return f"the film was read up to {times.end(len(times)):.3f} s"


def _scaler(picture: PictureFormat) -> Scaler | Sampler:
    if picture.format == "yuv420p":
        return Sampler(picture.height, picture.width)
    return Scaler(picture.height, picture.width, picture.format)
