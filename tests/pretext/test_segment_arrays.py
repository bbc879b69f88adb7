"""Segments in groups: against the plainest way to find them, and to disk and back."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.pretext.segment_arrays import Segments, SegmentTable
from eruv.utils.errors import EruvError

# (video, shot, start, length); the numbers of videos and shots need not be dense.
ROWS = st.lists(
    st.tuples(
        st.integers(0, 5), st.integers(0, 4), st.integers(0, 1000), st.integers(1, 300)
    ),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[:3],
)  # fmt: skip
Row = tuple[int, int, int, int]


def group(rows: list[Row]) -> Segments:
    video, shot, start, length = np.array(rows, np.int64).reshape(-1, 4).T
    return Segments.group(video, shot, start, start + length)


def rows_of(segments: Segments) -> list[tuple[int, int, int, int]]:
    columns = (segments.video, segments.shot, segments.start, segments.end)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@given(ROWS)
def test_groups_are_those_that_brute_force_finds(rows: list[Row]) -> None:
    segments = group(rows)
    rows = sorted(rows)
    videos = sorted({video for video, *_ in rows})
    shots = sorted({(video, shot) for video, shot, *_ in rows})
    assert rows_of(segments) == [
        (videos.index(video), shots.index((video, shot)), start, start + length)
        for video, shot, start, length in rows
    ]
    assert (segments.num_videos, segments.num_shots) == (len(videos), len(shots))
    for number, (video, shot) in enumerate(shots):
        first, last = segments.shot_offsets[number : number + 2]
        assert [row[:2] == (video, shot) for row in rows] == [
            first <= index < last for index in range(len(rows))
        ]
    for number, video in enumerate(videos):
        first, last = segments.video_offsets[number : number + 2]
        assert [row[0] == video for row in rows] == [
            first <= index < last for index in range(len(rows))
        ]


@given(ROWS, st.randoms())
def test_the_order_of_the_rows_does_not_matter(rows: list[Row], random) -> None:
    mixed = random.sample(rows, len(rows))
    assert rows_of(group(mixed)) == rows_of(group(rows))


@given(ROWS, st.data())
def test_select_keeps_the_chosen_and_numbers_anew(rows: list[Row], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    selected = group(rows).select(np.array(chosen))
    kept = [row for row, keep in zip(sorted(rows), chosen, strict=True) if keep]
    assert rows_of(selected) == rows_of(group(kept))


def test_an_empty_segment_is_refused() -> None:
    zeros = np.zeros(1, np.int64)
    with pytest.raises(ValueError, match="half-open"):
        Segments.group(zeros, zeros, zeros + 5, zeros + 5)


def test_no_segment_is_a_catalogue_too(tmp_path: Path) -> None:
    SegmentTable(group([]), []).save(tmp_path / "none")
    loaded = SegmentTable.load(tmp_path / "none")
    assert (len(loaded.segments), loaded.segments.num_videos, loaded.segments.num_shots) == (
        0,
        0,
        0,
    )


def test_a_saved_catalogue_comes_back_mapped_from_disk(tmp_path: Path) -> None:
    table = SegmentTable(group([(0, 0, 0, 60), (0, 1, 60, 60), (4, 0, 0, 99)]), ["a", "b"])
    table.save(tmp_path / "saved")
    loaded = SegmentTable.load(tmp_path / "saved")
    assert list(loaded.video_ids) == ["a", "b"]
    assert (loaded.video_ids[1], loaded.video_ids[:1]) == ("b", ["a"])
    for name, values in vars(table.segments).items():
        stored = getattr(loaded.segments, name)
        assert isinstance(stored, np.memmap), name
        np.testing.assert_array_equal(stored, values)
    assert loaded.fingerprint == table.fingerprint


@pytest.mark.parametrize("content", [b"", b"no numbers", None, "half"])
def test_a_damaged_table_is_told(tmp_path: Path, content: bytes | str | None) -> None:
    SegmentTable(group([(0, 0, 0, 60)]), ["a"]).save(tmp_path / "segments")
    path = tmp_path / "segments" / "start.npy"
    whole = path.read_bytes()
    path.unlink()
    if content is not None:
        path.write_bytes(whole[: len(whole) // 2] if isinstance(content, str) else content)
    with pytest.raises(EruvError, match="segments of a training, is damaged"):
        SegmentTable.load(tmp_path / "segments")


def test_saving_again_replaces_what_an_interrupted_start_left(tmp_path: Path) -> None:
    SegmentTable(group([(0, 0, 0, 60)]), ["a"]).save(tmp_path / "saved")
    SegmentTable(group([(0, 0, 0, 61)]), ["b"]).save(tmp_path / "saved")
    assert list(SegmentTable.load(tmp_path / "saved").video_ids) == ["b"]


def test_select_drops_videos_that_lose_all_segments() -> None:
    table = SegmentTable(group([(0, 0, 0, 60), (1, 0, 0, 60), (2, 0, 0, 60)]), ["a", "b", "c"])
    assert table.select(np.array([True, False, True])).video_ids == ["a", "c"]


def test_the_fingerprint_tells_content_not_order() -> None:
    rows = [(0, 0, 0, 60), (0, 1, 60, 60), (1, 0, 0, 99)]
    table = SegmentTable(group(rows), ["a", "b"])
    assert SegmentTable(group(rows[::-1]), ["a", "b"]).fingerprint == table.fingerprint
    others = [
        SegmentTable(group([(0, 0, 1, 60), *rows[1:]]), ["a", "b"]),
        SegmentTable(group([(0, 0, 0, 61), *rows[1:]]), ["a", "b"]),
        SegmentTable(group([(0, 0, 0, 60), (0, 0, 60, 60), rows[2]]), ["a", "b"]),
        SegmentTable(group(rows[:2]), ["a"]),
        SegmentTable(group(rows), ["a", "c"]),
    ]
    assert len({other.fingerprint for other in others} | {table.fingerprint}) == 6


def test_a_library_gives_its_segments_in_the_order_of_the_ids(small_library) -> None:
    from eruv.library.catalogue import Library

    library = Library(small_library.folder)
    table = SegmentTable.of_library(library)
    rows = library.segments().to_pylist()
    expected = sorted((row["video_id"], row["shot"], row["start"], row["end"]) for row in rows)
    names = table.video_ids
    assert names == sorted(set(names))
    found = [
        (names[video], start, end)
        for video, _, start, end in rows_of(table.segments)
    ]  # fmt: skip
    assert found == [(video_id, start, end) for video_id, _, start, end in expected]
    assert table.segments.num_shots == 12


def test_whole_videos_are_one_segment_each_where_long_enough(small_library) -> None:
    from eruv.library.catalogue import Library

    library = Library(small_library.folder)
    frames = sorted(video.num_frames for video in small_library.truth)  # 160 ... 267
    table = SegmentTable.of_whole_videos(library, minimum=frames[1])
    assert sorted(table.segments.lengths.tolist()) == frames[1:]
    assert table.segments.start.tolist() == [0] * 4
    assert table.segments.num_shots == table.segments.num_videos == 4
