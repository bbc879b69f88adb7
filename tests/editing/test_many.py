"""Many videos stay few catalogue files, and the library opens at once."""

import struct
import time
from pathlib import Path

from eruv.editing.ingest import ingest
from eruv.library import Library
from films_for_tests import render_video


def test_a_catalogue_of_many_videos_is_small(tmp_path: Path) -> None:
    count = 2000
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
    started = time.monotonic()
    library = Library(tmp_path / "library")
    assert len(library.videos()) == len(library.sources()) == count
    assert time.monotonic() - started < 2.0
