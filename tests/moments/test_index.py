"""A large table has an index: what is nearest is found, news too, whatever interrupts it."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from lancedb.table import LanceTable

import eruv
from eruv.evaluation.feature_file import Features
from eruv.library.catalogue import Library
from eruv.moments import index, searcher
from eruv.moments.embedded_by import EmbeddedBy
from eruv.moments.filters import Condition
from eruv.moments.index import refresh_index
from eruv.moments.memory import MemoryWindows
from eruv.moments.searcher import Searcher
from eruv.moments.table import VectorTable
from eruv.moments.vectors import NEARLY_EQUAL, unit
from films_for_tests import render_video

FEATURES, WINDOWS = 16, 3000


def rows_for(table: VectorTable, count: int, seed: int) -> None:
    """Add windows of videos of a hundred windows each, in bundles."""
    generator = np.random.default_rng(seed)
    centres = generator.standard_normal((40, FEATURES)).astype(np.float32)
    vectors = centres[generator.integers(40, size=count)]
    vectors = unit(vectors + 0.2 * generator.standard_normal(vectors.shape).astype(np.float32))
    looks = unit(generator.standard_normal((count, 108)).astype(np.float32))
    places = [
        {
            "video_id": f"{seed:02x}{number // 100:062x}", "shot": number // 10 % 10,
            "start": 25 * number, "end": 25 * number + 16,
            "start_s": float(number), "end_s": number + 0.64,
        }
        for number in range(count)
    ]  # fmt: skip
    table.add(places, vectors, looks, np.zeros((count, 3), np.float32))


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VectorTable:
    monkeypatch.setattr(index, "MOST_IN_MEMORY", 1000)
    monkeypatch.setattr(index, "ROWS_OF_PARTITION", 300)
    library = Library.open_or_create(tmp_path / "library", None)
    made_by = EmbeddedBy("made", ".", FEATURES, 1.0, (128, 171, 112))
    found = VectorTable(library, made_by)
    rows_for(found, WINDOWS, 1)
    return found


def recall(table: VectorTable, column: str = "vector") -> float:
    """Share of the ten exactly nearest that the table finds."""
    memory = MemoryWindows(table.table.to_arrow())
    generator, hits = np.random.default_rng(5), 0
    for _ in range(20):
        query = unit(memory.vectors[column][[generator.integers(len(memory))]] + 0.01)
        exact, found = (
            {(row["video_id"], row["start"]) for row in one.nearest(query, 10, Condition(), column)}
            for one in (memory, table)
        )
        hits += len(exact & found)
    return hits / 200


def test_a_small_table_has_none(table: VectorTable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "MOST_IN_MEMORY", WINDOWS)
    assert not refresh_index(table)
    assert table.table.index_stats("vector_idx") is None


def test_what_is_nearest_is_found_by_the_index_and_news_as_well(table: VectorTable) -> None:
    assert refresh_index(table)
    for column in ("vector", "look"):
        assert table.table.index_stats(f"{column}_idx").num_indexed_rows == WINDOWS
        assert recall(table, column) >= 0.95
    rows_for(table, 200, 2)
    assert table.table.index_stats("vector_idx").num_unindexed_rows == 200
    assert recall(table) >= 0.95  # some of them are not in the index
    refresh_index(table)
    assert table.table.index_stats("vector_idx").num_unindexed_rows == 0
    assert recall(table) >= 0.95


def test_an_interruption_leaves_what_was_built(
    table: VectorTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = LanceTable.create_index

    def stopped(self: object, column: str, **more: object) -> None:
        if column == "look":
            raise KeyboardInterrupt
        create(self, column, **more)

    monkeypatch.setattr(LanceTable, "create_index", stopped)
    with pytest.raises(KeyboardInterrupt):
        refresh_index(table)
    built: list[str] = []

    def noted(self: object, column: str, **more: object) -> None:
        built.append(column)
        create(self, column, **more)

    monkeypatch.setattr(LanceTable, "create_index", noted)
    assert refresh_index(table)
    assert built == ["look", "video_id"]


def test_similarities_are_exact_and_the_querys_own_windows_are_left_out(
    table: VectorTable,
) -> None:
    refresh_index(table)
    memory = MemoryWindows(table.table.to_arrow())
    own = memory.ids[3]
    row = memory.of_video(own)[7]
    query = row["vector"][None]
    found = table.nearest(query, 50, Condition(without_video=own))
    assert found
    assert all(one["video_id"] != own for one in found)
    for one in found:
        assert one["similarity"] == pytest.approx(float(one["vector"] @ query[0]), abs=1e-6)
    other = table.nearest(query, 50, Condition(without_shots=(own, (row["shot"],))))
    assert all((one["video_id"], one["shot"]) != (own, row["shot"]) for one in other)
    found = [one for one in found if one["similarity"] > 0.9][:9]
    for ours, exact in zip(table.around(found, 3.0), memory.around(found, 3.0), strict=True):
        assert [one["start"] for one in ours] == [one["start"] for one in exact]
        np.testing.assert_array_equal(ours[0]["look"], exact[0]["look"])
    few = table.nearest(query, 50, Condition(videos=(own, memory.ids[4]), from_s=310.0))
    assert {one["video_id"] for one in few} <= {own, memory.ids[4]}
    assert all(one["start_s"] >= 310 for one in few)


@pytest.mark.parametrize("indexed", [False, True])
def test_all_that_are_so_near_are_found_of_every_vector_of_a_query(
    table: VectorTable, indexed: bool
) -> None:
    plane = np.random.default_rng(3).standard_normal((108, 2))
    axes = np.linalg.qr(plane)[0].T.astype(np.float32)

    def turned(*degrees: float) -> Features:
        angles = np.radians(degrees).astype(np.float32)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1) @ axes

    query = turned(0.0, 3.5)
    looks = turned(3.5 + 13.5, -13.0, 3.5 + 15.0)
    assert query[0] @ query[1] > NEARLY_EQUAL
    places = [
        {"video_id": f"{number:064x}", "shot": 0, "start": 0, "end": 16, "start_s": 0.0, "end_s": 1}
        for number in range(len(looks))
    ]
    vectors = unit(np.ones((len(looks), FEATURES), np.float32))
    table.add(places, vectors, looks, np.zeros((len(looks), 3), np.float32))
    if indexed:
        assert refresh_index(table)
    memory = MemoryWindows(table.table.to_arrow())
    for least in (0.97, 0.94):
        found, exact = (
            [(row["video_id"], round(row["similarity"], 4)) for row in one]
            for one in (
                windows.nearest(query, 256, Condition(), "look", least)
                for windows in (table, memory)
            )
        )
        assert found == exact
        assert len(found) == (2 if least == 0.97 else 3)


def test_embedding_builds_it_and_a_searcher_takes_it(
    embedded: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "library"
    shutil.copytree(embedded[0], library)
    path = render_video(tmp_path / "new.mp4", [(80, 60), (81, 60)])
    eruv.ingest([path], library, workers=1)
    monkeypatch.setattr(index, "MOST_IN_MEMORY", 10)
    monkeypatch.setattr(searcher, "MOST_IN_MEMORY", 10)
    eruv.embed(library, run=embedded[1], every_s=0.4, device="cpu")
    opened = Searcher(library, device="cpu")
    assert isinstance(opened.opened().windows, VectorTable)
    stats = opened.opened().table.table.index_stats("look_idx")
    assert stats.num_indexed_rows == len(opened)
    best = opened.find(opened.query(f"{path}@0.2-1.4"), k=1)[0]
    assert best.path == str(path)
    assert best.same_footage
