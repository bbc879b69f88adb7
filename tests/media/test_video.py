"""Sources are read to their end, whatever is broken in them, and the damage is told.

Covers also: damage.
"""

import math
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.detection.detectors import DetectorChoice
from eruv.library.video_pass import EditedVideo, EditingSettings, edit_video
from eruv.media.damage import UnreadableVideo
from eruv.media.scaling import plane_of
from eruv.media.video import SourceFrame, VideoSource
from films_for_tests import encode, pattern, render_video, yuv_frame


def edit(path: Path) -> EditedVideo:
    settings = EditingSettings(detector=DetectorChoice("hog-reference"))
    return edit_video(path, "id", path.with_name("proxy.out"), settings)


def read(path: Path) -> tuple[list[SourceFrame], VideoSource]:
    with VideoSource(path) as source:
        return list(source.frames()), source


def spoil_packets(path: Path, numbers: range) -> Path:
    """Overwrite these packets of a file with bytes that no decoder takes."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        places = [(packet.pos or 0, packet.size) for packet in packets]
    data = bytearray(path.read_bytes())
    for number in numbers:
        start, size = places[number]
        data[start : start + size] = b"\xff" * size
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("stated", [1, 7, 100_000])
def test_frames_are_counted_not_believed(tmp_path: Path, stated: int) -> None:
    path = render_video(tmp_path / "film.avi", [(1, 60)], codec="mpeg4")
    data = bytearray(path.read_bytes())
    for header, offset in ((b"avih", 24), (b"strh", 40)):  # the two counts of frames of an AVI
        start = data.index(header) + offset
        assert struct.unpack_from("<I", data, start) == (60,)
        struct.pack_into("<I", data, start, stated)
    path.write_bytes(data)
    assert edit(path).num_frames == 60


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("b.mp4", "libx264", {"bf": "3", "g": "24"}),
        ("xvid.avi", "mpeg4", {"bf": "2", "g": "24"}),
        ("a.mkv", "libx264", {"bf": "3"}),
        ("a.ts", "libx264", {"bf": "3", "g": "24"}),
        ("raw.h264", "libx264", {"bf": "0", "g": "24"}),
        ("a.webm", "libvpx", {}),
        ("a.flv", "flv1", {}),
        ("a.mpg", "mpeg1video", {}),
    ],
)
def test_containers_and_codecs_give_all_frames_in_order(
    tmp_path: Path, name: str, codec: str, options: dict[str, str]
) -> None:
    path = render_video(tmp_path / name, [(1, 50), (2, 70)], codec=codec, options=options)
    video = edit(path)
    assert (video.num_frames, video.failed_packets) == (120, 0)
    assert video.shots == [(0, 50), (50, 120)]
    assert video.end_s - video.start_s == pytest.approx(120 / 25, abs=0.08)
    assert all(math.isfinite(second) for shot in video.shots_s for second in shot)


def test_seconds_follow_presentation_times_of_a_variable_rate(tmp_path: Path) -> None:
    pts = [3 * frame for frame in range(50)] + [400 + frame for frame in range(70)]
    path = render_video(tmp_path / "variable.mp4", [(1, 50), (2, 70)], pts=pts)
    video = edit(path)
    assert video.shots == [(0, 50), (50, 120)]
    assert video.shots_s[0] == pytest.approx((0.0, 16.0))  # its last frame is seen for long
    assert video.shots_s[1] == pytest.approx((400 / 25, 470 / 25))
    assert video.segments_s == video.shots_s


def test_last_frames_have_seconds(tmp_path: Path) -> None:
    for name, codec in (("a.mp4", "libx264"), ("a.avi", "mpeg4"), ("a.h264", "libx264")):
        frames, _ = read(render_video(tmp_path / name, [(1, 30)], codec=codec, options={"bf": "2"}))
        times = [frame.time_s for frame in frames]
        assert len(times) == 30
        assert np.diff(times) == pytest.approx(np.full(29, 1 / 25), abs=1e-3)


def test_damage_is_counted_and_reading_goes_on_at_the_next_key_frame(tmp_path: Path) -> None:
    path = spoil_packets(render_video(tmp_path / "film.mp4", [(1, 120)]), range(30, 33))
    frames, source = read(path)
    gaps = [number for number, frame in enumerate(frames) if frame.after_gap]
    assert source.damage.packets == 120
    assert source.damage.failed_packets >= 1
    assert source.damage.first_failure.startswith("packet 31: ")
    assert gaps == [30]  # key frames stand at 0, 24, 48 ...
    assert frames[30].picture.key_frame
    assert frames[30].time_s == pytest.approx(48 / 25)
    assert source.damage.lost_s == pytest.approx(18 / 25)
    assert len(frames) == 120 - 18


def test_a_shot_ends_where_something_is_missing(tmp_path: Path) -> None:
    path = spoil_packets(render_video(tmp_path / "film.mp4", [(1, 120)]), range(30, 33))
    video = edit(path)
    assert video.shots == [(0, 30), (30, 102)]
    assert video.shots_s[0][1] == pytest.approx(30 / 25)
    assert [segment.start for segment in video.segments] == [30]


def test_damage_at_the_end_is_lost_time(tmp_path: Path) -> None:
    path = spoil_packets(render_video(tmp_path / "film.mp4", [(1, 100)]), range(90, 100))
    frames, source = read(path)
    assert len(frames) == 90
    assert source.damage.lost_s == pytest.approx(10 / 25, abs=0.01)


def test_flipped_bytes_in_the_middle_never_stop_the_reading(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 120)], options={"g": "12", "bf": "2"})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 60] = bytes(255 - byte for byte in data[middle : middle + 60])
    path.write_bytes(data)
    video = edit(path)
    assert 100 <= video.num_frames <= 120
    assert video.shots_s[-1][1] == pytest.approx(120 / 25)


def test_an_incomplete_packet_breaks_the_shot(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.ts", [(1, 120)], options={"g": "24", "bf": "0"})
    data = path.read_bytes()
    cells = [data[start : start + 188] for start in range(0, len(data), 188)]
    del cells[len(cells) // 3 : len(cells) // 3 + 4]  # a transport stream marks what follows
    path.write_bytes(b"".join(cells))
    video = edit(path)
    assert video.failed_packets >= 1
    assert len(video.shots) == 2
    assert video.lost_s > 0


def test_a_packet_without_data_is_no_end(tmp_path: Path) -> None:
    """AVI and MP4 repeat a frame by a packet of no bytes."""
    path = render_video(tmp_path / "film.mov", [(1, 40)], codec="mjpeg", options={"strict": "-1"})
    data = bytearray(path.read_bytes())
    sizes = data.index(b"stsz") + 16
    kept, emptied = struct.unpack_from(">2I", data, sizes + 4 * 9)
    struct.pack_into(">2I", data, sizes + 4 * 9, kept + emptied, 0)
    path.write_bytes(data)
    video = edit(path)
    assert (video.num_frames, video.failed_packets) == (39, 0)


def test_a_file_that_fails_by_more_than_half_is_refused(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 100)], options={"g": "1"})
    assert edit(spoil_packets(path, range(10, 60))).num_frames == 50
    (tmp_path / "proxy.out").unlink()
    with pytest.raises(UnreadableVideo, match=r"^51 of 100 packets cannot be decoded") as refusal:
        edit(spoil_packets(path, range(60, 61)))
    assert refusal.value.position.startswith("packet 11: ")
    assert not list(tmp_path.glob("proxy*"))


def test_a_film_of_which_no_frame_decodes_is_refused(tmp_path: Path) -> None:
    path = spoil_packets(render_video(tmp_path / "film.mp4", [(1, 20)]), range(20))
    with pytest.raises(UnreadableVideo, match="no frame could be decoded"):
        edit(path)


def test_a_file_without_frames_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 96, 72, "yuv420p"
        container.start_encoding()
    with pytest.raises(UnreadableVideo):
        edit(path)


@pytest.mark.parametrize("content", [b"", b"\0", b"text, not a film\n" * 999, bytes(99_999)])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "text.mp4"
    path.write_bytes(content)
    with pytest.raises(UnreadableVideo, match="not a video file") as refusal:
        edit(path)
    assert refusal.value.position == "byte 0"


def test_audio_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "audio.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44_100)
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 44_100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(UnreadableVideo, match="no video stream"):
        edit(path)


def test_a_file_cut_short_gives_what_is_there_or_is_refused(tmp_path: Path) -> None:
    whole = render_video(tmp_path / "film.mkv", [(1, 100)]).read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole[: len(whole) * 6 // 10])
    assert 40 <= edit(path).num_frames < 80
    mp4 = render_video(tmp_path / "film.mp4", [(1, 100)]).read_bytes()
    path.write_bytes(mp4[: len(mp4) // 2])  # its index is at the end
    with pytest.raises(UnreadableVideo, match="not a video file"):
        edit(path)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_damage_gives_a_consistent_record_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    suffix, codec = [
        (".mp4", "libx264"),
        (".avi", "mpeg4"),
        (".mkv", "libx264"),
        (".ts", "libx264"),
    ][rng.integers(4)]
    path = tmp_path_factory.mktemp("damaged") / f"film{suffix}"
    render_video(path, [(1, 40), (2, 40)], codec=codec)
    data = np.frombuffer(path.read_bytes(), np.uint8).copy()
    for start in rng.integers(0, len(data), rng.integers(1, 6)):
        stretch = data[start : start + rng.integers(1, 400)]
        stretch[:] = rng.integers(0, 256, len(stretch))
    path.write_bytes(data.tobytes())
    try:
        video = edit(path)
    except UnreadableVideo:
        return
    assert video.shots[0][0] == 0
    assert video.shots[-1][1] == video.num_frames
    seconds = [second for shot in video.shots_s for second in shot]
    assert all(math.isfinite(second) for second in seconds)
    assert seconds == sorted(seconds)
    assert 0 <= video.failed_packets <= video.packets
    assert video.lost_s >= 0


@pytest.mark.parametrize(
    ("codec", "pixels", "suffix"),
    [
        ("ffv1", "yuv422p10le", ".mkv"),
        ("ffv1", "gray", ".mkv"),
        ("mjpeg", "yuvj420p", ".avi"),
        ("libx264", "yuv444p", ".mp4"),
        ("rawvideo", "bgr24", ".avi"),
        ("ffv1", "yuva420p", ".mkv"),
    ],
)
@pytest.mark.parametrize("size", [(171, 128), (128, 96), (33, 17)])
def test_any_pixel_format_and_size_keeps_its_luma(
    tmp_path: Path, codec: str, pixels: str, suffix: str, size: tuple[int, int]
) -> None:
    grey = np.full((size[1], size[0], 3), 200, np.uint8)
    path = tmp_path / f"film{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        for number in range(4):
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24").reformat(format=pixels)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    proxy = tmp_path / "proxy.out"
    assert edit(path).num_frames == 4
    with av.open(str(proxy)) as container:
        seen = plane_of(next(container.decode(video=0)), 0)
    assert seen.mean() == pytest.approx(200 / 255 * 219 + 16, abs=3)


def test_a_change_of_size_in_the_middle_is_scaled_alike(tmp_path: Path) -> None:
    small = render_video(tmp_path / "small.h264", [(1, 50)], size=(96, 72))
    large = render_video(tmp_path / "large.h264", [(2, 50)], size=(192, 144))
    both = tmp_path / "both.h264"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    video = edit(both)
    assert video.num_frames == 100
    assert video.shots == [(0, 50), (50, 100)]


def test_an_absurd_rate_is_replaced(tmp_path: Path) -> None:
    frames = [yuv_frame(pattern(1, 72, 96)) for _ in range(5)]
    path = encode(tmp_path / "slow.mp4", frames, pts=[0, 250, 500, 750, 1000])
    with VideoSource(path) as source:
        assert source.rate == 25
    assert edit(path).num_frames == 5
