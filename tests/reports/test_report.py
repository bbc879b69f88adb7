"""The page needs no other file, shows every relation, and prints what was measured."""

import json
import re
import shutil
from pathlib import Path

import pytest

import eruv
from eruv.clips import ClipSize
from eruv.errors import EruvError
from eruv.pretext.eruv import RELATIONS
from eruv.training.config import PretrainConfig, ValidationSettings
from films_for_tests import SmallLibrary

TINY = PretrainConfig(
    backbone="r3d",
    width=0.05,
    size=ClipSize(32, 43, 32),
    batch_size=2,
    pairs=4,
    threads=1,
    loader_workers=0,
    validation=ValidationSettings(pairs_per_relation=1),
)


@pytest.fixture(scope="module")
def run(small_library: SmallLibrary, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "run"
    eruv.pretrain(small_library.folder, folder, TINY)
    eruv.relations(folder, pairs_per_relation=2)
    return folder


def test_page_asks_for_nothing_outside_itself(run: Path) -> None:
    page = eruv.report(run).read_text()
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert sources
    assert all(source.startswith(("data:", "#")) for source in sources)
    assert "<script" not in page
    assert "@import" not in page


def test_page_shows_an_example_of_every_possible_relation(run: Path) -> None:
    page = eruv.report(run).read_text()
    active = json.loads((run / "run.json").read_text())["config"]["task"]["relations"]
    for name in active:
        assert f"{name} · {RELATIONS[name]}" in page
    possible = json.loads((run / "run.json").read_text())["feasibility"]["held_out"]["possible"]
    assert page.count('alt="first clip of a pair') == sum(share > 0 for share in possible.values())


def test_page_prints_what_was_measured(run: Path) -> None:
    page = eruv.report(run).read_text()
    measured = json.loads((run / "relations.json").read_text())
    assert f"<b>{measured['relation_accuracy']:.3f}</b>" in page
    for accuracy in measured["relations"].values():
        assert f'<td class="n">{"–" if accuracy is None else f"{accuracy:.3f}"}</td>' in page


def test_same_run_gives_the_same_page(run: Path, tmp_path: Path) -> None:
    pages = [eruv.report(run, tmp_path / f"{name}.html").read_bytes() for name in "ab"]
    assert pages[0] == pages[1]
    assert len(pages[0]) < 6_000_000


def test_run_without_measured_relations_says_how_to_measure(run: Path, tmp_path: Path) -> None:
    library = json.loads((run / "run.json").read_text())["library"]
    other = run.parent / "other"
    shutil.copytree(run, other)
    (other / "relations.json").unlink()
    assert (other / library).exists()
    assert "eruv relations RUN" in eruv.report(other, tmp_path / "page.html").read_text()


def test_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EruvError, match="no run"):
        eruv.report(tmp_path)


def test_hostile_file_name_is_only_text(small_library: SmallLibrary, tmp_path: Path) -> None:
    folder = tmp_path / "videos"
    folder.mkdir()
    for number, film in enumerate(small_library.truth):
        shutil.copy(film.path, folder / f"<script>alert({number})<script>.mp4")
    eruv.ingest([folder], tmp_path / "library", workers=1)
    eruv.pretrain(tmp_path / "library", tmp_path / "run", TINY)
    page = eruv.report(tmp_path / "run").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;alert" in page
