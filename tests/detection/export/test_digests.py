"""Checksums of frames: alike where the pictures are, whatever the padding, unlike where not."""

import struct
from pathlib import Path

import av
import numpy as np
import pytest

from eruv.detection.export.digests import digest
from films_for_tests import pattern

FORMATS = ["rgb24", "bgra", "rgb555le", "rgb8", "gray", "gray16le", "monow", "yuv420p", "nv12"]
FORMATS += ["yuyv422", "yuv422p10le", "p010le", "gbrp", "gbrpf32le", "rgba64le"]


def frame_of(format: str, seed: int, padding: int = 0) -> av.VideoFrame:
    """A frame of 95×70; what lies behind the end of a row is `padding`."""
    picture = av.VideoFrame.from_ndarray(pattern(seed, 70, 95), format="gray")
    frame = picture.reformat(format=format)
    for plane in frame.planes:
        bits = frame.format.padded_bits_per_pixel
        used = -(-plane.width * bits // 8) if len(frame.planes) == 1 else plane.line_size
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size).copy()
        rows[:, used:] = padding
        plane.update(rows.tobytes())
    return frame


@pytest.mark.parametrize("format", FORMATS)
def test_equal_pictures_have_equal_checksums_and_others_have_not(format: str) -> None:
    assert digest(frame_of(format, 1)) == digest(frame_of(format, 1, padding=255))
    assert digest(frame_of(format, 1)) != digest(frame_of(format, 2))


def paletted(colours: np.ndarray) -> av.VideoFrame:
    frame = av.VideoFrame(95, 70, "pal8")
    rows = np.zeros((70, frame.planes[0].line_size), np.uint8)
    rows[:, :95] = pattern(1, 70, 95)
    frame.planes[0].update(rows.tobytes())
    frame.planes[1].update(colours.astype(np.uint8).tobytes())
    return frame


def test_a_palette_counts() -> None:
    greys = np.arange(256).repeat(4).reshape(256, 4)
    assert digest(paletted(greys)) == digest(paletted(greys))
    assert digest(paletted(greys)) != digest(paletted(greys[::-1]))


def test_rows_from_the_bottom_up(tmp_path: Path) -> None:
    path = tmp_path / "film.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 70, "bgr24"
        for seed in (1, 1, 2):
            picture = av.VideoFrame.from_ndarray(pattern(seed, 70, 96), format="gray")
            container.mux(stream.encode(picture.reformat(format="bgr24")))
    data = bytearray(path.read_bytes())
    header = data.index(b"strf") + 8
    assert struct.unpack_from("<3i", data, header) == (40, 96, -70)
    struct.pack_into("<i", data, header + 8, 70)  # a positive height: the last row comes first
    path.write_bytes(data)
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        assert frames[0].planes[0].line_size < 0
        first, same, other = map(digest, frames)
    assert first == same != other
