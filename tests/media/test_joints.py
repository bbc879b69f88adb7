"""Recordings that were joined, and clocks that were set anew: the film goes on, nothing is lost."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from eruv.detection.detect import detect_shots
from eruv.media.damage import Damage
from eruv.media.video import SourceFrame, VideoSource
from films_for_tests import render_video

Write = Callable[..., Path]
Read = Callable[..., tuple[list[int], list[SourceFrame]]]
FRAMES = 40
HOUR = 3600
B_FRAMES = {"bf": "2", "g": "12"}


def set_clock(source: Path, path: Path, place: int, seconds: float) -> Path:
    """Copy a file; from the packet at `place`, in order of decoding, times are `seconds` later."""
    with av.open(str(source)) as read, av.open(str(path), "w") as write:
        stream = write.add_stream_from_template(read.streams.video[0])
        packets = (packet for packet in read.demux(video=0) if packet.size)
        for number, packet in enumerate(packets):
            if number >= place:
                ticks = round(seconds / packet.time_base)
                assert packet.pts is not None
                assert packet.dts is not None
                packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
            packet.stream = stream
            write.mux(packet)
    return path


def check_goes_on(path: Path, read_numbers: Read, numbers: list[int]) -> None:
    for threads in (1, 3):
        found, frames = read_numbers(path, threads)
        assert found == numbers
        times = [frame.time_s for frame in frames]
        assert np.diff(times) == pytest.approx(1 / 25, abs=1.5e-3)
        assert not any(frame.after_gap for frame in frames)
        with VideoSource(path, threads) as source:
            assert len(list(source.frames())) == len(numbers)
            assert source.damage == Damage(packets=len(numbers))


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("film.ts", "libx264"),
        ("film.ts", "mpeg2video"),
        ("film.flv", "libx264"),
        ("film.flv", "flv1"),
        ("film.mpg", "mpeg2video"),
    ],
)
@pytest.mark.parametrize("place", [3, 12, 25])
@pytest.mark.parametrize("seconds", [5 * HOUR, 11])
def test_a_clock_that_jumps_ahead_is_no_long_picture(
    write_video: Write,
    read_numbers: Read,
    tmp_path: Path,
    name: str,
    codec: str,
    place: int,
    seconds: float,
) -> None:
    own = {"libx264": {"preset": "ultrafast", **B_FRAMES}, "flv1": {"g": "12"}}
    options = own.get(codec, B_FRAMES)
    whole = write_video(tmp_path / f"whole-{name}", FRAMES, codec=codec, options=options)
    path = set_clock(whole, tmp_path / name, place, seconds)
    check_goes_on(path, read_numbers, list(range(FRAMES)))


@pytest.mark.parametrize("starts_s", [(0, 10, 20), (36_000, 3, 7), (3, 36_000, 10), (3, 3.2, 3)])
@pytest.mark.parametrize("codec", ["libx264", "mpeg2video", "libx265"])
def test_joined_transport_streams_are_whole(
    write_video: Write,
    read_numbers: Read,
    tmp_path: Path,
    starts_s: tuple[float, ...],
    codec: str,
) -> None:
    """Their counters begin anew, so that FFmpeg flags packets at the joints as corrupt."""
    x265 = {"preset": "ultrafast", "x265-params": "log-level=0:bframes=2:keyint=12"}
    options = {"libx264": None, "mpeg2video": B_FRAMES, "libx265": x265}[codec]
    pieces = [
        write_video(
            tmp_path / f"{start_s}.ts",
            10,
            codec=codec,
            options=options,
            pts=range(round(25 * start_s), round(25 * start_s) + 10),
        )
        for start_s in starts_s
    ]
    path = tmp_path / "joined.ts"
    path.write_bytes(b"".join(piece.read_bytes() for piece in pieces))
    with av.open(str(path)) as container:
        assert any(packet.is_corrupt for packet in container.demux(video=0))
    check_goes_on(path, read_numbers, [*range(10)] * len(pieces))


def test_pieces_of_one_recording_are_the_recording(tmp_path: Path) -> None:
    """As HLS stores it: each piece goes on with the clock, and none with the counters."""
    whole = b""
    for seed in range(4):
        pts = range(30 * seed, 30 * seed + 30)
        whole += render_video(tmp_path / "piece.ts", [(seed, 30)], pts=pts).read_bytes()
    (tmp_path / "film.ts").write_bytes(whole)
    found = detect_shots(tmp_path / "film.ts", "hog-fixed")
    assert found.damage == Damage(packets=120)
    assert [(shot.start, shot.end) for shot in found.shots] == [
        (n, n + 30) for n in (0, 30, 60, 90)
    ]
    assert [transition.kind for transition in found.transitions] == ["cut"] * 3
    assert found.end_s - found.times_s[0] == pytest.approx(120 / 25)


def test_slides_in_a_transport_stream_are_no_jumps(write_video: Write, tmp_path: Path) -> None:
    path = write_video(
        tmp_path / "slides.ts",
        9,
        pts=range(9),
        time_base=Fraction(15),
        rate=Fraction(1, 15),
        options={"preset": "ultrafast", "bf": "0"},
    )
    with VideoSource(path) as source:
        times = [frame.time_s for frame in source.frames()]
    assert np.diff(times) == pytest.approx(15)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_picture_of_an_hour_stays_where_containers_mean_it(
    write_video: Write, read_numbers: Read, tmp_path: Path, suffix: str
) -> None:
    pts = [0, 1, 2, 3 + 25 * HOUR, 4 + 25 * HOUR]
    _, frames = read_numbers(write_video(tmp_path / f"still{suffix}", 5, pts=pts))
    assert [frame.time_s for frame in frames] == pytest.approx([tick / 25 for tick in pts])
