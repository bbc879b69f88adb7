"""The table of scores, read back by csv and pyarrow, and whose it is."""

import csv
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest

import eruv
from eruv.cli.main import main
from eruv.detection.export.score_table import COLUMNS, ScoreTable
from eruv.utils.errors import EruvError
from films_for_tests import render_video
from shot_lists_for_tests import CUT_DISSOLVE_GAP, shot_list


def rows(path: Path) -> list[tuple[str, int, float, float]]:
    if path.suffix == ".parquet":
        table = pyarrow.parquet.read_table(path)
        assert table.column_names == list(COLUMNS)
        return [tuple(row.values())[:4] for row in table.to_pylist()]
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [
        (row["video"], int(row["frame"]), float(row["start_s"]), float(row["score"]))
        for row in found
    ]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_every_frame_of_every_video_has_a_row(tmp_path: Path, suffix: str) -> None:
    first = render_video(tmp_path / "a, b.mp4", [(1, 20), (2, 20)])
    second = render_video(tmp_path / "b.mp4", [(3, 30)])
    path = tmp_path / "out" / f"scores{suffix}"
    for _ in range(2):  # the second call replaces the file of the first
        result = eruv.shots([first, second], detector="hog-fixed", scores=path)
    assert [video["files"] for video in result.videos] == [{"scores": str(path)}] * 2
    found = rows(path)
    assert [row[:2] for row in found] == [
        *((str(first), frame) for frame in range(40)),
        *((str(second), frame) for frame in range(30)),
    ]
    scores = eruv.detect_shots(first, "hog-fixed").scores
    assert np.allclose([row[3] for row in found[:40]], scores, atol=1e-6)
    assert int(np.argmax([row[3] for row in found[:40]])) == 20
    assert [row[2] for row in found[40:]] == pytest.approx(np.arange(30) / 25, abs=1e-6)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_frames_of_transitions_have_their_kind(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"scores{suffix}"
    with ScoreTable(path) as table:
        table.add(shot_list(CUT_DISSOLVE_GAP, 100))
    if suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            found = [(row["transition"], row["confidence"]) for row in csv.DictReader(file)]
        sure = "0.800000"
    else:
        stored = pyarrow.parquet.read_table(path).to_pylist()
        found = [(row["transition"], row["confidence"] or "") for row in stored]
        sure = pytest.approx(0.8)  # type: ignore[assignment]
    assert {number: one for number, one in enumerate(found) if one[0]} == {
        **{30: ("cut", ""), 80: ("gap", "")},
        **dict.fromkeys(range(50, 62), ("dissolve", sure)),
    }


def test_tables_of_an_earlier_version_are_replaced(tmp_path: Path) -> None:
    film = render_video(tmp_path / "film.mp4", [(1, 10)])
    path = tmp_path / "scores.csv"
    path.write_text("video,frame,start_s,score\n")
    (tmp_path / "film.shots.csv").write_text(
        "shot,start_frame,end_frame,frames,start,end,start_s,end_s,length_s,transition,"
        "transition_frames,score\n"
    )
    result = eruv.shots(film, detector="hog-fixed", scores=path, csv=True, to=tmp_path)
    assert not result.not_written
    assert len(rows(path)) == 10


def test_the_table_is_named_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        render_video(tmp_path / f"{name}.mp4", [(1, 10)])
    path = tmp_path / "scores.csv"
    with pytest.raises(SystemExit):
        main(["shots", str(tmp_path), "--detector", "hog-fixed", "--scores", str(path)])
    assert capsys.readouterr().out.count(str(path)) == 1


def test_a_part_has_rows_for_what_is_looked_at(tmp_path: Path) -> None:
    film = render_video(tmp_path / "film.mp4", [(1, 40)])
    path = tmp_path / "scores.csv"
    eruv.shots(film, detector="hog-fixed", scores=path, start=1, end=1.2)
    assert [row[1] for row in rows(path)] == [25, 26, 27, 28, 29]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_files_of_others_are_not_replaced(tmp_path: Path, suffix: str) -> None:
    film = render_video(tmp_path / "film.mp4", [(1, 20)])
    path = tmp_path / f"scores{suffix}"
    path.write_text("mine")
    with pytest.raises(EruvError, match="exists and was not written by eruv shots"):
        eruv.shots(film, detector="hog-fixed", scores=path)
    assert path.read_text() == "mine"


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    film = render_video(tmp_path / "film.mp4", [(1, 20)])
    with pytest.raises(EruvError, match=r"suffixes \.csv, \.parquet; got .*scores\.npy"):
        eruv.shots(film, detector="hog-fixed", scores=tmp_path / "scores.npy")


def test_without_a_video_there_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no video")
    with pytest.raises(EruvError, match="not a video file"):
        eruv.shots(tmp_path / "film.mp4", scores=tmp_path / "scores.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]
