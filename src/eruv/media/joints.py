"""One clock for packets of recordings that were joined, each with a clock of its own."""

import av

BACK_S = 1.0  # a larger step back is a clock that was set anew
FORWARD_S = 10.0  # a larger step forward too
FORWARD_AT_KEY_S = 1.0  # the same at a key frame just behind a flag: a recording that was joined
MAY_JUMP = 0x200  # AVFMT_TS_DISCONT: containers in which times may jump
FLAG_REACH = 3  # packets, see `judge`


class Joints:
    """Shifts packets' times so that the film goes on where the container's clock jumps.

    Transport and program streams and FLV can be joined end to end, and live recorders set their
    clocks; nothing is lost there. Other containers mean what they say: a picture may be shown
    for an hour.

    Args:
        stream: of the packets.
        frame_s: seconds from one packet to the next until two packets have told.

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
        self._back, self._forward = round(BACK_S * per_second), round(FORWARD_S * per_second)
        self._forward_at_key = round(FORWARD_AT_KEY_S * per_second)
        self._near_flag = 0
        self._last: int | None = None

    def mend(self, packet: "av.Packet[av.VideoStream]") -> None:
        """Shift the times of this packet, the next one in order of decoding."""
        if not self._joinable or packet.dts is None:
            return
        if self._last is not None:
            step = packet.dts - self._last
            joint = self._near_flag and packet.is_keyframe
            if not -self._back <= step <= (self._forward_at_key if joint else self._forward):
                self.shift += self._step - step
            elif step > 0:
                self._step = step
        self._last = packet.dts
        self._near_flag = FLAG_REACH if packet.is_corrupt else max(0, self._near_flag - 1)
        if self.shift:
            packet.dts += self.shift
            if packet.pts is not None:
                packet.pts += self.shift
