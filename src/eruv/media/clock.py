"""Presentation times of decoded frames, strictly increasing whatever the container states."""

from heapq import heappop, heappush

import av

JUMP_S = 1.0  # a larger step back is a clock that was reset
NUDGE = 1 / 8  # of a frame: how long a frame is shown whose time repeats


class Clock:
    """Presentation times of one stream, strictly increasing.

    The container's times are taken as they are. A frame without a time follows the frame before
    it by `frame_s`. A time that repeats or steps back a little is moved just after the one before
    it, and later frames keep theirs. A step back by more than a second is a clock that was reset
    (joined recordings): from there on all times are shifted, so that the film continues.

    Args:
        stream: of the pictures.
        frame_s: seconds from one frame to the next if the container states none.

    Attributes:
        last_s: time of the last picture; None before the first.
        slots: for AVI with reordering, times of packets not decoded yet; else None.
    """

    def __init__(self, stream: av.VideoStream, frame_s: float) -> None:
        base = stream.time_base
        # Two whole numbers: arithmetic with fractions takes longer than all else here.
        self._ticks, self._per_second = (base.numerator, base.denominator) if base else (0, 1)
        self.frame_s = frame_s
        self.last_s: float | None = None
        self._shift_s = 0.0
        # AVI holds no presentation times, and what is derived for these codecs runs backwards.
        # Its packets fill slots of one length: reordering moves pictures, but no slots.
        derived = "avi" in stream.container.format.name and stream.name in ("h264", "hevc")
        self.slots: list[int] | None = [] if derived else None

    def sent(self, packet: "av.Packet[av.VideoStream]") -> None:
        """Note a packet that is sent to the decoder."""
        if self.slots is not None and packet.dts is not None:
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
        pts = picture.pts
        if self.slots is not None:
            pts = heappop(self.slots) if self.slots else None
        last_s = self.last_s
        if pts is None or not self._ticks:
            time_s = 0.0 if last_s is None else last_s + self.frame_s
        else:
            time_s = pts * self._ticks / self._per_second + self._shift_s
            if last_s is not None and time_s <= last_s:
                time_s = self._after(last_s, time_s)
        self.last_s = time_s
        return time_s

    def _after(self, last_s: float, time_s: float) -> float:
        if last_s - time_s <= JUMP_S:
            return last_s + NUDGE * self.frame_s
        self._shift_s += last_s + self.frame_s - time_s
        return last_s + self.frame_s
