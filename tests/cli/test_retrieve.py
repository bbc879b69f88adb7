"""`eruv retrieve` on a small data set in a CSV."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

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


def test_retrieve_ingests_what_is_missing_and_shows_recall_beside_chance(
    call: Callable, data: Path, small_run: Path, tmp_path: Path
) -> None:
    words = ["retrieve", data, "--run", small_run, "--to", tmp_path]
    words += ["--workers", "1", "--device", "cpu"]
    code, out, err = call(*words)
    assert code == 0, err
    assert "a correct one among the k nearest" in out
    assert "chance" in out
    assert "published" not in out
    assert "2 queries, 6 in the gallery, 2 classes" in out
    assert (tmp_path / "library" / "library.json").exists()
    result = json.loads(call(*words, "--json").out)
    assert result["chance"]["1"] == 0.5
    # Films of a class have one pattern, which any network finds again.
    assert result["recall"]["1"] == 1.0
    assert Path(result["page"]) == tmp_path / "retrieval.html"


def test_retrieve_refuses_a_small_crop_before_any_ingest(
    call: Callable, data: Path, tmp_path: Path
) -> None:
    Encoder("r3d", 0.02, 32, 43, 24).save_pretrained(tmp_path / "small")
    library = tmp_path / "library"
    words = ("retrieve", data, "--run", tmp_path / "small", "--library", library)
    code, _, err = call(*words)
    assert code == 1
    assert err.startswith("eruv retrieve: the encoder in ")
    assert err.count("\n") == 1
    assert not library.exists()
