"""`eruv dataset` from the command line: a table, one JSON object, and a library."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import eruv
from eruv.cli.main import main
from films_for_tests import render_video

from .conftest import Plant


def called(capfd: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    capfd.readouterr()
    with pytest.raises(SystemExit) as end:
        main(["dataset", *map(str, words)])
    assert isinstance(end.value.code, int)
    return (end.value.code, *capfd.readouterr())


def test_a_table_shows_classes_counts_and_problems(
    tmp_path: Path, plant: Plant, capfd: pytest.CaptureFixture[str]
) -> None:
    names = [f"[walk]/{n}.mp4" for n in range(10)] + ["run/0.mp4", "loose.mp4"]
    code, out, err = called(capfd, plant(tmp_path / "films", names))
    assert code == 0
    cells = [[cell.strip() for cell in line.split("│")] for line in out.splitlines()]
    assert ["[walk]", "7", "3"] in cells
    assert ["run", "1", "0"] in cells
    assert ["2 classes", "8", "3"] in cells
    assert "the last 30 % of each class by name" in out
    assert "problem: 1 class has no test video: run." in out
    assert "problem: Not used: 1 video" in out
    assert "is read as folders" in err


def test_json_is_one_object_and_strict_is_exit_3_where_there_are_problems(
    tmp_path: Path, plant: Plant, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = plant(tmp_path / "films", ["run/1.mp4", "walk/1.mp4", "walk/2.mp4"])
    code, out, _ = called(capfd, folder, "--json")
    assert (code, out.count("\n")) == (0, 1)
    assert json.loads(out) == {
        "name": "films, the last 30 % of each class by name for tests",
        "data": str(folder),
        "library": None,
        "classes": [
            {"class": "run", "train": 1, "test": 0},
            {"class": "walk", "train": 1, "test": 1},
        ],
        "train": 2,
        "test": 1,
        "problems": ["1 class has no test video: run."],
    }
    assert called(capfd, folder, "--strict")[0] == 3
    (folder / "run" / "2.mp4").touch()
    assert called(capfd, folder, "--strict")[0] == 0


def test_with_a_library_only_what_could_be_read_is_counted(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for label, number in (("run", 1), ("run", 2), ("walk", 1), ("walk", 2)):
        (tmp_path / "films" / label).mkdir(parents=True, exist_ok=True)
        render_video(tmp_path / "films" / label / f"{number}.mp4", [(number, 20)], size=(64, 48))
    (tmp_path / "films" / "run" / "3.mp4").write_bytes(b"no video at all")
    words = (tmp_path / "films", "--to", tmp_path / "films" / "library", "--workers", 1)
    first = called(capfd, *words, "--json")
    assert first[0] == 0, first
    result = json.loads(first[1])
    assert (result["train"], result["test"]) == (3, 1)
    assert result["library"] == str(tmp_path / "films" / "library")
    assert any("3.mp4" in problem for problem in result["problems"])
    # A library inside the data is no class of it.
    again = called(capfd, *words)
    assert again[0] == 0
    assert "2 classes" in again[1]
    assert "in the library" in again[1]


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        ("", 2, "required"),
        ("{} --format kinetics", 2, "kinetics"),
        ("{} --split 4", 2, "4"),
        ("{} --split one", 2, "one"),
        ("{}/nowhere", 1, "nowhere does not exist"),
        ("{} --format ucf101", 1, "--splits"),
        ("{} --to {}/lib --workers 0", 1, "at least 1; got 0"),
    ],
)
def test_mistakes_are_one_sentence(
    tmp_path: Path,
    plant: Plant,
    capfd: pytest.CaptureFixture[str],
    words: str,
    code: int,
    part: str,
) -> None:
    plant(tmp_path, ["run/1.mp4", "run/2.mp4", "walk/1.mp4", "walk/2.mp4"])
    found, out, err = called(capfd, *words.replace("{}", str(tmp_path)).split())
    assert (found, out) == (code, "")
    assert part in err.splitlines()[-1]
    assert err.splitlines()[-1].startswith("eruv dataset: ")


def test_looking_at_a_data_set_loads_neither_database_nor_torch(
    tmp_path: Path, plant: Plant
) -> None:
    folder = plant(tmp_path / "films", ["run/1.mp4", "run/2.mp4"])
    script = (
        f"import sys, eruv; eruv.dataset({str(folder)!r}); "
        "assert not {'torch', 'lancedb'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)


def test_real_clips_become_a_library(shared: Callable[[str], Path], tmp_path: Path) -> None:
    found = eruv.dataset(shared("videos/ucf101-mini"), to=tmp_path / "library", workers=1)
    assert (found.train, found.test) == (9, 6)
    assert found.problems == ()
