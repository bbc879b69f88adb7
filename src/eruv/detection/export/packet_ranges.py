"""Find the shots that can be copied out of a file packet by packet."""

from array import array
from dataclasses import dataclass
from pathlib import Path

import av.error
import numpy as np
from numpy.typing import NDArray

from eruv.media.video import VideoSource

# Lost or doubled packets change the length of a film by less.
LONGEST_SLIP_S = 1.0


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


def read_packets(path: Path) -> Packets | str:
    """All packets; or why none can be copied."""
    pts, keys = array("q"), bytearray()
    with VideoSource(path) as source:
        try:
            for packet in source.packets():
                if packet.pts is None:
                    return "the file does not say when its packets are shown"
                if packet.is_discard:
                    return "an edit list cuts frames off"
                pts.append(packet.pts)
                keys.append(packet.is_keyframe)
        except av.error.FFmpegError:
            return "the file is cut short"
        tick_s = float(source.stream.time_base or 0)
    return Packets(np.array(pts, np.int64), np.frombuffer(keys, np.bool_), tick_s)


def decoding_times(pts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Decoding times for packets with these presentation times: in order, and none too late.

    Matroska has none; computed ones are the same for all containers.
    """
    in_order = np.sort(pts)
    return in_order - (in_order - pts).max(initial=0)


@dataclass(frozen=True)
class PacketRange:
    """Packets [first, last) to be copied, and what of them no shot needs.

    Attributes:
        first, last: in order of decoding.
        early: frames in them before the shot.
        late: frames in them after the shot.
    """

    first: int
    last: int
    early: int = 0
    late: int = 0


class CopyPlanner:
    """Finds the packets of shots.

    Args:
        packets: of the whole file.
        times_s: of its frames, in order of display, up to the last that is needed.
    """

    def __init__(self, packets: Packets, times_s: NDArray[np.float64]) -> None:
        self.packets = packets
        self.fits = _one_packet_a_frame(packets, times_s)
        self.decoded_at = np.argsort(packets.pts, kind="stable")  # by frame
        self.shown_at = np.argsort(self.decoded_at, kind="stable")  # by packet
        self.key_frames = np.flatnonzero(packets.keys[self.decoded_at])

    def exact(self, start: int, end: int) -> PacketRange | str:
        """Packets that hold exactly frames [start, end); or why there are none.

        The first frame must be a key frame, and as many packets of the file from there on as the
        shot has frames must hold these frames: none is shown before the first (open GOP), and none
        belongs to the next shot.
        """
        if not self.fits:
            return "its packets are not its frames one by one"
        first = int(self.decoded_at[start])
        last = first + end - start
        if not self.packets.keys[first]:
            before = self.key_before(start)
            where = "" if before is None else f", the one before it is frame {before}"
            return f"frame {start} is no key frame{where}"
        frames = self.shown_at[first:last]
        # Frame numbers are distinct, so bounds and count show that they are the shot's.
        if len(frames) < end - start or frames.min() < start or frames.max() >= end:
            return "its packets and those of another shot are mixed"
        return PacketRange(first, last)

    def from_key_frame(self, start: int, end: int) -> PacketRange | str:
        """Packets from the last key frame up to `start` to frame `end`; or why there are none."""
        if not self.fits:
            return "its packets are not its frames one by one"
        key = self.key_before(start)
        if key is None:
            return f"there is no key frame before frame {start}"
        first = int(self.decoded_at[key])
        last = int(self.decoded_at[start:end].max()) + 1
        late = int((self.shown_at[first:last] >= end).sum())
        return PacketRange(first, last, start - key, late)

    def key_before(self, frame: int) -> int | None:
        """The last key frame that is not after a frame."""
        place = int(np.searchsorted(self.key_frames, frame, side="right"))
        return int(self.key_frames[place - 1]) if place else None


def jumps(packets: Packets, times_s: NDArray[np.float64]) -> bool:
    """Whether the file's clock jumps, so that its audio lies elsewhere than its frames.

    Args:
        packets: of the whole file.
        times_s: of its frames, up to the last that is needed, counted on where the clock jumps.
    """
    shown_s = np.sort(packets.pts)[: len(times_s)] * packets.tick_s
    return bool(len(shown_s) and abs(np.ptp(shown_s) - np.ptp(times_s)) > LONGEST_SLIP_S)


def _one_packet_a_frame(packets: Packets, times_s: NDArray[np.float64]) -> bool:
    if len(packets.pts) < len(times_s) or not len(times_s):
        return False
    shown = np.sort(packets.pts)
    since_first = (shown[: len(times_s)] - shown[0]) * packets.tick_s
    same_times = np.allclose(since_first, times_s - times_s[0], rtol=0, atol=packets.tick_s / 2)
    return bool((np.diff(shown) > 0).all() and same_times)
