"""Whatever a file's pixels are made of, the same picture comes out."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from eruv.library.video_pass import EditingSettings, edit_video
from eruv.media.orientation import UPRIGHT, Orientation
from eruv.media.scaling import Scaler, plane_of
from eruv.media.video import SourceFrame, VideoSource
from films_for_tests import pattern

Write = Callable[..., Path]
Read = Callable[..., tuple[list[int], list[SourceFrame]]]
HEIGHT, WIDTH = 96, 128
LOSSLESS = {"preset": "ultrafast", "qp": "1"}
VP9 = {"lossless": "1", "deadline": "realtime", "cpu-used": "8"}


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """RGB, every level, smooth."""
    channels = [pattern(seed, HEIGHT, WIDTH, low=0, high=255) for seed in (1, 2, 3)]
    return np.stack(channels, -1)


def luma_of(picture: np.ndarray) -> np.ndarray:
    """Limited-range BT.601 luma."""
    return 16 + picture @ np.array([65.481, 128.553, 24.966]) / 255


def film_of(
    path: Path,
    picture: np.ndarray,
    codec: str,
    pixels: str,
    options: dict[str, str],
    full: bool = False,
    space: Colorspace = Colorspace.ITU601,
) -> Path:
    color_range = ColorRange.JPEG if full else ColorRange.MPEG
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
        if "yuv" in pixels:
            stream.codec_context.color_range = color_range
            stream.codec_context.colorspace = 1 if space == Colorspace.ITU709 else 6
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(
            format=pixels, dst_colorspace=space, dst_color_range=color_range
        )
        for number in range(3):
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def planes_of(path: Path, height: int, width: int, format: str) -> list[np.ndarray]:
    with VideoSource(path) as source:
        frame = next(source.frames())
        planes = Scaler(height, width, format).planes(frame.picture, UPRIGHT)
    return [plane.astype(float) for plane in planes]


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "options"),
    [
        ("a.mp4", "libx264", "yuv420p", LOSSLESS),
        ("ten.mp4", "libx264", "yuv420p10le", LOSSLESS),
        ("ten.mov", "prores_ks", "yuv422p10le", {}),
        ("alpha12.mov", "prores_ks", "yuva444p10le", {}),
        ("ten.mkv", "ffv1", "yuv422p10le", {}),
        ("sixteen.mkv", "ffv1", "yuv420p16le", {}),
        ("alpha.mkv", "ffv1", "yuva420p", {}),
        ("alpha.webm", "libvpx-vp9", "yuva420p", VP9),
        ("alpha.mov", "qtrle", "argb", {}),
        ("png.mov", "png", "rgba", {}),
        ("png16.mov", "png", "rgb48be", {}),
        ("ten-rgb.mkv", "ffv1", "gbrp10le", {}),
        ("bgr.avi", "rawvideo", "bgr24", {}),
    ],
)
def test_luma_is_the_same_from_any_bits_and_with_alpha(
    tmp_path: Path,
    picture: np.ndarray,
    name: str,
    codec: str,
    pixels: str,
    options: dict[str, str],
) -> None:
    path = film_of(tmp_path / name, picture, codec, pixels, options)
    limited = planes_of(path, HEIGHT, WIDTH, "yuv420p")[0]
    full = planes_of(path, HEIGHT, WIDTH, "gray")[0]
    truth = luma_of(picture)
    assert np.abs(limited - truth).mean() < 1.2
    assert limited.mean() == pytest.approx(truth.mean(), abs=0.6)
    assert full.mean() == pytest.approx((truth.mean() - 16) * 255 / 219, abs=0.8)


@pytest.mark.parametrize("format", ["gray", "yuv420p", "rgb24"])
def test_full_and_limited_range_give_one_picture(
    tmp_path: Path, picture: np.ndarray, format: str
) -> None:
    limited = film_of(tmp_path / "l.mp4", picture, "libx264", "yuv444p", LOSSLESS)
    full = film_of(tmp_path / "f.mp4", picture, "libx264", "yuv444p", LOSSLESS, full=True)
    jpeg = film_of(tmp_path / "j.avi", picture, "mjpeg", "yuvj444p", {"b": "20M"}, full=True)
    reference = planes_of(limited, 48, 64, format)
    for path in (full, jpeg):
        planes = planes_of(path, 48, 64, format)
        for plane, expected in zip(planes, reference, strict=True):
            assert plane.mean() == pytest.approx(expected.mean(), abs=1)
        # Chroma is scaled by another filter where the range changes.
        assert np.abs(planes[0] - reference[0]).mean() < 2


def test_colours_of_high_definition_are_brought_to_those_of_standard(tmp_path: Path) -> None:
    red = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    red[..., 0] = 255
    path = tmp_path / "red.mp4"
    film_of(path, red, "libx264", "yuv444p", LOSSLESS, space=Colorspace.ITU709)
    levels = [plane.mean() for plane in planes_of(path, 48, 64, "yuv420p")]
    assert levels == pytest.approx([81, 90, 240], abs=2)  # in BT.709: 63, 102, 240


def test_what_lies_under_the_alpha_is_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "clear.mov"
    rgba = np.full((HEIGHT, WIDTH, 4), 200, np.uint8)
    rgba[:, :64, 3] = 0
    with av.open(str(path), "w") as container:
        stream = container.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "rgba"
        frame = av.VideoFrame.from_ndarray(rgba, format="rgba")
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    plane = planes_of(path, 48, 64, "gray")[0]
    assert plane.min() == pytest.approx(plane.max(), abs=1)


def test_fields_stay_as_they_are_stored(
    write_video: Write, read_numbers: Read, tmp_path: Path
) -> None:
    options = {"preset": "ultrafast", "crf": "10", "x264-params": "tff=1:bframes=2:keyint=12"}
    path = write_video(tmp_path / "fields.mp4", 40, options=options)
    numbers, frames = read_numbers(path)
    assert numbers == list(range(40))
    assert all(frame.picture.interlaced_frame for frame in frames)
    assert frames[-1].time_s == pytest.approx(39 / 25)


def test_pixels_that_are_not_square_are_counted_as_stored(
    write_video: Write, tmp_path: Path
) -> None:
    def widen(stream: av.VideoStream) -> None:
        stream.codec_context.sample_aspect_ratio = Fraction(16, 11)

    path = write_video(tmp_path / "wide.mp4", 20, size=(72, 56), set_up=widen)
    with VideoSource(path) as source:
        assert source.stream.codec_context.sample_aspect_ratio == Fraction(16, 11)
    video = edit_video(path, "id", tmp_path / "proxy.mp4", EditingSettings())
    assert (video.width, video.height, video.num_frames) == (72, 56, 20)


@pytest.mark.parametrize("format", ["gray", "yuv420p", "rgb24"])
@pytest.mark.parametrize("turned", [False, True])
def test_planes_have_the_shown_size(format: str, turned: bool) -> None:
    frame = av.VideoFrame(54, 38, "yuv420p")
    shapes = [p.shape for p in Scaler(31, 45, format).planes(frame, Orientation(turned))]
    expected = {"gray": [(31, 45)], "rgb24": [(31, 45, 3)]}
    assert shapes == expected.get(format, [(31, 45), (16, 23), (16, 23)])


def test_a_plane_is_a_view_without_padding() -> None:
    frame = av.VideoFrame(33, 17, "yuv420p")
    assert [plane_of(frame, index).shape for index in range(3)] == [(17, 33), (9, 17), (9, 17)]
