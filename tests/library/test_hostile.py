"""Folders as they are: whatever lies in them is ingested or quarantined with a reason, and the good
films are taken."""

import logging
import time
from pathlib import Path

import pytest

import eruv
from eruv.library.catalogue import Library
from films_for_tests import render_video
from hostile_films_for_tests import KINDS

LONGEST_S = 240.0
GOOD = 2


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_lies_in_a_folder_stops_nothing(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    named = list(KINDS[kind](folder))
    good = [render_video(folder / f"good{n}.mp4", [(90 + n, 30)]) for n in range(GOOD)]
    started = time.monotonic()
    report = eruv.ingest([folder], tmp_path / "library", workers=2)
    assert time.monotonic() - started < LONGEST_S
    library = Library(tmp_path / "library")
    taken = {path for paths in library.paths().values() for path in paths}
    quarantined = {path for path, source in library.sources().items() if source.quarantined}
    assert set(good) <= taken
    assert {path for path in named if path.is_file()} <= taken | quarantined
    assert all(one["reason"] and "Error" not in one["reason"] for one in report.quarantined)
    assert all("\n" not in f"{one['path']}{one['reason']}" for one in report.quarantined)
    assert eruv.check(library.folder).failed == []
    again = eruv.ingest([folder], library.folder, workers=2)
    assert again.new_videos == 0
    if kind == "no films":
        assert taken == set(good)
    if kind == "odd names":
        assert not quarantined


def test_a_file_that_is_replaced_or_deleted_while_others_are_read_is_no_fault_of_theirs(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    paths = [render_video(folder / f"{n}.mp4", [(n, 40)]) for n in range(6)]
    loaded = []

    def vanish(text: str) -> None:
        if "files" in text and not loaded:
            loaded.append(text)
            paths[5].unlink()
            render_video(paths[4], [(77, 25)])

    handler = logging.Handler()
    handler.emit = lambda record: vanish(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("eruv").addHandler(handler)
    try:
        report = eruv.ingest([folder], tmp_path / "library", workers=1)
    finally:
        logging.getLogger("eruv").removeHandler(handler)
    assert loaded
    assert report.videos >= 4
    assert {Path(one["path"]) for one in report.quarantined} <= {paths[4], paths[5]}
    assert eruv.ingest([folder], tmp_path / "library", workers=1).quarantined == []
