"""Decode a source video packet by packet, going on behind what is broken.

Comes in: a path. Goes out: frames in order of display, and an account of what failed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import av.error
from av.stream import Disposition

DEFAULT_RATE = Fraction(25)


class UnreadableVideo(Exception):
    """A file that gives no usable video.

    Args:
        reason: what is wrong with it.
        position: where that was noticed, for example "packet 12 of 20".
    """

    def __init__(self, reason: str, position: str) -> None:
        super().__init__(f"{reason} ({position})")
        self.reason = reason
        self.position = position


@dataclass
class Damage:
    """What could not be decoded: packets, and the stretches of time that are missing."""

    packets: int = 0
    failed_packets: int = 0
    lost_s: float = 0.0
    first_failure: str = ""


@dataclass(frozen=True)
class SourceFrame:
    """One decoded frame.

    Attributes:
        picture: the frame as stored, not yet turned upright.
        time_s: presentation time in seconds, from the start of the container's clock.
        after_gap: whether something was lost between this frame and the one before it.
    """

    picture: av.VideoFrame
    time_s: float
    after_gap: bool


@dataclass
class VideoSource:
    """An open video; use it as a context manager and iterate over `frames()` once.

    Args:
        path: the file.
        threads: decoding threads; 0 lets FFmpeg choose.

    Raises:
        UnreadableVideo: on opening, if the file is no container or holds no video stream.
    """

    path: Path
    threads: int = 1
    damage: Damage = field(default_factory=Damage)

    def __post_init__(self) -> None:
        try:
            # Tags in odd encodings are no reason to refuse a file whose pictures are fine.
            self.container = av.open(str(self.path), metadata_errors="replace")
        except (av.error.FFmpegError, ValueError) as error:
            raise UnreadableVideo(f"not a video file: {_words(error)}", "byte 0") from error
        try:
            self.stream = self._choose_stream()
        except UnreadableVideo:
            self.container.close()
            raise
        self.stream.thread_type = "FRAME"
        self.stream.thread_count = self.threads

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.container.close()

    def _choose_stream(self) -> av.VideoStream:
        streams = [
            stream
            for stream in self.container.streams.video
            if not stream.disposition & Disposition.attached_pic
        ]
        if not streams:
            raise UnreadableVideo("no video stream", "byte 0")
        best = self.container.streams.best("video")
        stream = best if best in streams else streams[0]
        assert isinstance(stream, av.VideoStream)
        if stream.codec_context is None:
            raise UnreadableVideo("no decoder for the video stream", f"stream {stream.index}")
        return stream

    @property
    def rate(self) -> Fraction:
        """Average frames per second as the container states it; 25 where it states none."""
        rate = self.stream.average_rate or self.stream.guessed_rate
        return rate if rate and 1 <= rate <= 240 else DEFAULT_RATE

    @property
    def stated_duration_s(self) -> float | None:
        """Duration in seconds as the container states it, for estimates only."""
        if self.stream.duration and self.stream.time_base:
            return float(self.stream.duration * self.stream.time_base)
        if self.container.duration:
            return self.container.duration / av.time_base
        return None

    def frames(self) -> Iterator[SourceFrame]:
        """Every frame that can be decoded, in order of display.

        A packet that fails is counted; what follows it is dropped up to the next key frame,
        whose frame is marked `after_gap`.

        Raises:
            UnreadableVideo: at the end, if no frame came out or most packets failed.
        """
        last_time_s: float | None = None
        in_gap = False
        frame_s = float(1 / self.rate)
        for picture in self._decode():
            if picture is None:
                in_gap = True
                continue
            if in_gap and not picture.key_frame:
                continue
            time_s = self._time(picture, last_time_s, frame_s)
            if in_gap and last_time_s is not None:
                self.damage.lost_s += max(0.0, time_s - last_time_s - frame_s)
            yield SourceFrame(picture, time_s, after_gap=in_gap and last_time_s is not None)
            in_gap, last_time_s = False, time_s
        if in_gap and last_time_s is not None and self.stated_duration_s:
            self.damage.lost_s += max(0.0, self.stated_duration_s - last_time_s - frame_s)
        self._refuse_if_hopeless(last_time_s)

    def _time(self, picture: av.VideoFrame, last_time_s: float | None, frame_s: float) -> float:
        # Frames drained from the decoder have no time base of their own, only the stream's;
        # AVI has no presentation times at all, and what is derived can run backwards.
        if picture.pts is not None and self.stream.time_base:
            time_s = float(picture.pts * self.stream.time_base)
            if last_time_s is None or time_s > last_time_s:
                return time_s
        return 0.0 if last_time_s is None else last_time_s + frame_s

    def _refuse_if_hopeless(self, last_time_s: float | None) -> None:
        damage = self.damage
        where = damage.first_failure or f"packet {damage.packets}"
        if last_time_s is None:
            raise UnreadableVideo("no frame could be decoded", where)
        if 2 * damage.failed_packets > damage.packets:
            share = f"{damage.failed_packets} of {damage.packets} packets cannot be decoded"
            raise UnreadableVideo(share, where)

    def _decode(self) -> Iterator[av.VideoFrame | None]:
        """Frames in order, None where a packet failed."""
        for packet in self._packets():
            if packet is None:
                yield None
                continue
            try:
                yield from self.stream.codec_context.decode(packet)
            except av.error.FFmpegError as error:
                self._note_failure(error)
                yield None
        yield from self._drain()

    def _packets(self) -> Iterator["av.Packet[av.VideoStream] | None"]:
        """Packets with data; None for an incomplete one, and where the container breaks off."""
        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.error.FFmpegError as error:
                self._note_failure(error)
                yield None
                return
            if packet.size == 0:  # at the end; in the middle it repeats the frame before it
                continue
            self.damage.packets += 1
            if packet.is_corrupt:
                self._note_failure(None)
                yield None
            else:
                yield packet

    def _drain(self) -> Iterator[av.VideoFrame | None]:
        """Frames that the decoder still holds; each failing one is reported apart."""
        for _ in range(self.damage.packets + 1):
            try:
                yield from self.stream.codec_context.decode(None)
            except av.error.EOFError:
                return
            except av.error.FFmpegError as error:
                self._note_failure(error)
                yield None
            else:
                return

    def _note_failure(self, error: Exception | None) -> None:
        self.damage.failed_packets += 1
        if not self.damage.first_failure:
            words = _words(error) if error else "incomplete packet"
            self.damage.first_failure = f"packet {self.damage.packets}: {words}"


def _words(error: Exception) -> str:
    """FFmpeg's own words, without the number and the path around them."""
    return getattr(error, "strerror", None) or str(error)
