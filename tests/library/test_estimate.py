"""A first word on what an ingest will take, and a refusal in time.

Covers also: media/estimate.
"""

import shutil
import struct
from pathlib import Path
from typing import NamedTuple

import pytest

from eruv.library.catalogue import Library
from eruv.library.estimate import Estimate, estimate_ingest, refuse_small_disk
from eruv.library.ingest import ingest
from eruv.utils.errors import EruvError
from films_for_tests import render_video


class Usage(NamedTuple):
    total: int = 10**9
    used: int = 0
    free: int = 10**9


def estimate_of(*paths: Path, workers: int = 1) -> Estimate:
    return estimate_ingest(paths, [path.stat().st_size for path in paths], workers)


def test_frames_of_alike_films_are_foreseen(tmp_path: Path) -> None:
    paths = [render_video(tmp_path / f"{n}.mp4", [(n, 100)]) for n in range(3)] * 40
    estimate = estimate_of(*paths)
    assert estimate.files == 120
    assert estimate.frames == pytest.approx(12_000, rel=0.05)
    assert estimate.proxy_bytes == 3000 * estimate.frames
    assert estimate_of(*paths, workers=2).seconds == pytest.approx(estimate.seconds / 2)


def test_what_cannot_be_opened_counts_no_frames(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("text")
    (tmp_path / "empty.mp4").touch()
    assert estimate_of(tmp_path / "text.mp4", tmp_path / "empty.mp4").frames == 0


def test_a_duration_beyond_belief_is_not_believed(tmp_path: Path) -> None:
    path = render_video(tmp_path / "film.mp4", [(1, 60)])
    data = bytearray(path.read_bytes())
    for header in (b"mvhd", b"mdhd"):
        start = data.index(header) + 4 + 16
        struct.pack_into(">I", data, start, 2**32 - 2)
    path.write_bytes(data)
    assert 0 < estimate_of(path).proxy_bytes < 400 * len(data)


def test_a_small_disk_is_refused_with_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(free=2_000_000_000))
    refuse_small_disk(Estimate(7, 1, 600_000, 1.0, 1_800_000_000), tmp_path)
    with pytest.raises(EruvError) as refusal:
        refuse_small_disk(Estimate(7, 1, 1_000_000, 1.0, 3_000_000_000), tmp_path)
    words = str(refusal.value)
    assert "7 videos (about 1,000,000 frames) may need 3.1 GB" in words
    assert f"the disk of {tmp_path} has 2.0 GB free" in words


def test_an_ingest_onto_a_small_disk_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = render_video(tmp_path / "film.mp4", [(1, 60)])
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(free=1))
    with pytest.raises(EruvError, match="Make room"):
        ingest([film], tmp_path / "library", workers=1)
    monkeypatch.undo()
    assert not Library(tmp_path / "library").sources()
    assert ingest([film], tmp_path / "library", workers=1).videos == 1
