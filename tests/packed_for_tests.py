"""Files with pictures out of order and no time of display: XviD's in AVI, and broken muxers'."""

from fractions import Fraction
from pathlib import Path

import av

USER_DATA = b"\x00\x00\x01\xb2DivX503b1393p"  # the "p" says packed
PICTURE = b"\x00\x00\x01\xb6"
BOTH_WAYS = 0b10  # coding type of a B-picture
NOT_CODED = PICTURE + bytes([0b01_0_1_0000, 0b0_1_0_01111])


def pack(source: Path, path: Path) -> Path:
    """Write the MPEG-4 pictures of a file of 25 frames a second as a packed AVI.

    Two pictures are in one chunk, which one with none makes up for later; a "p" in the stream says
    so.
    """
    with av.open(str(source)) as read, av.open(str(path), "w", format="avi") as write:
        stream = write.add_stream_from_template(read.streams.video[0])
        stream.codec_context.codec_tag = "XVID"
        for number, (data, is_key) in enumerate(_chunks(read)):
            packet = av.Packet(data)
            packet.stream, packet.time_base = stream, Fraction(1, 25)
            packet.pts = packet.dts = number
            packet.is_keyframe = is_key
            write.mux(packet)
    return path


def decoding_times_only(source: Path, path: Path) -> Path:
    """Copy a file of 25 frames a second; packet n gets the time of frame n."""
    with av.open(str(source)) as read, av.open(str(path), "w") as write:
        stream = write.add_stream_from_template(read.streams.video[0])
        packets = (packet for packet in read.demux(video=0) if packet.size)
        for number, packet in enumerate(packets):
            packet.time_base = Fraction(1, 25)
            packet.pts = packet.dts = number
            packet.duration = 1
            packet.stream = stream
            write.mux(packet)
    return path


def _chunks(read: "av.container.InputContainer") -> list[tuple[bytes, bool]]:
    """[I] [P B] [B] [-] for the pictures I P B B: a B-picture moves one chunk ahead."""
    chunks: list[tuple[bytes, bool]] = []
    ahead = False
    for packet in read.demux(video=0):
        if not packet.size:
            continue
        data = bytes(packet)
        start = data.index(PICTURE)
        two_ways = data[start + 4] >> 6 == BOTH_WAYS
        if two_ways and not ahead:
            chunks[-1] = (chunks[-1][0] + data, chunks[-1][1])
            ahead = True
            continue
        if ahead and not two_ways:
            chunks.append((NOT_CODED, False))
            ahead = False
        if packet.is_keyframe:
            data = data[:start] + USER_DATA + data[start:]
        chunks.append((data, packet.is_keyframe))
    return [*chunks, (NOT_CODED, False)] if ahead else chunks
