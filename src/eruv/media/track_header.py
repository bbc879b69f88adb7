"""The end of a track as MP4 and QuickTime state it, which FFmpeg does not report."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

MOST_BOXES = 10_000  # on one level; a damaged file may count without end


class Box(NamedTuple):
    """A box of a file: its kind, and where its content starts and ends."""

    kind: bytes
    start: int
    end: int


def track_end_s(path: Path, track: int) -> float | None:
    """When a track ends, in seconds of the film; None if the file does not say.

    FFmpeg adds up steps between times of decoding, which say nothing of the last frame shown where
    pictures are reordered and the rate varies.

    Args:
        path: of an MP4 or QuickTime file.
        track: its number in the file.
    """
    with path.open("rb") as file:
        file_end = file.seek(0, 2)
        for movie in _boxes(file, Box(b"", 0, file_end), b"moov"):
            header = next(_boxes(file, movie, b"mvhd"), None)
            if header is None:
                return None
            per_second, _ = _scale_and_duration(file, header)
            for box in _boxes(file, movie, b"trak"):
                header = next(_boxes(file, box, b"tkhd"), None)
                if header is not None:
                    number, duration = _scale_and_duration(file, header)
                    if number == track:
                        return duration / per_second if duration and per_second else None
    return None


def _boxes(file: BinaryIO, parent: Box, kind: bytes) -> Iterator[Box]:
    """Boxes of a kind directly within another."""
    at = parent.start
    for _ in range(MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        if at + 8 > parent.end or len(head) < 8:
            return
        size, found = struct.unpack(">I4s", head[:8])
        content = at + 8
        if size == 1 and len(head) == 16:
            size, content = struct.unpack(">Q", head[8:])[0], at + 16
        end = at + size if size else parent.end
        if not content <= end <= parent.end:
            return
        if found == kind:
            yield Box(found, content, end)
        at = end


def _scale_and_duration(file: BinaryIO, header: Box) -> tuple[int, int]:
    """Ticks a second and duration of a movie's header, or number and duration of a track's.

    Returns:
        Zeros if the header is cut off, or the duration is not known.
    """
    file.seek(header.start)
    data = file.read(min(header.end - header.start, 40))
    reserved = 4 if header.kind == b"tkhd" else 0
    wide = data[:1] == b"\x01"
    at = 20 if wide else 12
    length = 8 if wide else 4
    if len(data) < at + 4 + reserved + length:
        return 0, 0
    first = int.from_bytes(data[at : at + 4], "big")
    duration = int.from_bytes(data[at + 4 + reserved : at + 4 + reserved + length], "big")
    return first, 0 if duration == 256**length - 1 else duration
