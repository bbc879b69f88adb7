"""Find the shots that can be copied out of a file packet by packet."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av.error
import numpy as np
from numpy.typing import NDArray

from eruv.media.video import VideoSource

Range = tuple[int, int]


@dataclass(frozen=True)
class Packets:
    """All packets of a video stream, in order of decoding.

    Attributes:
        pts: presentation times in ticks (n,).
        keys: whether decoding can begin here (n,).
        tick_s: seconds of a tick.
    """

    pts: NDArray[np.int64]
    keys: NDArray[np.bool_]
    tick_s: float


def read_packets(path: Path) -> Packets | None:
    """All packets; None if some have no times or are cut off by an edit list."""
    pts, keys = array("q"), bytearray()
    with VideoSource(path) as source:
        try:
            for packet in source.packets():
                if packet.pts is None or packet.is_discard:
                    return None
                pts.append(packet.pts)
                keys.append(packet.is_keyframe)
        except av.error.FFmpegError:
            return None
        tick_s = float(source.stream.time_base or 0)
    return Packets(np.array(pts, np.int64), np.frombuffer(keys, np.bool_), tick_s)


def decoding_times(pts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Decoding times for packets with these presentation times: in order, and none too late.

    Matroska has none; computed ones are the same for all containers.
    """
    in_order = np.sort(pts)
    return in_order - (in_order - pts).max(initial=0)


def copyable(packets: Packets, times_s: NDArray[np.float64], shots: Sequence[Range]) -> list[Range]:
    """Ranges [first, last) of packets that hold exactly the frames of a shot, in shots' order.

    A shot can be copied if its first frame is a key frame and the packets after it in the file, as
    many as it has frames, are its own: none is shown before it (open GOP), and none of the next
    shot is among them. Others get the empty range (0, 0).

    Args:
        packets: of the whole file.
        times_s: of its frames, in order of display, up to the last that is wanted.
        shots: half-open frame ranges.
    """
    if not _one_packet_a_frame(packets, times_s):
        return [(0, 0)] * len(shots)
    decoded_at = np.argsort(packets.pts, kind="stable")  # by frame
    shown_at = np.argsort(decoded_at, kind="stable")  # by packet
    found = []
    for start, end in shots:
        first = int(decoded_at[start])
        last = first + end - start
        frames = shown_at[first:last]
        # Frame numbers are distinct, so bounds and count show that they are the shot's.
        whole = len(frames) == end - start and frames.min() == start and frames.max() == end - 1
        found.append((first, last) if whole and packets.keys[first] else (0, 0))
    return found


def _one_packet_a_frame(packets: Packets, times_s: NDArray[np.float64]) -> bool:
    if len(packets.pts) < len(times_s) or not len(times_s):
        return False
    shown = np.sort(packets.pts)
    since_first = (shown[: len(times_s)] - shown[0]) * packets.tick_s
    same_times = np.allclose(since_first, times_s - times_s[0], rtol=0, atol=packets.tick_s / 2)
    return bool((np.diff(shown) > 0).all() and same_times)
