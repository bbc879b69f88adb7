"""One clock for packets across timestamp discontinuities, where recordings were joined."""

import av

from eruv.media.frame_rate import stated_rates

BACK_S = 1.0  # a larger step back is a clock that was reset; at a key frame any is
FORWARD_S, FORWARD_FRAMES = 10.0, 3  # a larger step forward too, if no slide is shown for so long
FORWARD_AT_KEY_S = 1.0  # the same at a key frame just after a flag: a recording that was joined
MAY_JUMP = 0x200  # AVFMT_TS_DISCONT: containers in which times may jump
FLAG_REACH = 3  # packets, see `judge`


class Joints:
    """Shifts packets' times so that the film goes on where the container's clock jumps.

    Transport and program streams and FLV can be concatenated, and live recorders set their clocks;
    nothing is lost there. In other containers a long step is true: a picture may be shown for an
    hour.

    Args:
        stream: of the packets.
        frame_s: seconds from one packet to the next until two packets show it.

    Attributes:
        shift: ticks by which times are shifted now.
    """

    def __init__(self, stream: av.VideoStream, frame_s: float) -> None:
        self.shift = 0
        format, base = stream.container.format, stream.time_base
        self._joinable = bool(base) and bool(
            format.flags & MAY_JUMP or "flv" in format.name.split(",")
        )
        per_second = 1 / base if base else 1
        self._step = round(frame_s * per_second)
        slowest_s = float(max((1 / rate for rate in stated_rates(stream)), default=0))
        forward_s = max(FORWARD_S, FORWARD_FRAMES * slowest_s)
        self._back, self._forward = round(BACK_S * per_second), round(forward_s * per_second)
        self._forward_at_key = round(FORWARD_AT_KEY_S * per_second)
        self._near_flag = self._delay = 0
        self._last: int | None = None

    def mend(self, packet: "av.Packet[av.VideoStream]") -> None:
        """Shift the times of this packet, the next one in order of decoding."""
        if not self._joinable or packet.dts is None:
            return
        dts = self._own_dts(packet.dts, packet.pts)
        if self._last is not None:
            step = dts - self._last
            if self._jumps(step, packet.is_keyframe):
                self.shift += self._step - step
            elif step > 0:
                self._step = step
        self._last = dts
        self._near_flag = FLAG_REACH if packet.is_corrupt else max(0, self._near_flag - 1)
        if self.shift:
            packet.dts = dts + self.shift
            if packet.pts is not None:
                packet.pts += self.shift

    def _own_dts(self, dts: int, pts: int | None) -> int:
        """The time of decoding on the clock of the packet itself.

        Where a program stream does not state it, FFmpeg derives it from earlier packets, and so
        from another clock.
        """
        if pts is None:
            return dts
        if 0 <= pts - dts <= self._forward:
            self._delay = max(self._delay, pts - dts)
            return dts
        return pts - self._delay

    def _jumps(self, step: int, is_key: bool) -> bool:
        least = 1 if is_key else -self._back  # within a recording, times of decoding only increase
        most = self._forward_at_key if is_key and self._near_flag else self._forward
        return not least <= step <= most
