"""`eruv shots` from the command line and from Python, on real files.

Covers also: destinations, shot_finder.
"""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest

import eruv
from eruv.detection.export.destinations import MARKS, stems
from eruv.utils.atomic import whole_file
from eruv.utils.errors import EruvError
from films_for_tests import encode, pattern, render_video, yuv_frame
from training_for_tests import start_eruv

SIMPLE = ("--detector", "hog-fixed")  # these tests are not about finding shots
SHOTS = [[0, 60], [60, 120]]


def call(*words: object) -> tuple[int, str, str]:
    if "--detector" not in words:
        words = (*words, *SIMPLE)
    process = start_eruv("shots", *words)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


def ranges(video: dict) -> list[list[int]]:
    return [[shot["start"], shot["end"]] for shot in video["shots"]]


def test_a_table_for_people(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4")
    code, output, errors = call(path)
    assert code == 0, errors
    lines = [line.split() for line in output.splitlines()]
    assert ["1", "0", "60", "0:00:00.000", "0:00:02.400", "2.400", "start"] in lines
    assert ["2", "60", "120", "0:00:02.400", "0:00:04.800", "2.400", "cut"] in lines
    assert max(map(len, output.splitlines()[1:])) <= 80
    assert "frames/s" in errors
    assert list(tmp_path.iterdir()) == [path]


def test_json_is_what_python_gives_and_all_files_are_written(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4")
    out, parts = tmp_path / "out", tmp_path / "parts"
    words = [path, *(f"--{kind}" for kind in MARKS), "--to", out, "--split", parts, "--json"]
    code, output, errors = call(*words, "--pictures", parts)
    assert code == 0, errors
    assert output.count("\n") == 1
    result = json.loads(output)
    all_kinds = dict.fromkeys(MARKS, True)
    again = eruv.shots(
        [path], detector="hog-fixed", to=out, **all_kinds, split=parts, pictures=parts
    )
    assert result | {"seconds": 0} == again.to_dict() | {"seconds": 0}
    (video,) = result["videos"]
    assert ranges(video) == SHOTS
    assert sorted(file.name for file in out.iterdir()) == [
        f"film.shots.{kind}" for kind in sorted(MARKS)
    ]
    assert [Path(file).name for file in video["files"]["pictures"]] == [
        "film-001.jpg",
        "film-002.jpg",
    ]
    with Path(video["files"]["csv"]).open() as file:
        assert [row["start_frame"] for row in csv.DictReader(file)] == ["0", "60"]
    assert [one["how"] for one in video["files"]["shots"]] == ["copied", "encoded"]
    assert all(Path(one["path"]).exists() for one in video["files"]["shots"])
    assert (result["shots"], result["frames"]) == (2, 120)


def test_a_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    path = render_video(folder / "film.mp4")
    (folder / "broken.mp4").write_bytes(b"no video at all")
    missing = tmp_path / "none.mp4"
    code, output, errors = call(folder, missing, "--json")
    assert code == 0, errors
    result = json.loads(output)
    assert [video["path"] for video in result["videos"]] == [str(path)]
    assert [one["path"] for one in result["unreadable"]] == [
        str(missing),
        str(folder / "broken.mp4"),
    ]
    strict, output, _ = call(folder, missing, "--strict")
    assert strict == 3
    assert "2 unreadable" in output
    assert "none.mp4 does not exist" in output


def test_options_of_what_is_looked_for_are_those_of_python(tmp_path: Path) -> None:
    for name in ("a", "b"):
        render_video(tmp_path / f"{name}.mp4", [(1, 30), (2, 8), (3, 30)])
    words = ["--joined", "--start", "1", "--end", "00:00:04:00", "--min-length", "0.5", "--quiet"]
    code, output, errors = call(tmp_path, *words, "--drop-short", "--json")
    assert (code, errors) == (0, "")
    (video,) = json.loads(output)["videos"]
    assert ranges(video) == [[38, 68], [68, 98]]
    assert (video["first_frame"], video["frames"]) == (25, 75)
    options = {"start": 1, "end": "00:00:04:00", "min_length": 0.5, "drop_short": True}
    again = eruv.shots(tmp_path, detector="hog-fixed", joined=True, **options)
    assert again.videos == [video]


def test_what_splitting_costs_is_told(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", options={"preset": "ultrafast", "sc_threshold": "0"})
    code, output, errors = call(path, "--split", tmp_path / "parts")
    assert code == 0, errors
    assert "1 encoded, not copied: frame 60 is no key frame, the one before it is frame 0" in output
    code, output, errors = call(path, "--split", tmp_path / "parts", "--copy")
    assert code == 0, errors
    assert output.splitlines()[4].split()[:3] == ["2", "60", "120"]
    assert output.splitlines()[4].endswith("  60 early")
    assert "1 of 2 files begin early, at the key frame before the shot: by 60 frames" in output


def test_files_passed_over_are_counted_by_suffix(tmp_path: Path) -> None:
    videos = tmp_path / "videos"
    (videos / "below").mkdir(parents=True)
    render_video(videos / "film.mp4")
    for name in ("a.txt", "b.TXT", "below/c.txt", "page.jpg", "README", ".hidden.txt"):
        (videos / name).write_text("no video")
    for _ in range(2):  # its own files are not counted
        code, output, errors = call(videos, "--csv", "--to", videos)
        assert code == 0, errors
        assert "5 other files skipped: 3 .txt, 1 .jpg, 1 no suffix" in output
    assert eruv.shots(videos, detector="hog-fixed").passed_over == {
        ".txt": 3,
        ".jpg": 1,
        "no suffix": 1,
    }
    assert eruv.shots(videos / "film.mp4", detector="hog-fixed").passed_over == {}


@pytest.mark.parametrize("character", ["x", "ä"])
@pytest.mark.parametrize("size", [236, 247, 251])
def test_long_names_have_results(tmp_path: Path, size: int, character: str) -> None:
    stem = character * (size // len(character.encode()))
    path = render_video(tmp_path / f"{stem}.mp4", [(1, 20), (2, 20)])
    out = tmp_path / "out"
    for _ in range(2):  # the second call replaces the files of the first
        result = eruv.shots(
            path,
            detector="hog-fixed",
            **dict.fromkeys(MARKS, True),
            to=out,
            split=out,
            pictures=out,
        )
        assert result.not_written == []
        assert len(list(out.iterdir())) == len(MARKS) + 4
    other = path.rename(path.with_stem(stem[:-1] + "y"))
    eruv.shots(other, detector="hog-fixed", csv=True, to=out)
    assert len(list(out.iterdir())) == len(MARKS) + 5


def test_one_file_that_cannot_be_written_does_not_end_the_run(tmp_path: Path) -> None:
    videos, out = tmp_path / "videos", tmp_path / "out"
    videos.mkdir()
    for name in ("a", "b"):
        render_video(videos / f"{name}.mp4", [(1, 20), (2, 20)])
    out.mkdir()
    with whole_file(out / "a.shots.csv") as partial:
        partial.touch()
    (out / "a.shots.csv").unlink()
    partial.mkdir()  # where the file is written at first
    result = eruv.shots(videos, detector="hog-fixed", csv=True, to=out)
    assert [Path(video["path"]).name for video in result.videos] == ["a.mp4", "b.mp4"]
    assert [list(video["files"]) for video in result.videos] == [[], ["csv"]]
    assert [Path(one["path"]).name for one in result.not_written] == ["a.shots.csv"]
    assert not result.failed
    alone = eruv.shots(videos / "a.mp4", detector="hog-fixed", csv=True, to=out)
    assert alone.failed


def test_ctrl_c_prints_what_is_done(tmp_path: Path) -> None:
    videos, out = tmp_path / "videos", tmp_path / "out"
    videos.mkdir()
    render_video(videos / "a.mp4", [(1, 20), (2, 20)])
    render_video(videos / "b.mp4", [(seed, 150) for seed in range(4)], size=(320, 240))
    words = (videos, "--csv", "--split", out, "--to", out, "--scores", out / "scores.csv", "--json")
    process = start_eruv("shots", *words, *SIMPLE, "--threads", "1")
    deadline = time.monotonic() + 60
    while not (out / "a-002.mp4").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert re.search("interrupted at file [12] of 2; no file is left half written", errors)
    (video,) = json.loads(output)["videos"]
    assert list(video["files"]) == ["csv", "shots"]
    assert {path.name for path in out.iterdir()} == {"a.shots.csv", "a-001.mp4", "a-002.mp4"}


@pytest.mark.parametrize(
    ("name", "codec", "format"),
    [
        ("film.avi", "rawvideo", "pal8"),
        ("film.mov", "qtrle", "rgb24"),
        ("film.mov", "smc", "pal8"),
        ("film.nut", "rawvideo", "rgb8"),
        ("film.nut", "rawvideo", "gray"),
    ],
)
def test_odd_pixel_formats_are_split(tmp_path: Path, name: str, codec: str, format: str) -> None:
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 72, format
        for number in range(24):
            container.mux(stream.encode(coded(pattern(number // 12, 72, 96), format)))
        container.mux(stream.encode(None))
    result = eruv.shots(path, detector="hog-fixed", split=tmp_path / "parts")
    assert result.not_written == []
    assert ranges(result.videos[0]) == [[0, 12], [12, 24]]
    for one in result.videos[0]["files"]["shots"]:
        with av.open(one["path"]) as container:
            assert sum(1 for _ in container.decode(video=0)) == 12


def coded(luma: np.ndarray, format: str) -> av.VideoFrame:
    if format != "pal8":
        return yuv_frame(luma).reformat(format=format)
    frame = av.VideoFrame(luma.shape[1], luma.shape[0], "pal8")
    rows = np.zeros((luma.shape[0], frame.planes[0].line_size), np.uint8)
    rows[:, : luma.shape[1]] = luma
    frame.planes[0].update(rows.tobytes())
    frame.planes[1].update(np.arange(256, dtype=np.uint8).repeat(4).tobytes())
    return frame


def test_damage_is_told_and_shots_have_the_frames_that_are_left(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", options={"preset": "ultrafast", "g": "10"})
    data = bytearray(path.read_bytes())
    mdat = data.index(b"mdat")
    middle = mdat + int.from_bytes(data[mdat - 4 : mdat], "big") // 2
    data[middle : middle + 600] = bytes(600)
    path.write_bytes(data)
    code, output, _ = call(path, "--strict", "--json", "--split", tmp_path / "parts")
    result = json.loads(output)
    assert code == 3
    assert result["damaged"][0]["failed_packets"] > 0
    (video,) = result["videos"]
    assert "gap" in [shot["transition"] for shot in video["shots"]]
    for shot, file in zip(video["shots"], video["files"]["shots"], strict=True):
        with av.open(file["path"]) as container:
            assert sum(1 for _ in container.decode(video=0)) == shot["end"] - shot["start"]


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        ("{}/none.mp4", 1, "none.mp4 does not exist"),
        ("{}/file", 1, "not a video file"),
        ("{}/audio.mp4", 1, "no video stream"),
        ("{}", 1, "not a video file"),
        ("{}/empty", 1, "no video found"),
        ("{}/film.mp4 --detector bogus", 2, "a detector must be one of hog-fixed"),
        ("{}/film.mp4 --detector hog-fixed --set bogus=1", 2, "parameters of the detector"),
        ("{}/film.mp4 --detector hog-fixed --set threshold=high", 2, "with a number"),
        ("{}/film.mp4 --detector hog-fixed --set threshold=-1", 2, "a positive HOG difference"),
        ("{}/film.mp4 --threads -2", 1, "--threads must be at least 0"),
        ("{}/film.mp4 --copy", 1, "--copy takes a folder for the shots: pass one as --split"),
        ("{}/film.mp4 --start soon", 1, "--start must be in seconds"),
        ("{}/film.mp4 --start 5 --end 4", 1, "--start must be before end"),
        ("{}/film.mp4 --min-length -1", 1, "--min-length must be at least 0"),
        (
            "{}/film.mp4 --scores {}/scores.txt",
            1,
            "--scores must be a file with one of the suffixes",
        ),
        ("{}/film.mp4 --threads many", 2, "threads"),
        ("{}/film.mp4 --csv --to {}/file", 1, "cannot write to the folder"),
        ("{}/film.mp4 --split {}/file/parts", 1, "cannot write to the folder"),
        ("--csv", 2, "videos"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    tmp_path: Path, words: str, code: int, part: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    if "empty" not in words and "none" not in words:
        (tmp_path / "film.mp4").write_bytes(b"never looked at, or no video")
    if "audio" in words:
        write_audio(tmp_path / "audio.mp4")
    found, output, errors = call(*words.replace("{}", str(tmp_path)).split())
    assert (found, output) == (code, ""), errors
    assert part in errors
    assert "Traceback" not in errors


def write_audio(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("kind", MARKS)
def test_own_files_are_replaced_and_others_are_not(tmp_path: Path, kind: str) -> None:
    path = render_video(tmp_path / "film.mp4")
    options = {kind: True, "to": tmp_path, "detector": "hog-fixed"}
    first = eruv.shots([path], **options)
    written = Path(first.videos[0]["files"][kind])
    text = written.read_bytes()
    eruv.shots([path], **options)
    assert written.read_bytes() == text
    written.write_text("my own notes")
    with pytest.raises(EruvError, match="was not written by eruv shots"):
        eruv.shots([path], **options)
    assert written.read_text() == "my own notes"
    assert not list(tmp_path.glob(".*"))


def test_own_shots_in_a_folder_are_not_cut_again(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4")
    for _ in range(2):
        result = eruv.shots([tmp_path], detector="hog-fixed", split=tmp_path / "parts")
        assert [video["path"] for video in result.videos] == [str(path)]
    assert len(list((tmp_path / "parts").iterdir())) == 2


def test_a_timecode_that_a_film_cannot_have_is_told_and_the_rest_is_written(tmp_path: Path) -> None:
    frames = [yuv_frame(pattern(1, 72, 96))] * 30
    path = encode(tmp_path / "fast.mp4", frames, rate=120)
    late = "00:00:00:70"  # timecode counts 60 frames a second there
    result = eruv.shots(path, detector="hog-fixed", edl=True, csv=True, to=tmp_path, timecode=late)
    assert list(result.videos[0]["files"]) == ["csv"]
    assert "frames below 60. Pass another with --timecode" in result.not_written[0]["reason"]


def test_a_parameter_of_the_detector_changes_what_is_found(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4")
    code, output, _ = call(path, "--detector", "hog-fixed", "--set", "threshold=9", "--json")
    (video,) = json.loads(output)["videos"]
    assert code == 0
    assert ranges(video) == [[0, 120]]
    assert video["detector"] == {
        "name": "hog-fixed",
        "version": video["detector"]["version"],
        "parameters": {"threshold": 9.0},
    }


def test_it_needs_neither_torch_nor_database(tmp_path: Path) -> None:
    render_video(tmp_path / "film.mp4")
    program = (
        "import sys, eruv.cli.main\n"
        f"try: eruv.cli.main.main(['shots', {str(tmp_path)!r}, '--html', '--edl', '--csv', '--to',"
        f" {str(tmp_path / 'out')!r}, '--split', {str(tmp_path / 'parts')!r}])\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        "heavy = {'torch', 'lancedb', 'pyarrow', 'accelerate', 'skimage', 'sklearn'}\n"
        "found = heavy & {name.split('.')[0] for name in sys.modules}\n"
        "sys.exit(' '.join(found) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_results_of_equal_names_are_told_apart() -> None:
    root = Path("/videos")
    paths = [root / "a/film.mp4", root / "b/film.mp4", root / "c/other.mkv"]
    assert list(stems(paths).values()) == ["a-film", "b-film", "other"]
    paths = [root / "film.mp4", root / "film.avi"]
    assert list(stems(paths).values()) == ["film.mp4", "film.avi"]
    assert stems([root / "film.tar.mp4"]) == {root / "film.tar.mp4": "film.tar"}
    (long,) = stems([root / ("x" * 251 + ".mp4")]).values()
    assert len(long) == 230
    with pytest.raises(EruvError, match="one name"):
        stems([root / "a/b.mp4", root / "a-b.mp4", root / "x/a/b.mp4", root / "x-a-b.mp4"])
