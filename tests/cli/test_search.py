"""`eruv embed` and `eruv search` as people see them.

Covers also: embed, explore.
"""

import csv
from pathlib import Path

import pytest

from eruv.cli.main import main
from films_for_tests import SmallLibrary


def test_embedding_again_says_that_nothing_is_new(
    embedded: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    library, run = embedded
    words = ["embed", str(library), "--run", str(run), "--every-s", "0.4", "--device", "cpu"]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "windows of 5 videos are searchable; 0 of 0 videos are new" in shown


def test_the_command_prints_a_table_and_writes_a_csv(
    embedded: tuple[Path, Path],
    small_library: SmallLibrary,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    library, _ = embedded
    path = small_library.truth[0].path
    words = [str(library), f"{path}@0.2-1.2", "-k", "3", "--csv", str(tmp_path / "found.csv")]
    with pytest.raises(SystemExit) as ended:
        main(["search", *words, "--device", "cpu"])
    assert ended.value.code == 0
    assert "best of" in capsys.readouterr().out
    rows = list(csv.DictReader((tmp_path / "found.csv").open()))
    assert 1 <= len(rows) <= 3
    assert rows[0]["path"] == str(path)
    assert float(rows[0]["start_s"]) < float(rows[0]["end_s"])


def test_exploring_prints_clusters_and_names_the_page(
    embedded: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["explore", str(embedded[0]), "--clusters", "3", "--html", str(tmp_path / "a.html")])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "3 clusters" in shown
    assert str(tmp_path / "a.html") in shown
