"""`eruv retrieve` and `eruv attention` from the command line, on a small data set in a CSV."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from eruv.cli.main import main
from eruv.models.encoder import Encoder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, render_video: Callable[..., Path]) -> Path:
    """A table of eight films of two classes; films of a class are alike."""
    folder = tmp_path_factory.mktemp("data")
    rows = [["path", "label", "split"]]
    for number in range(8):
        name = f"film{number}.mp4"
        render_video(folder / name, [(number % 2, 20 + number)])
        rows.append([name, "ab"[number % 2], "test" if number > 5 else "train"])
    with (folder / "films.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder / "films.csv"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    torch.manual_seed(0)
    Encoder("r3d", 0.02, 32, 43, 32).save_pretrained(folder)
    return folder


def call(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    assert isinstance(end.value.code, int)
    return end.value.code


def test_retrieve_ingests_what_is_missing_and_shows_recall_beside_chance(
    data: Path, run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ("retrieve", data, "--run", run, "--to", tmp_path, "--device", "cpu", "--workers", 1)
    assert call(*words) == 0
    out = capfd.readouterr().out
    assert "a right one among the k nearest" in out
    assert "chance" in out
    assert "published" not in out
    assert "2 queries, 6 in the gallery, 2 classes" in out
    assert (tmp_path / "library" / "library.json").exists()
    assert call(*words, "--json") == 0
    result = json.loads(capfd.readouterr().out)
    assert result["chance"]["1"] == 0.5
    # Films of a class have one pattern, which any network finds again.
    assert result["recall"]["1"] == 1.0
    assert Path(result["page"]) == tmp_path / "retrieval.html"


def test_retrieve_refuses_a_small_crop_before_any_ingest(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Encoder("r3d", 0.02, 32, 43, 24).save_pretrained(tmp_path / "small")
    library = tmp_path / "library"
    words = ("retrieve", data, "--run", tmp_path / "small", "--library", library)
    assert call(*words) == 1
    err = capfd.readouterr().err
    assert err.startswith("eruv retrieve: the encoder in ")
    assert err.count("\n") == 1
    assert not library.exists()


def test_attention_takes_runs_first_and_the_video_last(
    data: Path, run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    video = data.with_name("film7.mp4")
    words = ("attention", run, run, video, "--to", tmp_path, "--no-film", "--device", "cpu")
    assert call(*words, "--json") == 0
    result = json.loads(capfd.readouterr().out)
    assert [one["title"] for one in result["encoders"]] == ["1 run (R3D)", "2 run (R3D)"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "film7.attention.png",
        "film7.attention.svg",
    ]
    assert call("attention", video, run, "--to", tmp_path) == 1
    assert "Name runs first and the video last" in capfd.readouterr().err
    assert call("attention", video) == 2
