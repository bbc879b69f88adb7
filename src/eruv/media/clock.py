"""Presentation times of decoded frames, strictly increasing whatever the container states."""

from heapq import heappop, heappush

import av

from eruv.media.frame_rate import NO_TIMES

JUMP_S = 1.0  # a larger step back is a clock that was reset
NUDGE = 1 / 8  # of a frame: how long a frame is shown whose time repeats
# These hold one reference picture back, so that what a packet brings out takes the packet's slot.
ONE_LATE = frozenset(("mpeg1video", "mpeg2video", "mpeg4", "vc1", "wmv3", "cavs"))


class Clock:
    """Presentation times of one stream, strictly increasing.

    The container's times are taken as they are. A frame without a time follows the frame before
    it by `frame_s`. A time that repeats or steps back a little is moved just after the one before
    it, and later frames keep theirs. A step back by more than a second is a clock that was reset:
    from there on all times are shifted, so that the film continues.

    AVI and raw streams hold no presentation times, and some files repeat the times of decoding in
    their place. What FFmpeg derives for them runs backwards (H.264) or leaves holes (packed
    pictures). Their packets fill slots of one length: reordering moves pictures, but no slots.

    Args:
        stream: of the pictures.
        frame_s: seconds from one frame to the next if the container states none.

    Attributes:
        last_s: time of the last picture; None before the first.
        slots: where pictures take the slots of packets in order, those of packets not decoded yet;
            else None.
        one_late: whether a picture takes the slot of the packet that brings it out.
    """

    def __init__(self, stream: av.VideoStream, frame_s: float) -> None:
        base = stream.time_base
        # Two whole numbers: arithmetic with fractions takes longer than all else here.
        self._ticks, self._per_second = (base.numerator, base.denominator) if base else (0, 1)
        self.frame_s = frame_s
        self.last_s: float | None = None
        self._shift_s = 0.0
        self._untimed_from_s, self._untimed = 0.0, 0
        context, format = stream.codec_context, stream.container.format
        avi, raw = "avi" in format.name, bool(format.flags & NO_TIMES)
        # How deep H.264 and HEVC reorder is not known before the first pictures.
        deep = context.codec.reorder and stream.name not in ONE_LATE
        reorders = bool(context.has_b_frames)
        self.one_late = reorders and not deep and (avi or raw)
        self._derived = deep and avi
        self._last_dts: int | None = None
        self._step = 1
        in_slots = self._derived or (reorders and not self.one_late and not raw)
        self.slots: list[int] | None = [] if in_slots else None

    def sent(self, packet: "av.Packet[av.VideoStream]") -> None:
        """Note a packet that is sent to the decoder."""
        if self.slots is None:
            return
        if not self._derived and packet.pts != packet.dts:
            self.slots = None  # true times: they differ where pictures are reordered
        elif packet.dts is not None:
            heappush(self.slots, packet.dts)

    def forget(self, packet: "av.Packet[av.VideoStream]") -> None:
        """Take back a packet that gave no picture."""
        if self.slots is not None and packet.dts in self.slots:
            self.slots.remove(packet.dts)
            self.slots.sort()

    def skip(self) -> None:
        """Skip a picture that is not used."""
        if self.slots:
            heappop(self.slots)

    def time(self, picture: av.VideoFrame) -> float:
        """Seconds on the container's clock at which this picture, the next one, is shown."""
        pts = self._ticks_of(picture)
        last_s = self.last_s
        if pts is None or not self._ticks:
            time_s = self._next_untimed(last_s)
        else:
            self._untimed = 0
            time_s = pts * self._ticks / self._per_second + self._shift_s
            if last_s is not None and time_s <= last_s:
                time_s = self._after(last_s, time_s)
        self.last_s = time_s
        return time_s

    def _ticks_of(self, picture: av.VideoFrame) -> int | None:
        if self.slots is not None:
            return heappop(self.slots) if self.slots else None
        if not self.one_late:
            return picture.pts
        last, self._last_dts = self._last_dts, picture.dts
        if picture.dts is None:  # held to the end
            self._last_dts = picture.pts if last is None else last + self._step
        elif last is not None:
            self._step = picture.dts - last
        return self._last_dts

    def _next_untimed(self, last_s: float | None) -> float:
        # Multiples and not sums, whose errors would grow.
        if not self._untimed:
            self._untimed_from_s = -self.frame_s if last_s is None else last_s
        self._untimed += 1
        return self._untimed_from_s + self._untimed * self.frame_s

    def _after(self, last_s: float, time_s: float) -> float:
        if last_s - time_s <= JUMP_S:
            return last_s + NUDGE * self.frame_s
        self._shift_s += last_s + self.frame_s - time_s
        return last_s + self.frame_s
