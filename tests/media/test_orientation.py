"""Pictures are turned upright as a player would turn them, in all eight ways."""

import io
import itertools
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from eruv.detection.detect import ShotList, detect_shots
from eruv.library.video_pass import EditingSettings, edit_video
from eruv.media.orientation import UPRIGHT, Orientation, orientation_of_frame, orientation_of_matrix
from eruv.media.proxy import ProxyReader
from eruv.media.scaling import Scaler
from eruv.media.video import VideoSource
from films_for_tests import encode, pattern, yuv_frame

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


HEIGHT, WIDTH = 72, 96


def stored_for(shown: np.ndarray, matrix: tuple[int, int, int, int]) -> np.ndarray:
    """The plane that, stored with this matrix, is shown as `shown`: looked up point by point."""
    a, b, c, d = (value // ONE for value in matrix)
    height, width = shown.shape
    stored = np.empty((height, width) if a else (width, height), np.uint8)
    for y, x in np.ndindex(stored.shape):
        # Twice the distance from the middle, so that all numbers are whole.
        x2, y2 = 2 * x - stored.shape[1] + 1, 2 * y - stored.shape[0] + 1
        shown_x, shown_y = a * x2 + c * y2, b * x2 + d * y2
        stored[y, x] = shown[(shown_y + height - 1) // 2, (shown_x + width - 1) // 2]
    return stored


def film_with_matrix(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    """Two shots of 20 frames, 96x72 when shown upright; the matrix is written by the muxer."""
    a, b, c, d = matrix
    stills = [stored_for(pattern(seed, HEIGHT, WIDTH), matrix) for seed in (1, 2)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.set_display_matrix([a, b, 0, c, d, 0, 0, 0, 1 << 30])
        stream.height, stream.width = stills[0].shape
        stream.pix_fmt = "yuv420p"
        for number in range(40):
            frame = yuv_frame(stills[number // 20])
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def upright(tmp_path_factory: pytest.TempPathFactory) -> ShotList:
    folder = tmp_path_factory.mktemp("upright")
    return detect_shots(film_with_matrix(folder / "film.mp4", MATRICES[0]), "hog-fixed", threads=1)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("matrix", MATRICES)
def test_a_turned_film_has_the_shots_and_the_proxy_of_the_upright_one(
    tmp_path: Path, matrix: tuple[int, int, int, int], suffix: str, upright: ShotList
) -> None:
    path = film_with_matrix(tmp_path / f"film{suffix}", matrix)
    found = detect_shots(path, "hog-fixed", threads=1)
    assert (found.width, found.height) == (upright.width, upright.height) == (WIDTH, HEIGHT)
    assert [(shot.start, shot.end) for shot in found.shots] == [(0, 20), (20, 40)]
    assert np.abs(found.scores - upright.scores).max() < 0.02

    video = edit_video(path, "id", tmp_path / "proxy.mp4", EditingSettings())
    reader = ProxyReader(tmp_path / "proxy.mp4", EditingSettings().proxy)
    pictures = reader.read([3, 30], (HEIGHT, WIDTH)).mean(axis=-1) / 255 * 219 + 16
    reader.close()
    assert (video.width, video.height) == (WIDTH, HEIGHT)
    for picture, seed in zip(pictures, (1, 2), strict=True):
        assert np.corrcoef(picture.ravel(), pattern(seed, HEIGHT, WIDTH).ravel())[0, 1] > 0.95


@pytest.mark.parametrize(("tag", "turns"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_side_data_that_the_library_does_not_know_does_no_harm(
    tmp_path: Path, tag: int, turns: int
) -> None:
    """JPEG frames of cameras carry EXIF, which says how to turn them."""
    picture = pattern(1, 48, 64)
    exif = Image.Exif()
    exif[0x0112] = tag
    jpeg = io.BytesIO()
    Image.fromarray(picture).convert("RGB").save(jpeg, "jpeg", exif=exif, quality=95)
    path = tmp_path / "camera.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
        container.start_encoding()
        packet = av.Packet(jpeg.getvalue())
        packet.pts = packet.dts = 0
        packet.time_base, packet.stream = Fraction(1, 25), stream
        container.mux(packet)
    with VideoSource(path) as source:
        frame = next(source.frames()).picture
    shown = np.rot90(picture, turns)
    plane = Scaler(shown.shape[0], shown.shape[1], "gray").planes(
        frame, orientation_of_frame(frame)
    )[0]
    assert plane.shape == shown.shape
    assert np.abs(plane.astype(int) - shown).mean() < 4
