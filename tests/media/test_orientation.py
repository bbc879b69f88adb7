"""Pictures are turned upright as a player would turn them, in all eight ways."""

import itertools
import struct
from pathlib import Path

import numpy as np
import pytest

from eruv.editing.video_pass import EditingSettings, edit_video
from eruv.media.orientation import UPRIGHT, Orientation, orientation_of_matrix
from eruv.media.proxy import ProxyReader
from films_for_tests import encode, yuv_frame

ONE = 1 << 16
MATRICES = [
    matrix
    for first, second in itertools.product((ONE, -ONE), repeat=2)
    for matrix in ((first, 0, 0, second), (0, first, second, 0))
]
# Luma of the quadrant at each corner of the stored picture, x to the right and y down.
QUADRANTS = {(-1, -1): 50, (1, -1): 100, (-1, 1): 150, (1, 1): 200}


def set_display_matrix(path: Path, a: int, b: int, c: int, d: int) -> None:
    """Write [a b 0; c d 0; 0 0 1] into the track header of an MP4."""
    data = bytearray(path.read_bytes())
    header = data.index(b"tkhd") + 4
    start = header + (52 if data[header] else 40)
    data[start : start + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


def shown_quadrants(a: int, b: int, c: int, d: int) -> list[int]:
    """Luma that a player shows top left, top right, bottom left, bottom right."""
    shown = {}
    for (x, y), luma in QUADRANTS.items():
        shown[(a * x + c * y) // ONE, (b * x + d * y) // ONE] = luma
    return [shown[-1, -1], shown[1, -1], shown[-1, 1], shown[1, 1]]


@pytest.mark.parametrize("matrix", MATRICES)
def test_a_stored_picture_is_shown_as_a_player_shows_it(
    tmp_path: Path, matrix: tuple[int, int, int, int]
) -> None:
    luma = np.empty((96, 128), np.uint8)
    for (x, y), value in QUADRANTS.items():
        luma[48 * (y > 0) :, 64 * (x > 0) :][:48, :64] = value
    path = encode(tmp_path / "turned.mp4", [yuv_frame(luma)] * 3)
    set_display_matrix(path, *matrix)

    video = edit_video(path, "id", tmp_path / "proxy.mp4", EditingSettings())
    reader = ProxyReader(tmp_path / "proxy.mp4", EditingSettings().proxy)
    picture = reader.read([0])[0].mean(axis=-1) / 255 * 219 + 16
    reader.close()

    corners = [picture[:40, :60], picture[:40, -60:], picture[-40:, :60], picture[-40:, -60:]]
    seen = [round(corner.mean()) for corner in corners]
    assert seen == pytest.approx(shown_quadrants(*matrix), abs=3)
    assert (video.width, video.height) == ((128, 96) if matrix[0] else (96, 128))


def test_eight_matrices_give_eight_orientations() -> None:
    found = {
        orientation_of_matrix(struct.pack("<9i", a, b, 0, c, d, 0, 0, 0, 1 << 30))
        for a, b, c, d in MATRICES
    }
    assert len(found) == 8
    assert UPRIGHT in found


def test_an_odd_angle_is_taken_for_the_nearest_orientation() -> None:
    cosine, sine = round(ONE * np.cos(1.4)), round(ONE * np.sin(1.4))  # about 80 degrees
    matrix = struct.pack("<9i", cosine, sine, 0, -sine, cosine, 0, 0, 0, 1 << 30)
    assert orientation_of_matrix(matrix) == Orientation(transpose=True, flip_columns=True)
