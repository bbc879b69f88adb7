"""Decide whether a packet that the container flags as corrupt is whole."""

from collections import deque

import av
import av.error

MOST_KEPT = 300  # packets since the last key frame; x264 has one in 250
SUSPECTS = 3  # the flagged packet and those after it
HOLE = 1.5  # of the usual step: a packet is missing


class PacketJudge:
    """Judges flagged packets by a decoder of its own, which fails at the first error.

    A transport stream flags a packet where its continuity counter jumps: something is lost, or two
    whole recordings were joined. FFmpeg's parser hands the flag to the packet before the jump, and
    the second after that is the first one past the loss: all three are judged.

    Args:
        context: of the stream, open or not.
    """

    def __init__(self, context: av.VideoCodecContext) -> None:
        self._context = context
        self._kept: deque[av.Packet[av.VideoStream]] = deque(maxlen=MOST_KEPT)
        self._unread = 0  # packets at the end of `kept` that the decoder has not seen
        self._decoder: av.VideoCodecContext | None = None
        self._suspects = 0
        self._last_dts: int | None = None
        self._step = 0

    def rejects(self, packet: "av.Packet[av.VideoStream]") -> bool:
        """Whether this packet, the next one, is suspected, and is broken or follows a hole."""
        if packet.is_keyframe:
            self._kept.clear()
            self._decoder, self._unread = None, 0
        self._kept.append(packet)
        self._unread = min(self._unread + 1, len(self._kept))
        follows_hole = self._follows_hole(packet)
        if packet.is_corrupt:
            self._suspects = SUSPECTS
        if not self._suspects:
            return False
        self._suspects -= 1
        # A joined recording begins with a key frame, whatever its clock says.
        return (follows_hole and not packet.is_keyframe) or not self._decodes()

    def _follows_hole(self, packet: "av.Packet[av.VideoStream]") -> bool:
        last, self._last_dts = self._last_dts, packet.dts
        if last is None or packet.dts is None:
            return False
        usual, self._step = self._step, packet.dts - last
        return 0 < HOLE * usual < self._step

    def _decodes(self) -> bool:
        """Whether the last packet decodes without an error; those before it need not."""
        if self._decoder is None:
            self._decoder = strict_decoder(self._context)
            self._unread = len(self._kept)
        whole = True
        for packet in list(self._kept)[len(self._kept) - self._unread :]:
            try:
                self._decoder.decode(packet)
                whole = True
            except av.error.FFmpegError:
                whole = False
        self._unread = 0
        return whole


def strict_decoder(context: av.VideoCodecContext) -> av.VideoCodecContext:
    """A decoder for the same stream that conceals nothing; one thread reports errors at once."""
    decoder = av.CodecContext.create(context.codec.name, "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.extradata = context.extradata
    decoder.width, decoder.height = context.width, context.height
    decoder.thread_count = 1
    decoder.options = {"err_detect": "explode"}
    return decoder
