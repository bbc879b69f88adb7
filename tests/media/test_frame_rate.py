"""The rate is that of the times, whatever the file states, and exact where a rate is meant."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.detection.detect import ShotList, detect_shots
from eruv.media.frame_rate import measured_rate
from eruv.media.video import VideoSource
from films_for_tests import render_video

Write = Callable[..., Path]
FILM, NTSC = Fraction(24000, 1001), Fraction(30000, 1001)
USUAL = [FILM, Fraction(24), Fraction(25), NTSC, Fraction(30), Fraction(50), 2 * NTSC, Fraction(60)]
FRAMES = 40
QUIET = {"preset": "ultrafast", "x265-params": "log-level=0:bframes=2"}


def read(path: Path) -> ShotList:
    return detect_shots(path, "hog-fixed", threads=1)


@pytest.mark.parametrize("rate", [FILM, NTSC, Fraction(30), Fraction(50), Fraction(100)])
@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("film.mp4", "libx264", {"bf": "2"}),
        ("film.mkv", "libx264", {"bf": "2"}),
        ("film.webm", "libvpx", {}),
        ("film.flv", "flv1", {}),
        ("film.ts", "libx264", {"bf": "2"}),
        ("film.avi", "mpeg4", {"bf": "2"}),
        ("raw.h264", "libx264", {"bf": "2"}),
        ("raw.hevc", "libx265", QUIET),
        ("raw.m2v", "mpeg2video", {"bf": "2"}),
        ("raw.m1v", "mpeg1video", {}),
    ],
)
def test_every_container_gives_the_rate_exactly(
    tmp_path: Path, name: str, codec: str, options: dict[str, str], rate: Fraction
) -> None:
    """Raw streams are stated as 25, FLV in thousandths, webm in milliseconds."""
    if codec.startswith("mpeg") and codec != "mpeg4" and rate > 60:
        pytest.skip("MPEG-1 and MPEG-2 know no such rate")
    path = render_video(tmp_path / name, [(1, FRAMES)], codec=codec, rate=rate, options=options)
    found = read(path)
    assert found.rate == rate
    assert found.end_s - found.times_s[0] == pytest.approx(FRAMES / rate, abs=0.0011)


def raw_mpeg4(path: Path, rate: int) -> Path:
    """A stream of MPEG-4 without a container, which FFmpeg takes for 25 frames a second."""
    avi = render_video(path.with_name("film.avi"), [(1, FRAMES)], codec="mpeg4", rate=rate)
    with av.open(str(avi)) as container:
        path.write_bytes(b"".join(bytes(packet) for packet in container.demux(video=0)))
    return path


def test_raw_mpeg4_has_the_rate_of_its_header(tmp_path: Path) -> None:
    found = read(raw_mpeg4(tmp_path / "film.m4v", 30))
    assert found.num_frames == FRAMES
    assert found.rate == 30
    assert found.end_s - found.times_s[0] == pytest.approx(FRAMES / 30)


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
@pytest.mark.parametrize("rate", [FILM, Fraction(25), NTSC])
def test_a_rate_that_is_stated_doubled(tmp_path: Path, codec: str, rate: Fraction) -> None:
    """AVI counts fields there: every other chunk is empty."""
    path = tmp_path / "film.avi"
    pts = [2 * frame for frame in range(FRAMES)]
    options = {"bf": "0", "preset": "ultrafast"} if codec == "libx264" else {}
    render_video(path, [(1, FRAMES)], codec=codec, rate=2 * rate, pts=pts, options=options)
    with av.open(str(path)) as container:
        assert container.streams.video[0].average_rate == 2 * rate
    found = read(path)
    assert found.rate == rate
    assert found.end_s == pytest.approx(FRAMES / rate)


@pytest.mark.parametrize("suffix", [".webm", ".mkv", ".mp4"])
def test_a_clock_is_no_rate(write_video: Write, tmp_path: Path, suffix: str) -> None:
    """Browsers state 1000 frames a second, and show about 26."""
    pts = np.cumsum([0, *([33, 66, 35, 16, 50] * 8)])[:FRAMES].tolist()
    path = write_video(
        tmp_path / f"film{suffix}",
        FRAMES,
        codec="libvpx" if suffix == ".webm" else "libx264",
        options={} if suffix == ".webm" else None,
        pts=pts,
        rate=1000,
        time_base=Fraction(1, 1000),
    )
    found = read(path)
    assert found.frames_per_second == pytest.approx(1000 * (FRAMES - 1) / pts[-1], rel=0.03)
    assert found.end_s == pytest.approx(pts[-1] / 1000 + 0.038, abs=0.04)


@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".mp4"])
def test_soft_telecine_is_film(write_video: Write, tmp_path: Path, suffix: str) -> None:
    """Frames are shown for two fields and three fields of 59.94 a second, in turn."""
    pts = [5 * (frame // 2) + 2 * (frame % 2) for frame in range(FRAMES)]
    field = Fraction(1001, 60_000)
    path = write_video(tmp_path / f"film{suffix}", FRAMES, pts=pts, time_base=field, rate=NTSC)
    found = read(path)
    assert found.rate == FILM


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "libx264"), ("a.mov", "mjpeg"), ("a.mkv", "libx264")]
)
def test_slides_of_three_seconds(tmp_path: Path, name: str, codec: str) -> None:
    path = tmp_path / name
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=Fraction(1, 3))
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        stream.codec_context.time_base = Fraction(1, 1)
        for number in range(6):
            frame = av.VideoFrame(64, 48, pixels)
            frame.pts, frame.time_base = 3 * number, Fraction(1, 1)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    found = read(path)
    assert found.rate == Fraction(1, 3)
    assert found.end_s == pytest.approx(18)


@pytest.mark.parametrize("delays", [[200, 300, 200, 400, 200, 500], [300, 400, 50], [150]])
def test_a_gif_ends_when_its_last_picture_does(tmp_path: Path, delays: list[int]) -> None:
    path = write_gif(tmp_path / "slides.gif", delays)
    found = read(path)
    assert found.num_frames == len(delays)
    assert found.end_s == pytest.approx(sum(delays) / 100)
    assert found.frames_per_second == pytest.approx(100 * len(delays) / sum(delays), rel=0.01)


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [(".mp4", "libx264"), (".mov", "mjpeg"), (".mkv", "libx264"), (".webm", "libvpx")],
)
@pytest.mark.parametrize("b_frames", ["0", "2"])
@pytest.mark.parametrize("audio", [False, True])
def test_films_of_varying_rate_end_when_their_last_frame_does(
    tmp_path: Path, suffix: str, codec: str, b_frames: str, audio: bool
) -> None:
    delays = [200, 300, 150, 400, 40, 40, 700, 1500]
    path = write_slides(tmp_path / f"film{suffix}", delays, codec, audio, b_frames)
    found = read(path)
    starts = np.cumsum([0, *delays[:-1]]) / 1000
    assert found.times_s - found.times_s[0] == pytest.approx(starts, abs=2e-3)
    if not audio or suffix in (".mp4", ".mov"):  # others state the end of the audio alone
        assert found.end_s - found.times_s[0] == pytest.approx(sum(delays) / 1000, abs=2e-3)


@pytest.mark.parametrize(("suffix", "codec"), [(".flv", "flv1"), (".avi", "mjpeg")])
def test_a_file_without_durations_states_its_end(tmp_path: Path, suffix: str, codec: str) -> None:
    delays = [200, 300, 150, 400, 40, 40, 700, 1500]
    found = read(write_slides(tmp_path / f"film{suffix}", delays, codec, False))
    assert found.end_s - found.times_s[0] == pytest.approx(sum(delays) / 1000, abs=2e-3)


def write_slides(
    path: Path, delays: Sequence[int], codec: str, audio: bool, b_frames: str = "0"
) -> Path:
    """Pictures, each shown for milliseconds, perhaps with 9 s of silence."""
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    with av.open(str(path), "w") as container:
        options = {"bf": b_frames, "b_strategy": "0"} if codec == "libx264" else {}
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.thread_count = 1
        packets = []
        for number in range(len(delays)):
            frame = av.VideoFrame(64, 48, pixels)
            frame.pts, frame.time_base = sum(delays[:number]), Fraction(1, 1000)
            packets += stream.encode(frame)
        packets += stream.encode(None)
        if audio:
            add_silence(container, 9, "libopus" if path.suffix == ".webm" else "aac")
        starts = np.cumsum([0, *delays]).tolist()
        for packet in packets:
            packet.duration = delays[starts.index(packet.pts)]
            container.mux(packet)
    return path


def write_gif(path: Path, delays: Sequence[int]) -> Path:
    """Grey pictures, each shown for a number of hundredths of a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("gif", rate=100)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb8"
        packets = []
        for number in range(len(delays)):
            picture = np.full((48, 64, 3), 30 + 30 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="rgb8")
            frame.pts, frame.time_base = number, Fraction(1, 100)
            packets += stream.encode(frame)
        packets += stream.encode(None)
        for number, packet in enumerate(packets):
            packet.pts = packet.dts = sum(delays[:number])
            packet.duration = delays[number]
            container.mux(packet)
    return path


def add_silence(container: av.container.OutputContainer, seconds: int, codec: str) -> None:
    stream = container.add_stream(codec, rate=48_000, layout="mono")
    for number in range(48_000 * seconds // 960):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.float32), "flt", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 960 * number, Fraction(1, 48_000)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


@given(
    rate=st.sampled_from(USUAL),
    frames=st.integers(200, 2000),
    tick_s=st.sampled_from([1 / 1000, 1 / 90_000, 1 / 1_000_000]),
    stated=st.lists(st.sampled_from([Fraction(25), Fraction(1000), Fraction(30)]), max_size=2),
    first_s=st.floats(-5, 40_000),
)
def test_times_decide(
    rate: Fraction, frames: int, tick_s: float, stated: list[Fraction], first_s: float
) -> None:
    times = np.rint((first_s + np.arange(frames) / float(rate)) / tick_s) * tick_s
    assert measured_rate(times, set(), stated, tick_s) == rate


@pytest.mark.parametrize("stated", [NTSC, Fraction(2997, 100), Fraction(30)])
def test_hours_of_ntsc_drift_by_no_frame(stated: Fraction) -> None:
    times = np.rint(np.arange(400_000) * 1001 / 30).astype(float) / 1000
    assert measured_rate(times, set(), [stated], 0.001) == NTSC


@given(st.integers(1, 190), st.floats(0.5, 100))
def test_what_is_missing_slows_no_rate(place: int, lost_s: float) -> None:
    times = np.arange(200) * 0.04
    times[place:] += lost_s
    assert measured_rate(times, {place}, [], 1e-5) == 25


@pytest.mark.parametrize("rate", [FILM, Fraction(25), NTSC])
@pytest.mark.parametrize("tick_s", [1e-3, 1e-5])
def test_frames_that_a_recorder_dropped_slow_no_rate(rate: Fraction, tick_s: float) -> None:
    numbers = np.delete(np.arange(400), [50, 51, 52, 180, 333])
    times = np.rint(numbers / float(rate) / tick_s) * tick_s
    assert measured_rate(times, set(), [rate], tick_s) == rate


def test_a_varying_rate_is_the_average() -> None:
    times = np.cumsum([0.0, *([0.02] * 60), *([0.07] * 60)])
    stated = [Fraction(50), Fraction(30)]
    assert float(measured_rate(times, set(), stated, 1e-5)) == pytest.approx(120 / 5.4, rel=1e-3)


def test_one_frame_has_the_stated_rate(write_video: Write, tmp_path: Path) -> None:
    path = write_video(tmp_path / "one.mp4", 1, rate=30, time_base=Fraction(1, 30))
    found = read(path)
    assert found.rate == 30
    assert found.end_s == pytest.approx(1 / 30)


def test_at_opening_the_header_of_a_raw_stream_tells(tmp_path: Path) -> None:
    path = render_video(tmp_path / "a.h264", [(1, 20)], rate=30)
    with VideoSource(path) as source:
        assert source.stream.average_rate == 25
        assert source.rate == 30


@pytest.mark.parametrize("apart_s", [20_001.0, 5e8])
def test_a_clock_that_leaps_by_hours_has_a_rate_still(apart_s: float) -> None:
    times_s = np.array([0.0, 0.5, 1.0]) * 2 * apart_s
    times_s[1] += 0.3 * apart_s  # no constant rate
    rate = measured_rate(times_s, set(), [Fraction(25)], 0.001)
    assert float(rate) == pytest.approx(1 / apart_s, rel=0.01)
