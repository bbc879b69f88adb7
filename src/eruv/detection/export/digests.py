"""Checksums of frames, to see whether a copy shows what its source shows."""

import zlib

import av

from eruv.media.scaling import padded_rows


def digest(picture: av.VideoFrame) -> int:
    """A checksum of the samples of a frame, without the padding of its rows."""
    found = zlib.crc32(picture.format.name.encode())
    if picture.format.has_palette or any(plane.line_size <= 0 for plane in picture.planes):
        # Indices mean nothing without their colours; rows that are stored from the bottom up have
        # no view as an array.
        picture = picture.reformat(format="rgba64le" if _sample_bits(picture) > 8 else "rgba")
    format, sample_bits = picture.format, _sample_bits(picture)
    for index, plane in enumerate(picture.planes):
        samples = sum(component.plane == index for component in format.components)
        packed = len(picture.planes) == 1
        bits = format.padded_bits_per_pixel if packed else samples * sample_bits
        rows = padded_rows(plane)[: plane.height, : -(-plane.width * bits // 8)]
        found = zlib.crc32(rows.tobytes(), found)
    return found


def _sample_bits(picture: av.VideoFrame) -> int:
    """Bits that one sample takes in memory."""
    bits = max(component.bits for component in picture.format.components)
    return 8 if bits <= 8 else 16 if bits <= 16 else 32
