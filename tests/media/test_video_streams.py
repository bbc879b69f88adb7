"""Which stream of a file is the film, and what stands beside it.

Covers also: streams.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from eruv.detection.detect import detect_shots
from eruv.media.damage import UnreadableVideo
from eruv.media.streams import LeftOutStream
from eruv.media.video import SourceFrame, VideoSource
from eruv.utils.errors import EruvError
from films_for_tests import pattern, yuv_frame

Read = Callable[..., tuple[list[int], list[SourceFrame]]]
SMALL, LARGE = (64, 48), (160, 120)
SECOND = 25  # frames
NOTHING = Disposition(0)


def add_film(
    container: av.container.OutputContainer,
    size: tuple[int, int],
    disposition: Disposition = NOTHING,
    codec: str = "libx264",
) -> av.VideoStream:
    stream = container.add_stream(codec, rate=25)
    assert isinstance(stream, av.VideoStream)
    stream.width, stream.height = size
    stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    stream.codec_context.time_base = Fraction(1, 25)
    stream.disposition = disposition
    return stream


def fill_film(
    container: av.container.OutputContainer,
    stream: av.VideoStream,
    count: int,
    start: int = 0,
) -> None:
    still = pattern(stream.width, stream.height, stream.width)
    for number in range(count):
        frame = yuv_frame(still)
        frame.pts, frame.time_base = start + number, Fraction(1, 25)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def add_audio(container: av.container.OutputContainer) -> av.AudioStream:
    stream = container.add_stream("aac", rate=48_000)
    stream.layout = "mono"
    return stream


def fill_audio(
    container: av.container.OutputContainer, stream: av.AudioStream, seconds: int
) -> None:
    for number in range(48_000 * seconds // 1024):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts = 48_000, 1024 * number
        frame.time_base = Fraction(1, 48_000)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("default", [0, 1])
def test_of_several_films_the_default_one_is_read(
    tmp_path: Path, suffix: str, default: int
) -> None:
    path = tmp_path / f"two{suffix}"
    with av.open(str(path), "w") as container:
        kinds = [Disposition.default if n == default else NOTHING for n in (0, 1)]
        films = [
            add_film(container, size, kind)
            for size, kind in zip((SMALL, LARGE), kinds, strict=True)
        ]
        fill_film(container, films[0], 30)
        fill_film(container, films[1], 20)
    for threads in (1, 3):
        with VideoSource(path, threads) as source:
            sizes = {(f.picture.width, f.picture.height) for f in source.frames()}
            count = source.damage.packets
        assert sizes == {(SMALL, LARGE)[default]}
        assert count == (30, 20)[default]
    found = detect_shots(path)
    other = 1 - default
    assert found.stream == default
    assert found.left_out == (LeftOutStream(other, *(SMALL, LARGE)[other]),)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_film_that_starts_behind_its_audio_starts_late(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"late{suffix}"
    with av.open(str(path), "w") as container:
        film, audio = add_film(container, SMALL), add_audio(container)
        fill_audio(container, audio, 4)
        fill_film(container, film, SECOND, start=2 * SECOND)
    found = detect_shots(path)
    # Both start where the audio does; the encoder of the audio may begin a little before.
    assert found.times_s[0] == pytest.approx(2, abs=0.03)
    assert np.diff(found.times_s) == pytest.approx(1 / 25, abs=1e-3)
    assert found.end_s == pytest.approx(3, abs=0.03)


def test_a_cover_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        audio = add_audio(container)
        cover = add_film(container, LARGE, Disposition.attached_pic, codec="mjpeg")
        fill_audio(container, audio, 1)
        fill_film(container, cover, 1)
    with av.open(str(path)) as container:
        assert container.streams.video[0].disposition & Disposition.attached_pic
    with pytest.raises(UnreadableVideo, match="no video stream"):
        VideoSource(path)
    with pytest.raises(EruvError, match=r"song\.mp4: no video stream"):
        detect_shots(path)


def test_a_film_with_a_cover_is_the_film(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        cover = add_film(container, LARGE, Disposition.attached_pic, codec="mjpeg")
        film = add_film(container, SMALL)
        fill_film(container, cover, 1)
        fill_film(container, film, 20)
    found = detect_shots(path)
    assert (found.num_frames, found.width, found.height) == (20, *SMALL)


@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".mkv"])
@pytest.mark.parametrize("timecode", ["10:00:00:00", "00:59:59:24", None])
def test_the_timecode_of_the_file_is_known(
    tmp_path: Path, suffix: str, timecode: str | None
) -> None:
    path = tmp_path / f"film{suffix}"
    with av.open(str(path), "w") as container:
        if timecode:
            container.metadata["timecode"] = timecode
        film = add_film(container, SMALL)
        fill_film(container, film, 5)
    found = detect_shots(path)
    assert found.timecode == timecode
    assert found.left_out == ()


@pytest.mark.parametrize("size", [(33, 17), (2, 2), (15, 200), (171, 1)])
def test_odd_sizes_are_read(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "odd.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv444p"
        for number in range(3):
            frame = av.VideoFrame.from_ndarray(
                np.full((size[1], size[0], 3), 99, np.uint8), format="rgb24"
            )
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    found = detect_shots(path)
    assert (found.num_frames, found.width, found.height) == (3, *size)
