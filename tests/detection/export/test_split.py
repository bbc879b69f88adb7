"""Shots as files: exactly their frames, the same pixels where copied, near them where encoded.

Covers also: own_files, shot_writers.
"""

import json
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from eruv.detection.detect import Shot, ShotList, detect_shots
from eruv.detection.export.digests import digest
from eruv.detection.export.own_files import refuse_foreign_shots
from eruv.detection.export.split import ShotFile, split
from eruv.media.orientation import orientation_of_frame
from eruv.utils.errors import EruvError
from films_for_tests import encode, pattern, render_video, yuv_frame
from packed_for_tests import decoding_times_only, pack
from training_for_tests import start_eruv

LEAST_PSNR = 38.0
CUTS = ((1, 30), (2, 25), (3, 35))


def shots_of(path: Path, ends: Sequence[int]) -> ShotList:
    """A shot list with these shots, whatever a detector would find."""
    found = detect_shots(path, "hog-fixed")
    ranges = zip([0, *ends[:-1]], ends, strict=True)
    shots = tuple(Shot(start, end, *found.times.range(start, end)) for start, end in ranges)
    return replace(found, shots=shots, transitions=())


def frames_of(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def times_of(frames: Sequence[av.VideoFrame]) -> np.ndarray:
    times = np.array([one.time for one in frames])
    return times - times[0]


def length_of(path: Path) -> float:
    """Seconds up to the end of the last frame, as players show it."""
    with av.open(str(path)) as container:
        return (container.duration or 0) / av.time_base


def psnr(one: av.VideoFrame, other: av.VideoFrame) -> float:
    assert one.format.name == other.format.name
    peak = 2 ** one.format.components[0].bits - 1
    difference = one.to_ndarray().astype(float) - other.to_ndarray()
    return float(10 * np.log10(peak**2 / max(1e-9, (difference**2).mean())))


def check(shots: ShotList, files: list[ShotFile], tick_s: float = 1e-4) -> list[str]:
    """Every file has the shot's frames at the shot's times; returns how each was written."""
    source = frames_of(shots.path)
    assert len(files) == len(shots.shots)
    for shot, file in zip(shots.shots, files, strict=True):
        frames, wanted = frames_of(file.path), source[shot.start : shot.end]
        assert len(frames) == len(wanted)
        if file.how == "copied":
            assert [digest(frame) for frame in frames] == [digest(frame) for frame in wanted]
        else:
            assert min(map(psnr, frames, wanted)) > LEAST_PSNR
        assert np.allclose(times_of(frames), times_of(wanted), rtol=0, atol=tick_s)
        assert length_of(file.path) == pytest.approx(shot.end_s - shot.start_s, abs=2 * tick_s)
        assert [orientation_of_frame(frame) for frame in frames] == [
            orientation_of_frame(frame) for frame in wanted
        ]
    return [file.how for file in files]


def test_a_shot_that_begins_with_a_key_frame_is_copied(tmp_path: Path) -> None:
    options = {"preset": "ultrafast", "x264-params": "keyint=15:scenecut=0:bframes=0"}
    path = render_video(tmp_path / "film.mp4", CUTS, options=options)
    shots = shots_of(path, [30, 50, 60, 90])
    files = split(shots, tmp_path, "film")
    assert check(shots, files) == ["copied", "copied", "encoded", "copied"]
    assert [file.path.name for file in files] == [f"film-{n:03d}.mp4" for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
@pytest.mark.parametrize("open_gop", [0, 1])
def test_b_frames_and_open_groups_of_pictures(tmp_path: Path, suffix: str, open_gop: int) -> None:
    parameters = f"keyint=15:min-keyint=15:scenecut=0:bframes=3:b-adapt=0:open-gop={open_gop}"
    options = {"preset": "medium", "x264-params": parameters}
    path = render_video(tmp_path / f"film{suffix}", CUTS, options=options)
    shots = shots_of(path, [15, 27, 30, 45, 75, 90])
    how = check(shots, split(shots, tmp_path, "film"), 0.0011)
    if open_gop:
        # Frames before a key frame are sent after it, in one piece with the next shot.
        assert "encoded" in (how[0], how[3])
    else:
        assert how == ["copied", "encoded", "encoded", "copied", "copied", "copied"]


def test_a_key_frame_that_promises_too_much_is_found_out(tmp_path: Path) -> None:
    # Intra refresh: recovery points are marked as keys, but pictures need what was before them.
    parameters = "keyint=20:intra-refresh=1:scenecut=0:bframes=0"
    options = {"preset": "ultrafast", "crf": "20", "x264-params": parameters}
    path = render_video(tmp_path / "film.mkv", [(1, 90)], options=options)
    with av.open(str(path)) as container:
        keys = [n for n, packet in enumerate(container.demux(video=0)) if packet.is_keyframe]
    ends = [*keys[1:], 90]
    shots = shots_of(path, ends)
    how = check(shots, split(shots, tmp_path, "film"), 0.0011)
    assert how == ["copied"] + ["encoded"] * (len(ends) - 1)


@pytest.mark.parametrize("how", ["copied", "encoded"])
@pytest.mark.parametrize(("suffix", "tick_s"), [(".mp4", 1e-4), (".mkv", 0.0011)])
def test_varying_frame_rates_keep_their_times(
    tmp_path: Path, suffix: str, tick_s: float, how: str
) -> None:
    pts = np.cumsum([0, *([1, 3, 2, 7, 1] * 12)])[:60].tolist()
    interval = 20 if how == "copied" else 60
    parameters = f"keyint={interval}:min-keyint={interval}:scenecut=0"
    options = {"preset": "ultrafast", "x264-params": parameters}
    path = render_video(tmp_path / f"film{suffix}", [(1, 60)], pts=pts, options=options)
    shots = shots_of(path, [20, 40, 60])
    assert check(shots, split(shots, tmp_path, "film"), tick_s)[1:] == [how, how]


@pytest.mark.parametrize("interval", [20, 60])
def test_a_phone_on_its_side_stays_on_its_side(tmp_path: Path, interval: int) -> None:
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        options = {"x264-params": f"keyint={interval}:scenecut=0"}
        stream = container.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 96, 72, "yuv420p"
        stream.set_display_rotation(90)
        for _ in range(40):
            container.mux(stream.encode(yuv_frame(pattern(1, 72, 96))))
        container.mux(stream.encode(None))
    shots = shots_of(path, [20, 40])
    how = check(shots, split(shots, tmp_path, "film"))
    assert how[1] == ("copied" if interval == 20 else "encoded")
    assert orientation_of_frame(frames_of(tmp_path / "film-002.mp4")[0]).transpose


def test_pixels_that_are_not_square_stay_so(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 96, 72, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        for _ in range(20):
            container.mux(stream.encode(yuv_frame(pattern(1, 72, 96))))
        container.mux(stream.encode(None))
    shots = shots_of(path, [10, 20])
    assert check(shots, split(shots, tmp_path, "film")) == ["copied", "encoded"]
    for name in ("film-001.mp4", "film-002.mp4"):
        with av.open(str(tmp_path / name)) as container:
            assert container.streams.video[0].sample_aspect_ratio == Fraction(4, 3)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("film.avi", "mpeg4"), ("film.ts", "libx264"), ("film.webm", "libvpx"), ("film.avi", "ffv1")],
)
def test_other_containers_become_matroska(tmp_path: Path, name: str, codec: str) -> None:
    path = render_video(tmp_path / name, CUTS, codec=codec, rate=25)
    shots = shots_of(path, [30, 55, 90])
    files = split(shots, tmp_path, "film")
    assert check(shots, files, 0.0011)
    assert all(file.path.suffix == ".mkv" for file in files)


def test_ten_bits_stay_ten_bits(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"x264-params": "keyint=40"})
        stream.width, stream.height, stream.pix_fmt = 96, 72, "yuv420p10le"
        for _ in range(20):
            frame = yuv_frame(pattern(1, 72, 96)).reformat(format="yuv420p10le")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    shots = shots_of(path, [10, 20])
    assert check(shots, split(shots, tmp_path, "film"), 0.0011)[1] == "encoded"


def test_an_odd_size_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    frames = [yuv_frame(pattern(1, 72, 96)).reformat(95, 71, "yuv444p") for _ in range(20)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"x264-params": "keyint=40"})
        stream.width, stream.height, stream.pix_fmt = 95, 71, "yuv444p"
        for frame in frames:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    shots = shots_of(path, [10, 20])
    assert check(shots, split(shots, tmp_path, "film"), 0.0011)[1] == "encoded"


def test_frames_of_transitions_are_in_no_file(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 60)])
    whole = shots_of(path, [60])
    shots = tuple(Shot(*part, *whole.times.range(*part)) for part in [(3, 20), (31, 58)])
    cut = replace(whole, shots=shots)
    assert check(cut, split(cut, tmp_path, "film")) == ["encoded", "encoded"]


def test_again_replaces_own_files_and_removes_those_left_over(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 40)])
    other = render_video(tmp_path / "other.mp4", [(2, 20)])
    split(shots_of(other, [10, 20]), tmp_path, "film-b")
    split(shots_of(path, [10, 20, 40]), tmp_path, "film")
    refuse_foreign_shots(tmp_path, "film", [path])
    split(shots_of(path, [25, 40]), tmp_path, "film")
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {
        *("film.mp4", "other.mp4", "film-001.mp4", "film-002.mp4"),
        *("film-b-001.mp4", "film-b-002.mp4"),
    }
    assert len(frames_of(tmp_path / "film-002.mp4")) == 15


def test_files_of_others_and_files_to_read_are_not_replaced(tmp_path: Path) -> None:
    render_video(tmp_path / "film-007.mp4", [(1, 5)])
    with pytest.raises(EruvError, match=r"film-007\.mp4 exists and was not written by eruv shots"):
        refuse_foreign_shots(tmp_path, "film", [])
    refuse_foreign_shots(tmp_path, "fil", [])
    path = render_video(tmp_path / "a.mp4", [(1, 20)])
    (own, _) = split(shots_of(path, [10, 20]), tmp_path, "a")
    refuse_foreign_shots(tmp_path, "a", [path])
    with pytest.raises(EruvError, match="exists"):
        refuse_foreign_shots(tmp_path, "a", [own.path])


def test_a_video_that_has_changed_is_refused_and_nothing_remains(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 40)])
    shots = shots_of(path, [25, 40])
    render_video(path, [(1, 30)])
    with pytest.raises(EruvError, match="has changed"):
        split(shots, tmp_path, "film")
    assert [file.name for file in tmp_path.iterdir()] == ["film.mp4"]


def test_ctrl_c_leaves_no_unfinished_files(tmp_path: Path) -> None:
    path = encode(
        tmp_path / "film.mp4",
        [yuv_frame(pattern(number // 100, 360, 640)) for number in range(1500)],
        options={"preset": "ultrafast", "g": "1000", "sc_threshold": "0"},
    )
    parts = tmp_path / "parts"
    words = [path, "--split", parts, "--json", "--threads", "1", "--detector", "hog-fixed"]
    process = start_eruv("shots", *words)
    deadline = time.monotonic() + 60
    while not any_partial(parts) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    (video,) = json.loads(output)["videos"]  # the shots that were found
    assert video["files"] == {"shots": []}
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert not any(parts.iterdir())


def any_partial(folder: Path) -> bool:
    return folder.exists() and any(".mp4." in file.name for file in folder.iterdir())


def test_a_codec_that_no_container_holds_is_encoded(tmp_path: Path) -> None:
    frames = [yuv_frame(pattern(seed, 48, 64)) for seed in (1, 2) for _ in range(12)]
    path = tmp_path / "film.gif"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("gif", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb8"
        for frame in frames:
            container.mux(stream.encode(frame.reformat(format="rgb8")))
        container.mux(stream.encode(None))
    files = split(shots_of(path, [12, 24]), tmp_path, "film")
    assert [file.how for file in files] == ["encoded", "encoded"]
    assert [len(frames_of(file.path)) for file in files] == [12, 12]


@pytest.mark.parametrize("name", ["packed.avi", "decoding.ts", "decoding.mp4"])
def test_no_shot_shows_its_frames_out_of_order(tmp_path: Path, name: str) -> None:
    """Copied, they would: their packets have no times of display."""
    if name == "packed.avi":
        options = {"bf": "2", "g": "12", "sc_threshold": "1000000000"}
        plain = render_video(tmp_path / "plain.avi", CUTS, codec="mpeg4", options=options)
        path = pack(plain, tmp_path / name)
    else:
        path = decoding_times_only(render_video(tmp_path / "p.mp4", CUTS), tmp_path / name)
    shots = shots_of(path, [24, 55, 90])
    for file, shot in zip(split(shots, tmp_path, "film"), shots.shots, strict=True):
        times = times_of(frames_of(file.path))
        assert times == pytest.approx(np.arange(shot.end - shot.start) / 25, abs=1.1e-3)


@pytest.mark.parametrize(
    ("name", "codec", "hows", "why"),
    [
        ("film.mkv", "libsvtav1", ["copied", "encoded"], "frame 24 is no key frame"),
        ("film.webm", "libvpx-vp9", ["copied", "encoded"], "frame 24 is no key frame"),
        ("film.avi", "ffvhuff", ["encoded", "encoded"], ".mkv files cannot hold its packets"),
        ("film.mpg", "mpeg2video", ["copied", "copied"], ""),
    ],
)
def test_why_shots_are_encoded_is_said(
    tmp_path: Path, name: str, codec: str, hows: list[str], why: str
) -> None:
    options = {"g": "500"} if codec.startswith("lib") else {"g": "12"}
    path = render_video(tmp_path / name, [(1, 24), (2, 24)], codec=codec, options=options)
    files = split(shots_of(path, [24, 48]), tmp_path, "part")
    assert [file.how for file in files] == hows
    assert [file.why.startswith(why) and bool(file.why) for file in files] == [
        how == "encoded" for how in hows
    ]
