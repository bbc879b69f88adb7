"""`eruv shots` on films whose clocks are odd: their cuts are where they are, in every table."""

import csv
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import opentimelineio as otio
import pytest

import eruv
from films_for_tests import pattern, render_video, yuv_frame
from packed_for_tests import decoding_times_only, pack
from training_for_tests import start_eruv

LENGTHS = (30, 25, 35)
CUTS = [0, 30, 55, 90]
B_FRAMES = {"bf": "2", "g": "12"}


def packed(folder: Path) -> Path:
    whole = [(seed, length) for seed, length in enumerate(LENGTHS, start=1)]
    plain = render_video(folder / "plain.avi", whole, codec="mpeg4", options=B_FRAMES)
    return pack(plain, folder / "packed.avi")


def without_display_times(folder: Path) -> Path:
    whole = [(seed, length) for seed, length in enumerate(LENGTHS, start=1)]
    return decoding_times_only(render_video(folder / "plain.mkv", whole), folder / "film.ts")


def joined(folder: Path, starts: tuple[int, ...]) -> Path:
    """A piece for each shot, the clock of each beginning where it likes."""
    pieces = [
        render_video(
            folder / "piece.ts", [(seed, length)], pts=range(start, start + length)
        ).read_bytes()
        for seed, (length, start) in enumerate(zip(LENGTHS, starts, strict=True), start=1)
    ]
    path = folder / "joined.ts"
    path.write_bytes(b"".join(pieces))
    return path


@pytest.mark.parametrize(
    "make",
    [
        packed,
        without_display_times,
        lambda folder: joined(folder, (0, 30, 55)),
        lambda folder: joined(folder, (0, 0, 0)),
        lambda folder: joined(folder, (0, 1_000_000, 55)),
    ],
)
def test_cuts_and_lengths_are_true(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path, out = make(tmp_path), tmp_path / "out"
    result = eruv.shots(path, detector="hog-fixed", csv=True, edl=True, split=out, to=out)
    (video,) = result.videos
    assert not result.damaged
    assert video["frames_per_second"] == 25
    assert [shot["start"] for shot in video["shots"]] == CUTS[:-1]
    start_s = video["shots"][0]["start_s"]
    seconds = [shot["start_s"] - start_s for shot in video["shots"]] + [video["end_s"] - start_s]
    assert seconds == pytest.approx([cut / 25 for cut in CUTS])
    with Path(video["files"]["csv"]).open(newline="") as file:
        lengths = [float(row["length_s"]) for row in csv.DictReader(file)]
    assert lengths == pytest.approx([length / 25 for length in LENGTHS])
    assert "00:00:01:05 00:00:02:05 00:00:01:05 00:00:02:05" in read(video["files"]["edl"])
    for shot, length in zip(video["files"]["shots"], LENGTHS, strict=True):
        with av.open(shot["path"]) as container:
            times = [frame.time for frame in container.decode(video=0)]
        assert times == pytest.approx([frame / 25 for frame in range(length)], abs=1.1e-3)


def read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def film_with_timecode(path: Path) -> Path:
    """Two cameras at 29.97 frames a second; the file says that it starts at an hour."""
    with av.open(str(path), "w") as container:
        container.metadata["timecode"] = "01:00:00;00"
        films = [container.add_stream("libx264", rate=Fraction(30_000, 1001)) for _ in range(2)]
        for film, width in zip(films, (96, 64), strict=True):
            film.width, film.height, film.pix_fmt = width, 72, "yuv420p"
        for film in films:
            for seed in (1, 2):
                for _ in range(20):
                    container.mux(film.encode(yuv_frame(pattern(seed, 72, film.width))))
            container.mux(film.encode(None))
    return path


def test_timecode_and_streams_of_the_file_from_the_command_line(tmp_path: Path) -> None:
    path = film_with_timecode(tmp_path / "film.mov")
    words = ["shots", path, "--detector", "hog-fixed", "--edl", "--otio", "--to", tmp_path]
    output, errors = start_eruv(*words).communicate(timeout=120)
    assert "29.97 per second" in output, errors
    assert "stream 0 was read; stream 1, a video of 64x72, is left out" in output
    edl = read(str(tmp_path / "film.shots.edl"))
    assert "FCM: DROP FRAME" in edl
    assert "01:00:00;20 01:00:01;10" in edl
    timeline = otio.adapters.read_from_file(str(tmp_path / "film.shots.otio"))
    assert timeline.global_start_time.to_timecode() == "01:00:00;00"
    output, _ = start_eruv(*words, "--timecode", "00:00:00:00", "--json").communicate(timeout=120)
    (video,) = json.loads(output)["videos"]
    assert (video["timecode"], video["stream"]) == ("01:00:00;00", 0)
    assert video["streams_left_out"] == [{"index": 1, "width": 64, "height": 72}]
    edl = read(str(tmp_path / "film.shots.edl"))
    assert "FCM: NON-DROP FRAME" in edl
    assert "00:00:00:20 00:00:01:10" in edl


def test_what_is_no_timecode_is_refused_before_any_work(tmp_path: Path) -> None:
    process = start_eruv("shots", tmp_path, "--edl", "--timecode", "noon")
    output, errors = process.communicate(timeout=120)
    assert process.returncode
    assert output == ""
    assert "timecode must be HH:MM:SS:FF" in errors
