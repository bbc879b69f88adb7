"""Many videos stay few catalogue files, and the library opens at once."""

import struct
import time
from datetime import timedelta
from pathlib import Path

import pytest

from eruv.library import catalogue_table
from eruv.library.catalogue import Library
from eruv.library.ingest import ingest
from films_for_tests import render_video


def test_a_catalogue_of_many_videos_is_small(tmp_path: Path) -> None:
    count = 1000
    data = render_video(tmp_path / "one.mp4", [(1, 3)], size=(32, 32)).read_bytes()
    for number in range(count):  # a box that players pass over makes the bytes differ
        folder = tmp_path / "films" / f"{number % 10}"
        folder.mkdir(parents=True, exist_ok=True)
        box = struct.pack(">I4sQ", 16, b"free", number)
        (folder / f"{number}.mp4").write_bytes(data + box)
    report = ingest([tmp_path / "films"], tmp_path / "library", workers=2)
    assert (report.videos, report.frames, len(report.too_short)) == (count, 3 * count, count)

    catalogue = tmp_path / "library" / "catalogue"
    sizes = [path.stat().st_size for path in catalogue.rglob("*") if path.is_file()]
    assert len(sizes) < 300 + count // 8  # versions of the last ten minutes are kept
    assert sum(sizes) < 2_000_000 + 2_000 * count
    started = time.process_time()
    opened = Library(tmp_path / "library")
    assert len(opened.videos()) == len(opened.sources()) == count
    assert time.process_time() - started < 2.0


def test_many_small_ingests_leave_no_more_files_than_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_table, "KEPT_VERSIONS", timedelta(microseconds=1))
    for number in range(4):
        film = render_video(tmp_path / f"{number}.mp4", [(number, 10)])
        ingest([film], tmp_path / "library", workers=1)
    for table in ("videos", "sources"):
        assert len(list((tmp_path / "library" / "catalogue").glob(f"{table}.lance/data/*"))) == 1
