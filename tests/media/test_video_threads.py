"""One thread or several: the same frames, times, gaps and damage, on whole and broken files."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eruv.media.damage import Damage, UnreadableVideo
from eruv.media.scaling import plane_of
from eruv.media.video import VideoSource
from films_for_tests import render_video
from packed_for_tests import decoding_times_only, pack

VP9 = {"g": "12", "deadline": "realtime", "cpu-used": "8"}
KINDS = {
    "film.mp4": ("libx264", {"preset": "ultrafast", "g": "12", "bf": "2"}),
    "film.mkv": ("libx264", {"preset": "ultrafast", "g": "24", "bf": "0"}),
    "film.ts": ("libx264", {"preset": "ultrafast", "g": "12", "bf": "3"}),
    "film.avi": ("mpeg4", {"g": "12", "bf": "2"}),
    "h264.avi": ("libx264", {"preset": "ultrafast", "g": "12", "bf": "2"}),
    "film.mpg": ("mpeg2video", {"g": "12", "bf": "2"}),
    "film.webm": ("libvpx-vp9", VP9),
    "film.h264": ("libx264", {"preset": "ultrafast", "g": "12", "bf": "2"}),
}
NUM_FILMS = len(KINDS) + 3
Outcome = tuple[list[tuple[float, bool, bool]], Damage | None, str]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("films")
    found = [
        render_video(folder / name, [(1, 30), (2, 30)], codec=codec, options=options)
        for name, (codec, options) in KINDS.items()
    ]
    piece = render_video(folder / "piece.ts", [(1, 30)], options={"g": "12", "bf": "2"})
    (folder / "joined.ts").write_bytes(piece.read_bytes() * 2)
    packed = pack(folder / "film.avi", folder / "packed.avi")
    decoding = decoding_times_only(folder / "film.mkv", folder / "decoding.ts")
    return [*found, folder / "joined.ts", packed, decoding]


def outcome(path: Path, threads: int) -> Outcome:
    frames = []
    try:
        with VideoSource(path, threads) as source:
            try:
                for frame in source.frames():
                    frames.append((frame.time_s, frame.after_gap, frame.picture.key_frame))
            except UnreadableVideo as refusal:
                return frames, source.damage, str(refusal)
            return frames, source.damage, ""
    except UnreadableVideo as refusal:
        return frames, None, str(refusal)


def overwrite(data: bytes, start: int, length: int, rng: np.random.Generator) -> bytes:
    noise = rng.integers(0, 256, len(data[start : start + length])).astype(np.uint8)
    return data[:start] + noise.tobytes() + data[start + length :]


@pytest.mark.parametrize("number", range(NUM_FILMS))
def test_whole_films_are_read_alike_by_any_number_of_threads(
    films: list[Path], number: int
) -> None:
    one = outcome(films[number], 1)
    assert (len(one[0]), one[2]) == (60, "")
    assert all(outcome(films[number], threads) == one for threads in (0, 2, 4))


@pytest.mark.parametrize("number", range(NUM_FILMS))
def test_whole_films_are_read_once(
    films: list[Path], number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_open, opened = av.open, []

    def open_and_count(path: str, **options: Any) -> Any:
        opened.append(path)
        return really_open(path, **options)

    monkeypatch.setattr(av, "open", open_and_count)
    outcome(films[number], 4)
    assert len(opened) == 1


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_broken_films_are_read_alike_by_any_number_of_threads(
    films: list[Path], tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    whole = films[rng.integers(len(films))]
    data = whole.read_bytes()
    for start in rng.integers(0, len(data), rng.integers(1, 6)):
        data = overwrite(data, start, int(rng.integers(1, 100)), rng)
    if rng.random() < 0.3:
        data = data[: int(len(data) * rng.uniform(0.3, 1))]
    path = tmp_path_factory.mktemp("broken") / whole.name
    path.write_bytes(data)
    one = outcome(path, 1)
    assert outcome(path, 2) == one
    assert outcome(path, 4) == one
    times = [time for time, _, _ in one[0]]
    assert all(first < second for first, second in pairwise(times))


def break_packet(path: Path, number: int) -> None:
    """Overwrite one packet, in order of decoding, by what no decoder takes."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    start, size = packets[number].pos or 0, packets[number].size
    data = bytearray(path.read_bytes())
    kept = 5 if path.suffix == ".h264" else 0  # what marks the start of a packet
    data[start + kept : start + size] = b"\xff" * (size - kept)
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["film.mp4", "film.avi", "film.h264"])
@pytest.mark.parametrize("broken", range(52, 60))
def test_what_fails_at_the_very_end_is_told(tmp_path: Path, name: str, broken: int) -> None:
    """Several threads hold several packets there, and report none of their failures."""
    options = {"preset": "ultrafast", "g": "50", "bf": "0"}
    path = render_video(tmp_path / name, [(1, 60)], options=options)
    break_packet(path, broken)
    one = outcome(path, 1)
    assert one[1] is not None
    assert one[1].failed_packets == 1
    assert len(one[0]) == broken
    if name != "film.h264":  # states no duration
        assert one[1].lost_s == pytest.approx((60 - broken) / 25)
    assert outcome(path, 2) == outcome(path, 4) == one


@pytest.mark.parametrize("threads", [1, 3])
def test_frames_shown_before_a_failure_are_kept_and_none_after_it_is_spoilt(
    tmp_path: Path, threads: int
) -> None:
    """With B-frames and open groups, frames come in another order than packets."""
    x264 = "open-gop=1:keyint=12:min-keyint=12:bframes=3:b-adapt=0:scenecut=0"
    options = {"preset": "veryfast", "x264-params": x264}
    path = render_video(tmp_path / "film.mp4", [(1, 100)], options=options)
    whole = pictures_by_time(path, threads=1)
    break_packet(path, 30)
    broken = pictures_by_time(path, threads)
    missing = sorted(set(whole) - set(broken))
    assert 1 <= len(missing) <= 12
    assert missing == [time for time in whole if missing[0] <= time <= missing[-1]]
    assert all(np.array_equal(whole[time], picture) for time, picture in broken.items())


def pictures_by_time(path: Path, threads: int) -> dict[float, np.ndarray]:
    with VideoSource(path, threads) as source:
        return {frame.time_s: plane_of(frame.picture, 0).copy() for frame in source.frames()}


def test_a_stream_without_key_frames_is_taken_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Intra refresh spreads each key frame over many frames."""
    monkeypatch.setattr("eruv.media.video.MOST_DROPPED", 20)
    options = {"preset": "ultrafast", "x264-params": "intra-refresh=1:keyint=15:bframes=0"}
    path = render_video(tmp_path / "film.mp4", [(1, 80)], options=options)
    break_packet(path, 30)
    frames, damage, _ = outcome(path, 1)
    assert len(frames) == 30 + (80 - 31 - 20)
    assert [number for number, frame in enumerate(frames) if frame[1]] == [30]
    assert damage is not None
    assert damage.lost_s == pytest.approx(21 / 25)
