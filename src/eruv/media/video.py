"""Decode a source video packet by packet, past what is broken."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Self

import av
import av.error

from eruv.media.clock import Clock
from eruv.media.damage import Damage, UnreadableVideo
from eruv.media.frame_rate import opening_rate
from eruv.media.joints import Joints
from eruv.media.judge import PacketJudge
from eruv.media.opening import error_message, is_still_format, open_media, why_not_opened
from eruv.media.streams import choose_stream
from eruv.media.track_header import track_end_s

MOST_DROPPED = 300  # frames after a failure, in search of a key frame; x264 has one in 250
SMALL_PIXELS = 150_000  # a picture that is decoded faster than threads pass it on
MOST_HELD = 64  # packets whose pictures a decoder may still hold; H.264 reorders at most 16


class SourceFrame(NamedTuple):
    """One decoded frame.

    Attributes:
        picture: the frame as stored: not turned upright, not deinterlaced, its pixels perhaps not
            square.
        time_s: presentation time in seconds on the container's clock, as ffprobe prints it; the
            first frame need not be at 0. Strictly increasing from frame to frame.
        after_gap: whether something was lost between this frame and the one before it.
        shown_s: its own duration in seconds, stated by the container or guessed by FFmpeg; None if
            there is none.
    """

    picture: av.VideoFrame
    time_s: float
    after_gap: bool
    shown_s: float | None = None


class _Restart(Exception):
    """Decoding with several threads met something broken."""


@dataclass
class VideoSource:
    """An open video; use it as a context manager and iterate over `frames()` once.

    Args:
        path: the file.
        threads: decoding threads; 0 takes one for small pictures and lets FFmpeg choose for others.
            Frames, times and gaps do not depend on it, nor do pixels in whole files; what FFmpeg
            makes up for a lost part can differ in a few frames before the damage.
        options: of FFmpeg, for opening.

    Raises:
        UnreadableVideo: on opening, if the file is no container or holds no video stream.
    """

    path: Path
    threads: int = 1
    options: dict[str, str] | None = None
    damage: Damage = field(default_factory=Damage)

    def __post_init__(self) -> None:
        self._open(self.threads)

    def _open(self, threads: int) -> None:
        try:
            opened = open_media(self.path, self.options)
        except (av.error.FFmpegError, ValueError) as error:
            raise UnreadableVideo(why_not_opened(self.path, error), "byte 0") from error
        try:
            self.container, self.stream = opened, choose_stream(opened)
        except UnreadableVideo:
            opened.close()
            raise
        if threads == 0 and self.stream.width * self.stream.height <= SMALL_PIXELS:
            threads = 1
        self.stream.thread_type = "FRAME"
        self.stream.thread_count = threads
        self.damage = Damage()
        self._in_parallel = threads != 1
        frame_s = float(1 / self.rate)
        self._clock = Clock(self.stream, frame_s)
        self._joints = Joints(self.stream, frame_s)
        self._judge = PacketJudge(self.stream.codec_context)
        self._verified: set[int | None] = set()
        self._recent: deque[int | None] = deque(maxlen=MOST_HELD)
        self._failures_before: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.container.close()

    @property
    def rate(self) -> Fraction:
        """Frames per second as the file states them, see `opening_rate`.

        Frame times come from it only if the container has none; `measured_rate` is what times have.
        """
        return opening_rate(self.stream)

    @property
    def stated_duration_s(self) -> float | None:
        """Duration in seconds as the container states it, for estimates only."""
        if self.stream.duration and self.stream.time_base:
            return float(self.stream.duration * self.stream.time_base)
        if self.container.duration:
            return self.container.duration / av.time_base
        return None

    @property
    def stated_end_s(self) -> float | None:
        """When the last frame ends, as the container states; None after its clock has jumped."""
        if self._joints.shift:
            return None
        if self.stream.duration and self.stream.time_base:
            ticks = (self.stream.start_time or 0) + self.stream.duration
            return float(ticks * self.stream.time_base)
        # Containers that know no duration of a stream (Matroska, FLV) count theirs from 0.
        return self.stated_duration_s

    @property
    def own_end_s(self) -> float | None:
        """The same, but None where it may be the end of the audio."""
        if "mov" in self.container.format.name:
            return track_end_s(self.path, self.stream.id)
        alone = self.stream.duration or len(self.container.streams) == 1
        return self.stated_end_s if alone else None

    def frames(self) -> Iterator[SourceFrame]:
        """Every frame that can be decoded, in order of display.

        A packet that fails is counted; frames after it are dropped up to the next key frame,
        which is marked `after_gap`. In a stream that has none for long (with intra refresh only
        the first frame is one), decoding resumes without. Frames that an edit list cuts off are
        dropped.

        Raises:
            UnreadableVideo: at the end, if no frame came out or most packets failed.
        """
        yielded = 0
        try:
            for frame in self._read():
                yield frame
                yielded += 1
        except _Restart:
            # Several threads report a failure late and lose what they hold: one reads on instead.
            self.container.close()
            self._open(1)
            yield from islice(self._read(), yielded, None)

    def _read(self) -> Iterator[SourceFrame]:
        clock, damage = self._clock, self.damage
        failures, dropped = 0, 0  # failures before the packet of the last frame
        tick_s = float(self.stream.time_base or 0)
        for picture in self._pictures():
            after_gap = False
            last_s = clock.last_s
            if damage.failed_packets > failures:
                before = self._failures_before_packet_of(picture)
                if before > failures:
                    if not picture.key_frame and dropped < MOST_DROPPED:
                        clock.skip()
                        dropped += 1
                        continue
                    failures, dropped, after_gap = before, 0, last_s is not None
            time_s = clock.time(picture)
            if after_gap and last_s is not None:
                damage.lost_s += max(0.0, time_s - last_s - clock.frame_s)
            shown_s = picture.duration * tick_s if picture.duration else None
            yield SourceFrame(picture, time_s, after_gap, shown_s)
        self._note_lost_end(failures)
        self._refuse_if_hopeless()

    def _failures_before_packet_of(self, picture: av.VideoFrame) -> int:
        # Pictures sent before a failure may come out after it: decoders reorder.
        failed = self.damage.failed_packets
        return failed if picture.pts is None else self._failures_before.get(picture.pts, failed)

    def _note_lost_end(self, failures: int) -> None:
        last_s, end_s = self._clock.last_s, self.stated_end_s
        if self.damage.failed_packets > failures and last_s is not None and end_s is not None:
            self.damage.lost_s += max(0.0, end_s - last_s - self._clock.frame_s)

    def refuse_still(self) -> None:
        """Raise an UnreadableVideo after a still picture was read; queries may be one."""
        if self.damage.packets == 1 and is_still_format(self.container):
            raise UnreadableVideo("a still picture, not a film", "packet 1")

    def _refuse_if_hopeless(self) -> None:
        damage = self.damage
        where = damage.first_failure or f"packet {damage.packets}"
        if self._clock.last_s is None:
            raise UnreadableVideo("no frame could be decoded", where)
        if 2 * damage.failed_packets > damage.packets:
            share = f"{damage.failed_packets} of {damage.packets} packets cannot be decoded"
            raise UnreadableVideo(share, where)

    def _pictures(self) -> Iterator[av.VideoFrame]:
        """Pictures in order of display; failures are noted in between."""
        in_parallel, count = self._in_parallel, 0
        picture: av.VideoFrame | None = None
        for pictures in self._decoded():
            for picture in pictures:
                if in_parallel and picture.is_corrupt and picture.pts not in self._verified:
                    raise _Restart
                count += 1
                yield picture
        if in_parallel and self._ends_early(picture, count):
            raise _Restart

    def _decoded(self) -> Iterator[list[av.VideoFrame]]:
        """Pictures that the decoder gives for each packet, and at the end those that it held."""
        decode = self.stream.codec_context.decode
        for packet in self._packets():
            if not packet.is_discard:  # cut off by an edit list
                self._recent.append(packet.pts)
            if self._failures_before and packet.pts is not None:
                # Times repeat where recordings were joined.
                self._failures_before.pop(packet.pts, None)
            self._clock.sent(packet)
            try:
                yield decode(packet)
            except av.error.FFmpegError as error:
                self._clock.forget(packet)
                self._note_failure(error, packet.pts)
        try:
            yield decode(None)
        except av.error.EOFError:
            return
        except av.error.FFmpegError as error:
            self._note_failure(error)

    def packets(self) -> Iterator["av.Packet[av.VideoStream]"]:
        """Packets that hold pictures, with times on one clock.

        Raises:
            FFmpegError: where the file is cut short.
        """
        for packet in self.container.demux(self.stream):
            if packet.size:  # none at the end; elsewhere it repeats the frame before it
                self._joints.mend(packet)
                yield packet

    def _packets(self) -> Iterator["av.Packet[av.VideoStream]"]:
        """Whole packets, up to where the file is cut short."""
        try:
            for packet in self.packets():
                self.damage.packets += 1
                if self._judge.rejects(packet):
                    self._note_failure(None, packet.pts)
                    continue
                if packet.is_corrupt:
                    self._verified.add(packet.pts)
                yield packet
        except av.error.FFmpegError as error:
            self._note_failure(error)

    def _ends_early(self, last: av.VideoFrame | None, count: int) -> bool:
        """Whether the last packets gave no pictures, which several threads do not report."""
        if self._clock.slots is not None:
            return bool(self._clock.slots)
        base = self.stream.time_base
        sent = [pts for pts in self._recent if pts is not None]
        if self._clock.one_late or last is None or last.pts is None or not sent or not base:
            return count < self.damage.packets
        # The second field of a frame may be a packet of its own, half a frame later.
        return (max(sent) - last.pts) * base > 0.75 * self._clock.frame_s

    def _note_failure(self, error: Exception | None, pts: int | None = None) -> None:
        """Count a failure; held pictures that are shown before `pts` are fine."""
        if self._in_parallel:
            raise _Restart
        damage, before = self.damage, self._failures_before
        for held in self._recent:
            if held is not None and (pts is None or held < pts):
                before.setdefault(held, damage.failed_packets)
        self._recent.clear()
        while len(before) > MOST_HELD:
            del before[next(iter(before))]
        damage.failed_packets += 1
        if not damage.first_failure:
            message = error_message(error) if error else "incomplete packet"
            damage.first_failure = f"packet {damage.packets}: {message}"
