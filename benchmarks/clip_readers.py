"""Readers of clips behind one function: a file and frame numbers come in, pictures go out.

Every reader keeps its files open, as a loader worker would, but the naive one, which is what
many write first. All run on one thread.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from eruv.clips.reader import ClipReader
from eruv.clips.spec import ClipSize, ClipSpec
from eruv.media.proxy import ProxyReader, ProxySettings

Clip = NDArray[np.uint8]
# From the number of a file and frame numbers in order to pictures (T, H, W, 3), or to planes.
Read = Callable[[int, Sequence[int]], Clip]

NOTHING: Clip = np.empty((0, 0, 0, 3), np.uint8)
CROP = 112
CLIP_FRAMES = 16


def requests(counts: Sequence[int], stride: int, seed: int) -> "list[tuple[int, list[int]]]":
    """Files and frame numbers of random clips."""
    rng = np.random.default_rng([seed, stride])
    span = stride * (CLIP_FRAMES - 1) + 1
    found = []
    for _ in range(4096):
        number = int(rng.integers(len(counts)))
        start = int(rng.integers(counts[number] - span + 1))
        found.append((number, list(range(start, start + span, stride))))
    return found


def eruv_reader(paths: Sequence[Path]) -> Read:
    """Ours, from proxies, with its crop, as a processor trains on it."""
    reader, centre = _ours(paths)
    return lambda number, frames: reader.read(ClipSpec(number, tuple(frames), centre))


def planes_reader(paths: Sequence[Path]) -> Read:
    """Ours, as it sends clips to a GPU, which converts and crops them."""
    from eruv.clips.planes import read_plane_clips

    reader, centre = _ours(paths)

    def read(number: int, frames: Sequence[int]) -> Clip:
        planes, _ = read_plane_clips(reader, [ClipSpec(number, tuple(frames), centre)])
        return planes.numpy()

    return read


def _ours(paths: Sequence[Path]) -> tuple[ClipReader, tuple[int, int]]:
    size = ClipSize(crop=CROP)
    return ClipReader(paths, ProxySettings(), size), size.centre


def decoding_reader(paths: Sequence[Path]) -> Read:
    """No reader: ours as far as seeking and decoding."""
    readers = [ProxyReader(path, ProxySettings()) for path in paths]

    def read(number: int, frames: Sequence[int]) -> Clip:
        for _ in readers[number].frames(frames):
            pass
        return NOTHING

    return read


def converting_reader(paths: Sequence[Path]) -> Read:
    """No reader: ours as far as pictures in RGB, which it would crop and copy."""
    readers = [ProxyReader(path, ProxySettings()) for path in paths]
    height, width = ClipSize().height, ClipSize().width

    def read(number: int, frames: Sequence[int]) -> Clip:
        for _, frame in readers[number].frames(frames):
            readers[number].rgb(frame, height, width)
        return NOTHING

    return read


def _by_seeking(container: Any, frames: Sequence[int], format: str = "rgb24") -> Clip:
    stream = container.streams.video[0]
    ticks = 1 / (stream.average_rate * stream.time_base)
    container.seek(int(frames[0] * ticks), stream=stream)
    wanted, pictures = set(frames), []
    for frame in container.decode(stream):
        if round(frame.pts / ticks) in wanted:
            pictures.append(frame.to_ndarray(format=format))
            if len(pictures) == len(wanted):
                break
    return np.stack(pictures)


def naive_reader(paths: Sequence[Path]) -> Read:
    """PyAV as many use it: opened for each clip, converted by `to_ndarray`."""

    def read(number: int, frames: Sequence[int]) -> Clip:
        with av.open(str(paths[number])) as container:
            return _by_seeking(container, frames)

    return read


def pyav_reader(paths: Sequence[Path]) -> Read:
    """PyAV with its files kept open."""
    containers = [av.open(str(path)) for path in paths]
    for container in containers:
        container.streams.video[0].thread_type = "NONE"
    return lambda number, frames: _by_seeking(containers[number], frames)


def pyav_planes_reader(paths: Sequence[Path]) -> Read:
    """The same without converting: planes as they were decoded."""
    containers = [av.open(str(path)) for path in paths]
    for container in containers:
        container.streams.video[0].thread_type = "NONE"
    return lambda number, frames: _by_seeking(containers[number], frames, "yuv420p")


def opencv_reader(paths: Sequence[Path]) -> Read:
    """OpenCV, positioned by frame."""
    import cv2

    cv2.setNumThreads(1)
    captures = [cv2.VideoCapture(str(path), cv2.CAP_FFMPEG) for path in paths]

    def read(number: int, frames: Sequence[int]) -> Clip:
        capture, pictures = captures[number], []
        capture.set(cv2.CAP_PROP_POS_FRAMES, frames[0])
        for frame in range(frames[0], frames[-1] + 1):
            if frame in frames:
                pictures.append(cv2.cvtColor(capture.read()[1], cv2.COLOR_BGR2RGB))
            else:
                capture.grab()
        return np.stack(pictures).astype(np.uint8, copy=False)

    return read


def decord_reader(paths: Sequence[Path]) -> Read:
    """decord."""
    import decord

    readers = [decord.VideoReader(str(path), num_threads=1) for path in paths]
    return lambda number, frames: readers[number].get_batch(list(frames)).asnumpy()


def torchcodec_reader(paths: Sequence[Path]) -> Read:
    """torchcodec with its decoders kept."""
    from torchcodec.decoders import VideoDecoder

    decoders = [
        VideoDecoder(str(path), dimension_order="NHWC", num_ffmpeg_threads=1) for path in paths
    ]
    return lambda number, frames: decoders[number].get_frames_at(list(frames)).data.numpy()


def bound_reader(paths: Sequence[Path]) -> Read:
    """No reader: merely decodes 24 frames, the 16 wanted and the 8 that on average lead there.

    Files are decoded from end to end, without seeking or converting.
    """

    def endless() -> Any:
        while True:
            for path in paths:
                with av.open(str(path)) as container:
                    container.streams.video[0].thread_type = "NONE"
                    yield from container.decode(video=0)

    frames = endless()

    def read(number: int, numbers: Sequence[int]) -> Clip:
        del number, numbers
        for _ in range(24):
            next(frames)
        return NOTHING

    return read


READERS: dict[str, Callable[[Sequence[Path]], Read]] = {
    "eruv": eruv_reader,
    "eruv, as planes": planes_reader,
    "bound": bound_reader,
    "torchcodec": torchcodec_reader,
    "PyAV": pyav_reader,
    "PyAV, as planes": pyav_planes_reader,
    "PyAV, naive": naive_reader,
    "decord": decord_reader,
    "OpenCV": opencv_reader,
}
# Ours as far as it goes, to see where its time goes.
PARTS: dict[str, Callable[[Sequence[Path]], Read]] = {
    "eruv, seeking and decoding": decoding_reader,
    "eruv, and converting": converting_reader,
}
# Those that read sources; ours reads proxies, and the bound is one of proxies.
SOURCE_READERS = ("torchcodec", "PyAV", "PyAV, naive", "decord", "OpenCV")
