"""The audio of shots: packets that are copied, or samples encoded to exactly a shot's length."""

import io
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import av.error
import numpy as np
from av.audio.resampler import AudioResampler
from av.container import InputContainer, OutputContainer
from numpy.typing import NDArray

# By suffix of the file: AAC plays everywhere, FLAC keeps every sample.
ENCODERS = {".mp4": ("aac", "fltp"), ".mov": ("aac", "fltp"), ".mkv": ("flac", "s16p")}
SAMPLES_AT_ONCE = 8192
AAC_BITS_A_CHANNEL = 128_000
USUAL_RATE = 48_000
# By the number of channels, where a file (PCM in AVI) does not say which they are.
USUAL_LAYOUTS = ("stereo", "mono", "stereo", "2.1", "4.0", "5.0", "5.1", "6.1", "7.1")
# A packet that starts with the shot, but for the rounding of its time.
TOLERANCE_S = 1e-4
# Samples follow one another where rounded times say otherwise.
LONGEST_SLIP_S = 0.01
LEAD_S = 1.0  # a decoder of audio needs packets before the first that is used

if TYPE_CHECKING:
    from eruv.detection.detect import ShotList

    Packet = av.Packet[av.AudioStream]


@dataclass(frozen=True)
class AudioSource:
    """An audio stream of one of a film's files.

    Attributes:
        path, index: of the file, and of the stream in it.
        shift_s: what is added to the file's clock.
        until_s: when, on the film's clock, the next file begins.
        from_s: nothing before it is used, by the file's clock.
    """

    path: Path
    index: int
    shift_s: float = 0.0
    until_s: float = float("inf")
    from_s: float = 0.0


class AudioTrack(ExitStack):
    """One audio stream of a film, read once from its start to its end; its block closes it."""

    how = ""

    def add_to(self, container: OutputContainer) -> av.AudioStream:
        """The stream in a file for a shot, before anything is written to it."""
        raise NotImplementedError

    def write(
        self, container: OutputContainer, stream: av.AudioStream, start_s: float, end_s: float
    ) -> None:
        """Write the audio of a shot; no shot starts before the one that was written before."""
        raise NotImplementedError

    def _open(self, source: AudioSource) -> "tuple[av.AudioStream, Iterator[Packet]]":
        container = self.enter_context(av.open(str(source.path), metadata_errors="replace"))
        stream = container.streams[source.index]
        assert isinstance(stream, av.AudioStream)
        if source.from_s > LEAD_S:
            container.seek(round((source.from_s - LEAD_S) * av.time_base))
        return stream, _packets(container, stream)


class CopiedAudio(AudioTrack):
    """Copies the packets that start within a shot, each at its time.

    Args:
        source: of a film of one file.
    """

    how = "copied"

    def __init__(self, source: AudioSource) -> None:
        super().__init__()
        self.stream, self.coming = self._open(source)
        self.held: deque[Packet] = deque()

    def add_to(self, container: OutputContainer) -> av.AudioStream:
        stream = container.add_stream_from_template(self.stream, opaque=True)
        stream.time_base = self.stream.time_base
        return stream

    def write(
        self, container: OutputContainer, stream: av.AudioStream, start_s: float, end_s: float
    ) -> None:
        tick_s = self.stream.time_base or Fraction(1, 1000)
        start, end = (round((time_s - TOLERANCE_S) / tick_s) for time_s in (start_s, end_s))
        zero = round(start_s / tick_s)
        while self.held and (self.held[0].pts or 0) < start:
            self.held.popleft()
        while not self.held or (self.held[-1].pts or 0) < end:
            packet = next(self.coming, None)
            if packet is None:
                break
            if (packet.pts or 0) >= start:
                self.held.append(packet)
        for packet in self.held:
            pts = packet.pts or 0
            if pts >= end:
                break
            # Shots of a fast copy overlap: the next one may need the packet again.
            dts, base = packet.dts, packet.time_base
            packet.pts = packet.dts = max(0, pts - zero)
            packet.stream = stream
            container.mux(packet)
            packet.pts, packet.dts, packet.time_base = pts, dts, base


class EncodedAudio(AudioTrack):
    """Encodes the samples of a shot, to exactly its length, with silence where there is no audio.

    Args:
        sources: of the film's files, in order.
        suffix: of the files to come.
    """

    how = "encoded"

    def __init__(self, sources: Sequence[AudioSource], suffix: str) -> None:
        super().__init__()
        self.sources = sources
        self.codec, self.format = ENCODERS[suffix]
        with ExitStack() as stack:
            first = stack.enter_context(av.open(str(sources[0].path), metadata_errors="replace"))
            stream = first.streams[sources[0].index]
            assert isinstance(stream, av.AudioStream)
            self.rate = stream.rate or USUAL_RATE
            self.layout = layout_of(stream)
        rates = av.Codec(self.codec, "w").audio_rates
        if rates and self.rate not in rates:
            self.rate = USUAL_RATE
        self.coming = self._chunks()
        self.chunk: tuple[int, NDArray[Any]] | None = None

    def add_to(self, container: OutputContainer) -> av.AudioStream:
        stream = container.add_stream(self.codec, rate=self.rate, layout=self.layout)
        assert isinstance(stream, av.AudioStream)
        if self.codec == "aac":
            stream.bit_rate = AAC_BITS_A_CHANNEL * stream.channels
        return stream

    def write(
        self, container: OutputContainer, stream: av.AudioStream, start_s: float, end_s: float
    ) -> None:
        start, end = round(start_s * self.rate), round(end_s * self.rate)
        for at in range(start, end, SAMPLES_AT_ONCE):
            samples = self.between(at, min(end, at + SAMPLES_AT_ONCE))
            frame = av.AudioFrame.from_ndarray(samples, self.format, self.layout)
            frame.sample_rate, frame.time_base = self.rate, Fraction(1, self.rate)
            frame.pts = at - start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

    def between(self, start: int, end: int) -> NDArray[Any]:
        """Samples [start, end) of the film's clock: (channels, n)."""
        channels = len(av.AudioLayout(self.layout).channels)
        kind = np.float32 if self.format == "fltp" else np.int16
        found = np.zeros((channels, end - start), kind)
        while True:
            if self.chunk is None:
                self.chunk = next(self.coming, None)
            if self.chunk is None:
                return found
            first, values = self.chunk
            last = first + values.shape[1]
            low, high = max(first, start), min(last, end)
            if low < high:
                found[:, low - start : high - start] = values[:, low - first : high - first]
            if last > end:
                return found  # the rest is the next shot's
            self.chunk = None

    def _chunks(self) -> Iterator[tuple[int, NDArray[Any]]]:
        """First sample on the film's clock, and samples (channels, n), of all frames."""
        for source in self.sources:
            expected = round(source.shift_s * self.rate)
            slip = 0.0  # most samples that rounded times may differ from where the last ones ended
            for frame in self._frames(source):
                values = frame.to_ndarray()
                if frame.time is not None:
                    stated = round((frame.time + source.shift_s) * self.rate)
                    if abs(stated - expected) > slip:
                        expected = stated
                slip = LONGEST_SLIP_S * self.rate
                left = source.until_s * self.rate - expected
                if left < values.shape[1]:
                    values = values[:, : max(0, round(left))]
                yield expected, values
                expected += values.shape[1]

    def _frames(self, source: AudioSource) -> Iterator[av.AudioFrame]:
        resampler = AudioResampler(self.format, self.layout, self.rate)
        _, packets = self._open(source)
        for packet in packets:
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue  # what is broken is silent
            for frame in frames:
                yield from resampler.resample(frame)


def layout_of(stream: av.AudioStream) -> str:
    """The layout of a stream's channels; beyond 7.1, which no encoder takes, stereo."""
    if stream.channels >= len(USUAL_LAYOUTS):
        return "stereo"
    name = stream.layout.name
    return USUAL_LAYOUTS[stream.channels] if name.endswith("channels") else name


def _packets(container: InputContainer, stream: av.AudioStream) -> "Iterator[Packet]":
    try:
        for packet in container.demux(stream):
            if packet.size and packet.pts is not None:
                yield packet
    except av.error.FFmpegError:
        return  # the file is cut short


def open_audio(shots: "ShotList", suffix: str, copy: bool) -> list[AudioTrack]:
    """The audio streams of a film, for shots in files with this suffix.

    All streams of one file; the first one of each file of several.

    Args:
        shots: of the film.
        suffix: of the shots' files.
        copy: whether packets are copied, where such files can hold them.
    """
    if not shots.joined:
        held = _codecs_of(suffix)
        return [
            CopiedAudio(AudioSource(shots.path, index))
            if copy and codec in held
            else EncodedAudio([AudioSource(shots.path, index)], suffix)
            for index, codec in _streams_of(shots.path)
        ]
    ends_s = [*(one.start_s for one in shots.joined[1:]), float("inf")]
    sources = [
        AudioSource(one.path, index, one.shift_s, until_s)
        for one, until_s in zip(shots.joined, ends_s, strict=True)
        for index, _ in _streams_of(one.path)[:1]
    ]
    return [EncodedAudio(sources, suffix)] if sources else []


def audio_from(path: Path, suffix: str, from_s: float) -> list[AudioTrack]:
    """All audio streams of a file, encoded, for a part that begins at `from_s`.

    Args:
        path: of a file that has an index, see `eruv.media.seeking`.
        suffix: of the file to come.
        from_s: by the file's clock; 0 for a file without an index.
    """
    return [
        EncodedAudio([AudioSource(path, index, from_s=from_s)], suffix)
        for index, _ in _streams_of(path)
    ]


def _streams_of(path: Path) -> list[tuple[int, str]]:
    """Index and codec of the audio streams of a file that can be decoded."""
    with av.open(str(path), metadata_errors="replace") as container:
        return [
            (stream.index, stream.codec.canonical_name)
            for stream in container.streams.audio
            if stream.codec_context is not None and stream.channels
        ]


def container_of(suffix: str) -> str:
    """FFmpeg's name of the container of files with a suffix."""
    return "matroska" if suffix == ".mkv" else suffix[1:]


@cache
def _codecs_of(suffix: str) -> frozenset[str]:
    """Codecs that files with a suffix hold."""
    with av.open(io.BytesIO(), "w", format=container_of(suffix)) as container:
        return frozenset(container.supported_codecs)
