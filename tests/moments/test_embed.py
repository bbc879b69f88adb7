"""Vectors of a library: those of the encoder, once for each video, whatever stops in between.

Covers also: table, embedded_by, windows, window_clips, looks, vector_maker.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eruv
from eruv.library.catalogue import Library
from eruv.library.rows import SCHEMAS
from eruv.moments.embedded_by import EmbeddedBy
from eruv.moments.looks import facts_of, looks_of
from eruv.moments.table import VectorTable
from eruv.moments.vectors import unit
from eruv.moments.windows import groups_of_videos, windows_of, windows_of_videos
from eruv.utils.errors import EruvError


def row(start: int, end: int, rate: float = 25.0) -> dict[str, object]:
    return {
        "video_id": "ab",
        "shot": 3,
        "start": start,
        "end": end,
        "start_s": start / rate,
        "end_s": end / rate,
    }


def tables_of(library: Path) -> list[Path]:
    return list((library / "catalogue").glob("vectors_*"))


@given(
    start=st.integers(0, 500),
    length=st.integers(1, 400),
    every=st.floats(0.01, 20),
    rate=st.sampled_from([12.0, 25.0, 29.97, 240.0]),
)
def test_windows_lie_in_their_segment_evenly_and_the_first_at_its_start(
    start: int, length: int, every: float, rate: float
) -> None:
    found = windows_of([row(start, start + length, rate)], every)
    assert found[0].start == start
    for window in found:
        assert start <= window.start < window.end <= start + length
        assert window.end - window.start == min(16, length)
        assert window.start_s == pytest.approx(window.start / rate, abs=1e-6)
        assert window.end_s == pytest.approx(window.end / rate, abs=1e-6)
    steps = set(np.diff([window.start for window in found]).tolist())
    assert len(steps) <= 1
    for step in steps:  # 37.5 frames may be 37 or 38
        assert abs(step - max(1, every * rate)) <= 0.5 + 1e-6
    assert start + length - 16 - found[-1].start <= max(1, every * rate) + 0.5


@given(
    shots=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 300), st.sampled_from([0.0, 24.0, 29.97])),
        max_size=12,
    ),
    every=st.floats(0.01, 5),
    most=st.integers(1, 60),
)
def test_windows_are_counted_and_grouped_without_being_listed(
    shots: list[tuple[str, int, float]], every: float, most: int
) -> None:
    rows = [
        row(0, length, rate or 25) | {"video_id": video} | ({} if rate else {"end_s": 0.0})
        for video, length, rate in shots
    ]
    parts = [pa.Table.from_pylist(some, SCHEMAS["segments"]) for some in (rows[:5], rows[5:])]
    counts = windows_of_videos(parts, every)
    assert counts == Counter(window.video_id for window in windows_of(rows, every))
    groups = list(groups_of_videos(counts, most))
    assert [video for group in groups for video in group] == sorted(counts)
    assert all(len(group) == 1 or sum(counts[one] for one in group) <= most for group in groups)


def test_a_library_of_many_windows_is_embedded_group_by_group(
    embedded: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, run = embedded
    whole = VectorTable.of_library(Library(folder), run).read_all()
    monkeypatch.setattr("eruv.moments.embed.WINDOWS_IN_MEMORY", 1)
    shutil.copytree(folder, tmp_path / "library")
    for table in tables_of(tmp_path / "library"):
        shutil.rmtree(table)
    found = eruv.embed(tmp_path / "library", run=run, every_s=0.4, device="cpu")
    assert found.new_windows == whole.num_rows
    assert VectorTable.of_library(Library(tmp_path / "library"), run).read_all() == whole


def test_vectors_are_those_of_the_encoder_on_the_same_frames(embedded: tuple[Path, Path]) -> None:
    folder, run = embedded
    library, encoder = Library(folder), eruv.load(run)
    table = VectorTable.of_library(library, run)
    rows = table.table.to_arrow().to_pylist()
    segments = library.segments().to_pylist()
    assert len(rows) == len(windows_of(segments, 0.4)) == len(table)
    reader = library.reader(encoder.size)
    for one in rows[:: len(rows) // 5]:
        clip = reader.read(one["video_id"], range(one["start"], one["end"]))
        expected = unit(encoder.features(clip[None]))[0]
        np.testing.assert_allclose(one["vector"], expected, atol=1e-5)
        look = looks_of(clip[None])[0]
        np.testing.assert_allclose(one["look"], look, atol=1e-5)
        assert np.linalg.norm(one["vector"]) == pytest.approx(1, abs=1e-5)


def test_a_second_call_makes_nothing_and_another_distance_has_vectors_of_its_own(
    embedded: tuple[Path, Path],
) -> None:
    folder, run = embedded
    again = eruv.embed(folder, run=run, every_s=0.4, device="cpu")
    assert (again.new_videos, again.new_windows) == (0, 0)
    other = eruv.embed(folder, run=run, every_s=5.0, device="cpu")
    assert other.table != again.table
    assert other.windows < again.windows
    eruv.embed(folder, run=run, every_s=0.4, device="cpu")  # the latest again


def test_videos_that_came_are_added_and_those_that_went_are_removed(
    embedded: tuple[Path, Path], tmp_path: Path
) -> None:
    shutil.copytree(embedded[0], tmp_path / "library")
    library = Library(tmp_path / "library")
    gone, *_ = library.video_ids()
    for name in ("videos", "segments"):
        library.tables[name].delete(f"video_id = '{gone}'")
    first = eruv.embed(tmp_path / "library", run=embedded[1], every_s=0.4, device="cpu")
    assert first.removed_videos == 1
    table = VectorTable.of_library(Library(tmp_path / "library"), embedded[1])
    assert gone not in table.videos()
    some = sorted(table.videos())[0]
    table.remove([some])
    second = eruv.embed(tmp_path / "library", run=embedded[1], every_s=0.4, device="cpu")
    assert (second.new_videos, second.windows) == (1, first.windows)


def test_a_killed_call_leaves_whole_videos_and_goes_on(
    embedded: tuple[Path, Path], tmp_path: Path
) -> None:
    shutil.copytree(embedded[0], tmp_path / "library")
    before = tables_of(tmp_path / "library")
    words = [tmp_path / "library", "--run", embedded[1], "--every-s", "0.04", "--device", "cpu"]
    process = subprocess.Popen(
        [sys.executable, "-m", "eruv", "embed", *map(str, words)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    while len(tables_of(tmp_path / "library")) == len(before) and process.poll() is None:
        time.sleep(0.02)  # its own table is made before the first window is read
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert [one.every_s for one in EmbeddedBy.all_in(Library(tmp_path / "library"))][-1] != 0.04
    whole = eruv.embed(tmp_path / "library", run=embedded[1], every_s=0.04, device="cpu")
    library = Library(tmp_path / "library")
    assert whole.windows == len(windows_of(library.segments().to_pylist(), 0.04))


def test_looks_are_the_same_in_other_brightness_and_size() -> None:
    clips = np.random.default_rng(0).integers(0, 100, (2, 4, 24, 24, 3), np.uint8)
    doubled = clips.repeat(2, axis=2).repeat(2, axis=3)
    np.testing.assert_allclose(looks_of(doubled), looks_of(clips), atol=1e-5)
    tinted = clips + np.array([50, 0, 9], np.uint8)
    np.testing.assert_allclose(looks_of(tinted), looks_of(clips), atol=1e-5)
    one, other = looks_of(clips)
    assert one @ other < 0.9


def test_facts_tell_a_still_from_motion_and_dark_from_light() -> None:
    moving = np.zeros((1, 16, 24, 24, 3), np.uint8)
    for number in range(16):
        moving[0, number, :, number : number + 4] = 200
    still = np.full((1, 16, 24, 24, 3), 51, np.uint8)
    still[0, 8:] += 2  # a key frame
    light, spread, motion = facts_of(np.concatenate([moving, still])).T
    assert light[1] == pytest.approx(0.2, abs=0.01)
    assert spread[0] > 0.05 > spread[1]
    assert motion[0] > 0.05
    assert motion[1] == 0


@pytest.mark.slow
def test_another_process_reads_the_same(embedded: tuple[Path, Path], tmp_path: Path) -> None:
    tables = []
    for workers in (0, 1):
        folder = tmp_path / str(workers)
        shutil.copytree(embedded[0], folder)
        eruv.embed(folder, run=embedded[1], every_s=0.8, device="cpu", workers=workers)
        tables.append(VectorTable.of_library(Library(folder)).table.to_arrow())
    assert tables[0].num_rows > 16
    assert tables[0] == tables[1]


def test_what_cannot_be_embedded_is_told(embedded: tuple[Path, Path], tmp_path: Path) -> None:
    folder, run = embedded
    with pytest.raises(EruvError, match="`every_s` must be a number of seconds above 0; got 0"):
        eruv.embed(folder, run=run, every_s=0)
    with pytest.raises(EruvError, match="holds no encoder"):
        eruv.embed(folder, run=tmp_path)
    eruv.ingest([next(Path(folder).glob("proxies/*/*.mp4"))], tmp_path / "other", workers=1)
    with pytest.raises(EruvError, match="has no vectors"):
        eruv.search(tmp_path / "other", "x.mp4")
