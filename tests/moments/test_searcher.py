"""A library that stays open: the same answers in memory and from the table, and news is noticed.

Covers also: memory, vectors.
"""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eruv
from eruv.library.catalogue import Library
from eruv.moments.filters import Condition
from eruv.moments.memory import MemoryWindows
from eruv.moments.merging import moment_of_seconds
from eruv.moments.query import Stretch
from eruv.moments.searcher import FRESH_S, Searcher
from eruv.moments.table import VectorTable
from eruv.moments.vectors import unit
from eruv.utils.errors import EruvError
from films_for_tests import render_video


def conditions(ids: list[str]) -> list[Condition]:
    return [
        Condition(),
        Condition(without_video=ids[0]),
        Condition(without_shots=(ids[1], (0, 2))),
        Condition(videos=tuple(ids[:2]), from_s=1.0),
        Condition(from_s=0.5, to_s=2.0),
    ]


def test_memory_and_table_give_the_same_rows(embedded: tuple[Path, Path]) -> None:
    library = Library(embedded[0])
    table = VectorTable.of_library(library, embedded[1])
    memory = MemoryWindows(table.table.to_arrow())
    assert len(memory) == len(table)
    generator = np.random.default_rng(0)
    queries = unit(generator.standard_normal((3, table.made_by.num_features)).astype(np.float32))
    for condition in conditions(library.video_ids()):
        ours = memory.nearest(queries, 9, condition)
        theirs = table.nearest(queries, len(table), condition)[:9]
        assert ours
        assert [(one["video_id"], one["start"]) for one in ours] == [
            (one["video_id"], one["start"]) for one in theirs
        ]
        np.testing.assert_allclose(
            [one["similarity"] for one in ours], [one["similarity"] for one in theirs], atol=1e-5
        )
    looks = memory.vectors["look"][:2]
    ours, theirs = (one.nearest(looks, 30, Condition(), "look", 0.9) for one in (memory, table))
    assert [(one["video_id"], one["start"]) for one in ours] == [
        (one["video_id"], one["start"]) for one in theirs
    ]
    assert 2 <= len(ours) < len(memory)
    for video_id in library.video_ids():
        ours, theirs = memory.of_video(video_id), table.of_video(video_id)
        assert [one["start"] for one in ours] == [one["start"] for one in theirs]
        np.testing.assert_array_equal(ours[0]["vector"], np.float32(theirs[0]["vector"]))


def test_stored_vectors_are_a_query_without_an_encoder(
    embedded: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    searcher = Searcher(embedded[0], device="cpu")
    monkeypatch.setattr(Searcher, "encoder", lambda self: pytest.fail("the encoder was loaded"))
    video_id = searcher.library.video_ids()[3]
    found = searcher.find(searcher.of_stretch(Stretch(video_id, 1.0, 2.2)), k=3)
    assert found[0].same_footage
    assert found[0].video_id == video_id
    assert found[0].similarity == pytest.approx(1, abs=1e-5)
    assert found[0].start_s <= 1.6 <= found[0].end_s


def test_a_stretch_without_windows_of_its_own_is_read(embedded: tuple[Path, Path]) -> None:
    searcher = Searcher(embedded[0], device="cpu")
    video_id = searcher.library.video_ids()[0]
    rows = searcher.opened().windows.of_video(video_id)
    last_s = max(row["end_s"] for row in rows)
    end_s = searcher.library.rows_of([video_id])[video_id]["end_s"]
    assert end_s > last_s + 0.05
    query = searcher.of_stretch(Stretch(video_id, last_s + 0.04, end_s))
    assert query.video_id == video_id
    assert len(query.vectors_QF) == 1


def test_what_is_embedded_meanwhile_is_found(embedded: tuple[Path, Path], tmp_path: Path) -> None:
    library = tmp_path / "library"
    shutil.copytree(embedded[0], library)
    searcher = Searcher(library, device="cpu")
    before = len(searcher)
    assert searcher.opened() is searcher.opened()
    path = render_video(tmp_path / "new.mp4", [(80, 60), (81, 60)])
    eruv.ingest([path], library, workers=1)
    assert searcher.opened().missing == 1
    eruv.embed(library, run=embedded[1], every_s=0.4, device="cpu")
    time.sleep(FRESH_S)
    assert len(searcher) > before
    assert searcher.opened().missing == 0
    assert searcher.find(searcher.query(f"{path}@0-1"), k=1)[0].path == str(path)
    eruv.embed(library, run=embedded[1], every_s=1.0, device="cpu")
    time.sleep(FRESH_S)
    assert searcher.made_by.every_s == 1.0  # the latest


def test_threads_share_it(embedded: tuple[Path, Path]) -> None:
    searcher = Searcher(embedded[0], device="cpu")
    stretches = [Stretch(one, 0.4, 1.6) for one in searcher.library.video_ids()] * 4

    def best(stretch: Stretch) -> str:
        return searcher.find(searcher.of_stretch(stretch), k=1)[0].video_id

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(best, stretches)) == [one.name for one in stretches]


@given(first=st.floats(0, 7.9), length=st.floats(0.001, 12))
def test_chosen_seconds_are_a_moment_in_one_shot(first: float, length: float) -> None:
    row: dict[str, Any] = {
        "video_id": "ab",
        "start_s": 0.0,
        "end_s": 8.0,
        "shots": [(0, 100), (110, 200)],
        "shots_s": [(0.0, 4.0), (4.4, 8.0)],
    }
    one = moment_of_seconds(row, "a.mp4", first, first + length)
    start, end = row["shots"][one.shot]
    assert start <= one.start < one.end <= end
    assert one.start_s == pytest.approx(one.start / 25, abs=1e-6)
    assert one.end_s == pytest.approx(one.end / 25, abs=1e-6)
    assert one.start_s <= max(first, 4.4 * one.shot) + 0.03 or one.end - one.start == 1


def test_seconds_beyond_a_video_are_told(embedded: tuple[Path, Path]) -> None:
    searcher = Searcher(embedded[0], device="cpu")
    video_id = searcher.library.video_ids()[0]
    for wrong in ((3.0, 2.0), (900.0, 901.0), (float("nan"), 1.0)):
        with pytest.raises(EruvError, match="a moment must lie within its video"):
            searcher.moment(video_id, *wrong)
    with pytest.raises(EruvError, match="lacks the video"):
        searcher.moment("0" * 64, 0, 1)
