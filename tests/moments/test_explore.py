"""What a library holds: groups that were put into it are found, and the page shows them.

Covers also: explored, explore_page, structure, sample.
"""

import re
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eruv
from eruv.library.catalogue import Library
from eruv.moments.sample import WindowSample
from eruv.moments.structure import (
    black_windows,
    clusters_of,
    representatives,
    runs,
    same_groups,
    still_windows,
    strangeness,
)
from eruv.moments.table import VectorTable
from eruv.moments.vectors import unit
from eruv.utils.errors import EruvError
from films_for_tests import encode as encode_frames
from films_for_tests import pattern, yuv_frame

LOOKS = unit(np.random.default_rng(9).standard_normal((6, 108)).astype(np.float32))


def sample(shots: list[tuple[str, int, int, int]], **facts: list[float]) -> WindowSample:
    """Windows of shots: video, number, windows, and which of a few directions they lie in."""
    rows: list[dict[str, object]] = []
    generator = np.random.default_rng(0)
    directions = np.eye(6, 16, dtype=np.float32)
    for video, shot, count, direction in shots:
        for number in range(count):
            at = 25 * (100 * shot + number)
            vector = directions[direction] + 0.01 * generator.standard_normal(16)
            rows.append(
                {
                    "video_id": video, "shot": shot, "start": at, "end": at + 16,
                    "start_s": at / 25, "end_s": at / 25 + 0.64,
                    "vector": unit(vector.astype(np.float32)[None])[0].tolist(),
                    "look": LOOKS[direction].tolist(),
                    "light": 0.5, "spread": 0.2, "motion": 0.05,
                }
            )  # fmt: skip
    for name, values in facts.items():
        for row, value in zip(rows, values, strict=True):
            row[name] = value
    floats = {name: pa.float32() for name in ("light", "spread", "motion")}
    types = {"video_id": pa.string(), "shot": pa.int32(), "start": pa.int64(), "end": pa.int64()}
    lists = {"vector": pa.list_(pa.float32(), 16), "look": pa.list_(pa.float32(), 108)}
    seconds = {"start_s": pa.float64(), "end_s": pa.float64()}
    schema = pa.schema([*(types | seconds | lists | floats).items()])
    names = {video: [Path(f"/films/{video}.mp4")] for video, *_ in shots}
    return WindowSample(pa.Table.from_pylist(rows, schema), names)


def test_clusters_are_the_directions_and_the_largest_comes_first() -> None:
    found = sample([("a", 0, 20, 0), ("b", 0, 12, 1), ("c", 0, 9, 2), ("d", 0, 5, 3)])
    labels = clusters_of(found.vectors_NF, None, seed=0)
    assert [set(part.tolist()) for part in np.split(labels, [20, 32, 41])] == [{0}, {1}, {2}, {3}]
    assert set(clusters_of(found.vectors_NF, 2, seed=0)) == {0, 1}


def test_what_stands_for_a_cluster_is_of_different_videos_first() -> None:
    found = sample([("a", 0, 5, 0), ("a", 1, 5, 0), ("b", 0, 5, 0)])
    (chosen,) = representatives(found, found.vectors_NF, np.zeros(15, np.int64), 3)
    assert {found.video_ids[window] for window in chosen[:2]} == {"a", "b"}
    assert len({found.shots[window] for window in chosen}) == 3


def test_the_strangest_shot_is_the_one_like_no_other() -> None:
    found = sample([("a", 0, 8, 0), ("b", 0, 8, 0), ("c", 0, 8, 1), ("d", 0, 8, 1), ("e", 0, 8, 2)])
    strange = strangeness(found, found.vectors_NF)
    assert found.video_ids[int(strange.argmax())] == "e"
    assert strange[32:].min() > 3 * strange[:32].max()


def test_shots_that_are_nearly_the_same_form_one_group() -> None:
    found = sample([("a", 0, 3, 0), ("b", 0, 3, 1), ("c", 0, 3, 0), ("c", 1, 3, 2), ("d", 5, 3, 0)])
    assert same_groups(found) == [[0, 6, 12]]
    assert same_groups(sample([("a", 0, 9, 0)])) == []


def test_black_and_still_windows_run_within_their_shot() -> None:
    facts = {
        "light": [0.5, 0.5, 0.5, 0.02, 0.02, 0.02],
        "spread": [0.2, 0.2, 0.2, 0.0, 0.0, 0.0],
        "motion": [0.05, 0.0, 0.0, 0.0, 0.0, 0.0],
    }
    found = sample([("a", 0, 5, 0), ("b", 0, 1, 0)], **facts)
    assert runs(found, still_windows(found)) == [(1, 2)]
    assert runs(found, black_windows(found)) == [(3, 4), (5, 5)]
    one = found.span(3, 4)
    assert (one.start, one.end) == (75, 116)


@given(st.lists(st.booleans(), max_size=30))
def test_runs_are_the_chosen_windows_each_once(chosen: list[bool]) -> None:
    found = sample([("a", 0, 13, 0), ("a", 1, 17, 0)])
    mask = np.array(chosen + [False] * (30 - len(chosen)))
    pieces = [set(range(first, last + 1)) for first, last in runs(found, mask)]
    assert set().union(*pieces) == set(np.flatnonzero(mask).tolist())
    assert sum(map(len, pieces)) == mask.sum()


def test_a_library_is_told_with_a_page_that_loads_nothing(
    embedded: tuple[Path, Path], tmp_path: Path
) -> None:
    found = eruv.explore(embedded[0], html=tmp_path / "page.html", clusters=3)
    table = VectorTable.of_library(Library(embedded[0]))
    assert found.windows == found.looked_at == len(found.points) == len(table)
    assert sum(cluster.windows for cluster in found.clusters) == len(table)
    assert all(0 <= one.x <= 1 and 0 <= one.y <= 1 for one in found.points)
    page = (tmp_path / "page.html").read_text()
    assert not re.findall(r"https?://", page)
    assert page.count("M") >= len(found.points)
    assert page.count("data:image/jpeg") >= len(found.clusters)
    again = eruv.explore(embedded[0], html=tmp_path / "page.html", clusters=3)
    assert again.points == found.points
    assert (tmp_path / "page.html").read_text() == page


def test_of_many_windows_a_sample_is_looked_at(embedded: tuple[Path, Path]) -> None:
    found = eruv.explore(embedded[0], most=20)
    assert found.looked_at == 20 < found.windows
    assert found.points == eruv.explore(embedded[0], most=20).points
    assert found.points != eruv.explore(embedded[0], most=20, seed=1).points


def test_a_still_and_a_black_shot_are_found(embedded: tuple[Path, Path], tmp_path: Path) -> None:
    still, moving = pattern(3, 72, 96), pattern(4, 72, 96)
    frames = [yuv_frame(still) for _ in range(75)]
    frames += [yuv_frame(np.full((72, 96), 16, np.uint8)) for _ in range(75)]
    frames += [yuv_frame(np.roll(moving, 2 * step, axis=1)) for step in range(75)]
    path = encode_frames(tmp_path / "mixed.mp4", frames)
    library = tmp_path / "library"
    shutil.copytree(embedded[0], library)
    eruv.ingest([path], library, workers=1)
    eruv.embed(library, run=embedded[1], every_s=0.4, device="cpu")
    found = eruv.explore(library)
    (video_id,) = [one for one, paths in Library(library).paths().items() if path in paths]
    ((first_s, last_s), (black_s, end_s)) = [
        (one.start_s, one.end_s)
        for one in [
            next(one for one in found.still if one.video_id == video_id),
            next(one for one in found.black if one.video_id == video_id),
        ]
    ]
    assert 0 <= first_s < last_s <= 3.001
    assert 2.999 <= black_s < end_s <= 6.001
    assert all(one.start_s < 3 for one in found.still if one.video_id == video_id)


def test_what_cannot_be_explored_is_told(embedded: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text("important")
    with pytest.raises(EruvError, match="was not written by eruv explore"):
        eruv.explore(embedded[0], html=tmp_path / "mine.html")
    with pytest.raises(EruvError, match="`method` must be one of pca, umap; got tsne"):
        eruv.explore(embedded[0], method="tsne")
    with pytest.raises(EruvError, match="`clusters` must be a number from 1 to 24; got 0"):
        eruv.explore(embedded[0], clusters=0)
    with pytest.raises(EruvError, match="`most` must be at least 5 windows; got 2"):
        eruv.explore(embedded[0], most=2)
