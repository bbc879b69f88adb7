"""Pictures of shots as files: the middle frames, upright, with square pixels."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from eruv.detection.detect import detect_shots
from eruv.detection.export.own_files import PICTURE_SUFFIXES, refuse_foreign_shots
from eruv.detection.export.pictures import picture_size, pictures_of, write_pictures
from eruv.utils.errors import EruvError
from eruv.utils.html import jpeg
from films_for_tests import NumberedVideo, frame_number_of, render_video


def read(path: Path) -> np.ndarray:
    """RGB of a picture file, by FFmpeg."""
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def test_each_shot_has_its_middle_frame_in_its_own_size(
    numbered_video: NumberedVideo, tmp_path: Path
) -> None:
    shots = detect_shots(numbered_video.path, "hog-fixed")
    paths = write_pictures(shots, tmp_path, "film")
    assert [path.name for path in paths] == ["film-001.jpg", "film-002.jpg", "film-003.jpg"]
    assert sorted(tmp_path.iterdir()) == paths
    pictures = [read(path) for path in paths]
    assert [frame_number_of(picture) for picture in pictures] == [
        (start + end - 1) // 2 for start, end in numbered_video.shots
    ]
    assert pictures[0].shape == (256, 342, 3)


def test_own_pictures_are_replaced_and_those_left_over_are_removed(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    path = render_video(tmp_path / "film.mp4", [(1, 20), (2, 20), (3, 20)])
    write_pictures(detect_shots(path, "hog-fixed"), parts, "film")
    foreign = parts / "film-b.jpg"
    foreign.write_bytes(jpeg(np.zeros((8, 8, 3), np.uint8)))
    refuse_foreign_shots(parts, "film", [], PICTURE_SUFFIXES)
    render_video(path, [(1, 20), (2, 20)])
    write_pictures(detect_shots(path, "hog-fixed"), parts, "film")
    assert sorted(one.name for one in parts.iterdir()) == [
        "film-001.jpg",
        "film-002.jpg",
        "film-b.jpg",
    ]
    foreign.rename(parts / "film-007.jpg")
    with pytest.raises(EruvError, match=r"film-007\.jpg exists and was not written by eruv"):
        refuse_foreign_shots(parts, "film", [], PICTURE_SUFFIXES)


def test_a_video_that_has_changed_is_refused_and_nothing_remains(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    path = render_video(tmp_path / "film.mp4", [(1, 20), (2, 20)])
    shots = detect_shots(path, "hog-fixed")
    render_video(path, [(1, 20)])
    with pytest.raises(EruvError, match="has changed"):
        write_pictures(shots, parts, "film")
    assert list(parts.iterdir()) == []


@pytest.mark.parametrize(
    ("size", "aspect", "side", "wanted"),
    [
        ((1920, 1080), Fraction(1), 160, (160, 90)),
        ((1080, 1920), Fraction(1), 160, (90, 160)),
        ((720, 576), Fraction(64, 45), 160, (160, 90)),
        ((4000, 2), Fraction(1), 160, (160, 2)),
        ((64, 48), Fraction(0), 160, (160, 120)),
        ((720, 576), Fraction(64, 45), None, (1024, 576)),
    ],
)
def test_pictures_fit_and_have_square_pixels(
    size: tuple[int, int], aspect: Fraction, side: int | None, wanted: tuple[int, int]
) -> None:
    assert picture_size(*size, aspect, side) == wanted


def test_pictures_stand_upright(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.set_display_rotation(90)
        half = np.zeros((64, 96, 3), np.uint8)
        half[:, 48:] = 255  # the right half, which a turn to the left brings up
        container.mux(stream.encode(av.VideoFrame.from_ndarray(half)))
        container.mux(stream.encode(None))
    ((number, picture),) = pictures_of([path], [0], 96)
    assert number == 0
    assert picture.shape == (96, 64, 3)
    assert picture[:40].mean() > 240
    assert picture[-40:].mean() < 15
