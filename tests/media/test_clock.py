"""Times of frames are those of the file, exactly; where it has none, they are made well."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from eruv.media.video import SourceFrame, VideoSource
from packed_for_tests import decoding_times_only, pack

Write = Callable[..., Path]
Read = Callable[..., tuple[list[int], list[SourceFrame]]]
MILLISECOND = Fraction(1, 1000)
FRAMES = 40


def times_of(frames: list[SourceFrame]) -> list[float]:
    return [frame.time_s for frame in frames]


@pytest.mark.parametrize(
    ("name", "codec", "options", "start_s"),
    [
        ("b.mp4", "libx264", None, 0),
        ("b.mov", "mpeg4", {"bf": "2"}, 0),
        ("b.mkv", "libx264", None, 0),
        ("b.webm", "libvpx-vp9", {"g": "12", "deadline": "realtime", "cpu-used": "8"}, 0),
        ("b.ts", "libx264", None, 0.08),
        ("b.flv", "libx264", None, 0.08),
        ("b.mpg", "mpeg2video", {"bf": "2"}, 0.54),
        ("b.h264", "libx264", None, 0),  # no times at all
        ("b.m4v", "mpeg4", {"bf": "2"}, 0),
        ("b.avi", "libx264", None, 0),  # no presentation times
        ("b.avi", "mpeg4", {"bf": "2"}, 0.04),
        ("b.avi", "mpeg1video", {"bf": "2"}, 0.04),
        ("b.avi", "mpeg2video", {"bf": "2"}, 0.04),
        ("b.m1v", "mpeg1video", {"bf": "2"}, 0.04),
        ("i.avi", "mjpeg", {"qscale": "2"}, 0),
    ],
)
@pytest.mark.parametrize("threads", [1, 3])
def test_every_frame_has_its_time(
    write_video: Write,
    read_numbers: Read,
    tmp_path: Path,
    name: str,
    codec: str,
    options: dict[str, str] | None,
    start_s: float,
    threads: int,
) -> None:
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = write_video(tmp_path / name, FRAMES, codec=codec, options=options, pixels=pixels)
    numbers, frames = read_numbers(path, threads)
    assert numbers == list(range(FRAMES))
    assert times_of(frames) == pytest.approx([start_s + n / 25 for n in range(FRAMES)], abs=1e-9)


@pytest.mark.parametrize("b_frames", ["1", "2", "3"])
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_packed_pictures_are_evenly_spaced(
    write_video: Write, read_numbers: Read, tmp_path: Path, b_frames: str, threads: int
) -> None:
    options = {"bf": b_frames, "g": "12"}
    plain = write_video(tmp_path / "plain.avi", FRAMES, codec="mpeg4", options=options)
    numbers, frames = read_numbers(pack(plain, tmp_path / "packed.avi"), threads)
    assert numbers == list(range(FRAMES))
    assert np.diff(times_of(frames)) == pytest.approx(1 / 25)
    assert times_of(frames)[0] == pytest.approx(1 / 25)


@pytest.mark.parametrize("suffix", [".ts", ".flv", ".mp4"])
def test_times_of_decoding_in_place_of_times_of_display(
    write_video: Write, read_numbers: Read, tmp_path: Path, suffix: str
) -> None:
    whole = write_video(tmp_path / "whole.mkv", FRAMES)
    path = decoding_times_only(whole, tmp_path / f"film{suffix}")
    for threads in (1, 3):
        numbers, frames = read_numbers(path, threads)
        assert numbers == list(range(FRAMES))
        assert np.diff(times_of(frames)) == pytest.approx(1 / 25)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_a_variable_rate_keeps_every_time_to_the_tick(
    write_video: Write, read_numbers: Read, tmp_path: Path, suffix: str
) -> None:
    pts = [0, 40, 41, 42, 500, 520, 5000, 5010, 5011, 9000, 9033, 70_000]
    path = write_video(tmp_path / f"v{suffix}", len(pts), pts=pts, time_base=MILLISECOND)
    numbers, frames = read_numbers(path)
    assert numbers == list(range(len(pts)))
    assert times_of(frames) == [tick / 1000 for tick in pts]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_stream_that_starts_late_keeps_the_clock_of_the_container(
    write_video: Write, read_numbers: Read, tmp_path: Path, suffix: str
) -> None:
    path = write_video(tmp_path / f"late{suffix}", 20, pts=range(50, 70))
    numbers, frames = read_numbers(path)
    assert numbers == list(range(20))
    assert times_of(frames) == pytest.approx([n / 25 for n in range(50, 70)])


def test_frames_that_an_edit_list_cuts_off_are_not_shown(
    write_video: Write, read_numbers: Read, tmp_path: Path
) -> None:
    path = write_video(tmp_path / "edited.mp4", 30, pts=range(-5, 25))
    for threads in (1, 2, 4):
        numbers, frames = read_numbers(path, threads)
        assert numbers == list(range(5, 30))
        assert not frames[0].picture.key_frame
        assert times_of(frames) == [n / 25 for n in range(25)]


def test_a_clock_that_overflows_goes_on(
    write_video: Write, read_numbers: Read, tmp_path: Path
) -> None:
    """A transport stream counts 33 bits of 90 kHz, 26.5 hours."""
    first = 2**33 - 20 * 3600
    pts = range(first, first + 40 * 3600, 3600)
    path = write_video(tmp_path / "wrap.ts", 40, pts=pts, time_base=Fraction(1, 90_000))
    numbers, frames = read_numbers(path)
    assert numbers == list(range(40))
    assert np.diff(times_of(frames)) == pytest.approx(1 / 25)


def test_a_time_that_repeats_moves_one_frame_and_no_other(
    write_video: Write, read_numbers: Read, tmp_path: Path
) -> None:
    pts = [0, 40, 80, 80, 120, 160, 200]
    options = {"preset": "ultrafast", "bf": "0"}
    path = write_video(tmp_path / "twice.mkv", 7, pts=pts, time_base=MILLISECOND, options=options)
    numbers, frames = read_numbers(path)
    assert numbers == list(range(7))
    assert times_of(frames) == pytest.approx([0, 0.04, 0.08, 0.085, 0.12, 0.16, 0.2])


def test_joined_recordings_go_on_where_the_clock_is_set_anew(
    write_video: Write, read_numbers: Read, tmp_path: Path
) -> None:
    one = write_video(tmp_path / "one.mpg", 40, codec="mpeg1video", options={"bf": "0"})
    both = tmp_path / "both.mpg"
    both.write_bytes(one.read_bytes() * 2)
    numbers, frames = read_numbers(both)
    times = times_of(frames)
    assert numbers == [*range(40)] * 2
    assert times == sorted(times)
    assert times[-1] - times[0] == pytest.approx(79 / 25, abs=0.01)


@pytest.mark.parametrize(
    "container_options",
    [{"movflags": "frag_keyframe+empty_moov"}, {"movflags": "faststart"}],
)
def test_fragments_and_an_index_at_the_front_change_nothing(
    write_video: Write, read_numbers: Read, tmp_path: Path, container_options: dict[str, str]
) -> None:
    path = write_video(tmp_path / "film.mp4", 40, container_options=container_options)
    numbers, frames = read_numbers(path)
    assert numbers == list(range(40))
    assert np.diff(times_of(frames)) == pytest.approx(1 / 25)


def test_a_live_recording_states_no_duration(
    write_video: Write, read_numbers: Read, tmp_path: Path
) -> None:
    path = write_video(tmp_path / "live.mkv", 40, container_options={"live": "1"})
    with VideoSource(path) as source:
        assert source.stated_duration_s is None
    numbers, frames = read_numbers(path)
    assert numbers == list(range(40))
    assert times_of(frames) == [n / 25 for n in range(40)]


@pytest.mark.parametrize(
    ("rate", "stated"), [(1, 1), (12, 12), (60, 60), (480, 480), (1000, 1000), (90_000, 25)]
)
def test_an_unlikely_rate_is_not_believed_and_changes_no_time(
    write_video: Write, read_numbers: Read, tmp_path: Path, rate: int, stated: int
) -> None:
    path = tmp_path / "film.mov"
    write_video(path, 9, codec="mjpeg", pixels="yuvj420p", rate=rate, time_base=Fraction(1, rate))
    with VideoSource(path) as source:
        assert source.rate == stated
    _, frames = read_numbers(path)
    assert times_of(frames) == pytest.approx([n / rate for n in range(9)])
