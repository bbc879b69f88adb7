"""Write and read the proxy of a video: the same frames, small and with fast random access."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from numpy.typing import NDArray

from eruv.media.scaling import Plane, plane_of
from eruv.utils.atomic import whole_file
from eruv.utils.storage.local_copy import local_copy

LAMBDA = 118  # FFmpeg states a quantizer in this unit
# Looked up once: by name they take a tenth of the time of reading a clip.
ITU601 = int(Colorspace.ITU601)
LIMITED_RANGE, FULL_RANGE = int(ColorRange.MPEG), int(ColorRange.JPEG)


@dataclass(frozen=True)
class ProxySettings:
    """How proxies are encoded; saved with a library, the same for all its videos.

    Attributes:
        height: rows of a picture.
        width: columns of a picture (fact 2); an odd width is stored with its last column
            repeated, since chroma has half the columns.
        quantizer: of FFmpeg's MPEG-4 encoder, the same for all frames: from 1, the finest, to 31.
        key_frame_interval: frames from one key frame to the next.
    """

    height: int = 128
    width: int = 171
    quantizer: int = 3
    key_frame_interval: int = 16

    def __post_init__(self) -> None:
        if self.height < 16 or self.width < 16 or self.height % 2:
            raise ValueError(
                f"a proxy must have an even height and both sides of at least 16 pixels; "
                f"got {self.height}x{self.width}"
            )
        if not 1 <= self.quantizer <= 31:
            raise ValueError(
                f"quantizer must be a number from 1 (finest) to 31; got {self.quantizer}"
            )
        if self.key_frame_interval < 1:
            raise ValueError(
                f"key_frame_interval must be at least 1; got {self.key_frame_interval}"
            )

    @property
    def stored_width(self) -> int:
        """Columns in the file, an even number."""
        return self.width + self.width % 2


def encoder_options(settings: ProxySettings) -> dict[str, str]:
    """Options of FFmpeg's MPEG-4 encoder."""
    return {
        "flags": "+qscale+bitexact",
        "global_quality": str(settings.quantizer * LAMBDA),
        "qmin": str(settings.quantizer),
        "qmax": str(settings.quantizer),
        "g": str(settings.key_frame_interval),
        "sc_threshold": "1000000000",  # a key frame at every cut would shift the others
    }


def _player_rate(rate: Fraction) -> Fraction:
    """A rate near the source's; MPEG-4 has at most 65,535 ticks a second."""
    return min(max(rate, Fraction(1, 60)), Fraction(1000)).limit_denominator(60)


class ProxyWriter(ExitStack):
    """Encodes frames one after another; the file appears when it is complete.

    Args:
        path: where the finished proxy will be.
        settings: size and encoding.
        rate: frames per second for players; positions do not depend on it.
    """

    def __init__(self, path: Path, settings: ProxySettings, rate: Fraction) -> None:
        super().__init__()
        self.settings = settings
        self.num_frames = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.enter_context(whole_file(path))
        self.container = self.enter_context(av.open(str(partial), "w", format="mp4"))
        self.push(self._flush)
        self.stream = self._add_stream(_player_rate(rate))

    def _add_stream(self, rate: Fraction) -> av.VideoStream:
        codec, options = self._encoder()
        stream = self.container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = self.settings.stored_width, self.settings.height
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = 1 / rate
        stream.codec_context.options = options
        return stream

    def _encoder(self) -> tuple[str, dict[str, str]]:
        """Name and options of the encoder."""
        return "mpeg4", encoder_options(self.settings)

    def _flush(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.container.mux(self.stream.encode(None))

    def write(self, planes: Sequence[Plane]) -> None:
        """Append one frame of three yuv420p planes, (H, W) and twice (H/2, ceil(W/2))."""
        frame = av.VideoFrame(self.settings.stored_width, self.settings.height, "yuv420p")
        for index, plane in enumerate(planes):
            stored = plane_of(frame, index)
            stored[:, : plane.shape[1]] = plane
            stored[:, plane.shape[1] :] = plane[:, -1:]
        frame.pts = self.num_frames
        frame.time_base = self.stream.codec_context.time_base
        self.container.mux(self.stream.encode(frame))
        self.num_frames += 1


class ProxyReader:
    """Reads frames of one proxy by number; keep it open to read many clips.

    Raises:
        FileNotFoundError: if the proxy is gone.
    """

    def __init__(self, path: Path, settings: ProxySettings) -> None:
        self.path = path
        self.settings = settings
        self.container = av.open(str(local_copy(path)))
        self.stream = self.container.streams.video[0]
        self.stream.thread_type = "NONE"
        self.reformatter = VideoReformatter()
        assert self.stream.average_rate is not None
        assert self.stream.time_base is not None
        ticks = 1 / (self.stream.average_rate * self.stream.time_base)
        # Two whole numbers: with a Fraction the arithmetic takes as long as decoding.
        self.ticks, self.per_frames = ticks.numerator, ticks.denominator

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    def read(self, frames: Sequence[int], size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
        """The frames of these numbers, in this order; numbers may repeat.

        Args:
            frames: frame numbers, each in [0, num_frames).
            size: (height, width) to scale to; None for the proxy's own.

        Returns:
            RGB, (len(frames), height, width, 3).

        Raises:
            IndexError: if the proxy has no such frame.
        """
        height, width = size or (self.settings.height, self.settings.width)
        pictures = {number: self.rgb(frame, height, width) for number, frame in self.frames(frames)}
        return np.stack([pictures[number] for number in frames])

    def frames(self, numbers: Iterable[int]) -> Iterator[tuple[int, av.VideoFrame]]:
        """Each frame once, with its number, in order of display.

        Args:
            numbers: of frames; all from the first to the last are decoded.

        Yields:
            Number and frame, yuv420p of the stored size.

        Raises:
            IndexError: if the proxy has no such frame.
        """
        missing = set(numbers)
        self.container.seek(min(missing) * self.ticks // self.per_frames, stream=self.stream)
        # PyAV leaks 250 bytes for every generator of packets that is neither exhausted nor closed;
        # `container.decode` never closes its own.
        demuxed: Any = self.container.demux(self.stream)
        with closing(demuxed) as packets:
            for packet in packets:
                for frame in self.stream.decode(packet):
                    assert frame.pts is not None
                    number = (2 * frame.pts * self.per_frames + self.ticks) // (2 * self.ticks)
                    if number in missing:
                        yield number, frame
                        missing.remove(number)
                        if not missing:
                            return
        raise IndexError(f"{self.path} has no frame {min(missing)}")

    def rgb(self, frame: av.VideoFrame, height: int, width: int) -> NDArray[np.uint8]:
        """A frame scaled to a size, RGB (height, width, 3), which may be a view."""
        # The repeated column must not reach the picture: scale the stored width, then cut it off.
        stored = round(width * self.settings.stored_width / self.settings.width)
        scaled = self.reformatter.reformat(
            frame,
            width=stored,
            height=height,
            format="rgb24",
            src_colorspace=ITU601,
            dst_colorspace=ITU601,
            src_color_range=LIMITED_RANGE,
            dst_color_range=FULL_RANGE,
            threads=1,  # more take twice the time for pictures of this size
        )
        plane = scaled.planes[0]
        strides = (plane.line_size, 3, 1)
        return np.ndarray((height, width, 3), np.uint8, memoryview(plane), 0, strides)


def pack_planes(frame: av.VideoFrame, into: NDArray[np.uint8]) -> None:
    """Copy a yuv420p frame into (3H/2, W): H rows of Y, and below them U on the left, V beside."""
    height, half = frame.height, frame.width // 2
    parts = into[:height], into[height:, :half], into[height:, half:]
    for plane, part in zip(frame.planes, parts, strict=True):
        # `plane_of` takes twice the time, and this runs 16 times per clip.
        part[:] = np.ndarray(part.shape, np.uint8, memoryview(plane), 0, (plane.line_size, 1))
