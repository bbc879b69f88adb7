"""What is held out: whole videos, drawn by seed, such that both sides can do their work."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.pretext.segment_arrays import Segments, SegmentTable
from eruv.training.held_out import Split, hold_out
from eruv.utils.errors import EruvError

# Shots of each video.
SHOTS = st.lists(st.integers(1, 4), min_size=4, max_size=40)
SEEDS = st.integers(0, 10_000)


def segment_table_of(shots: list[int]) -> SegmentTable:
    """Videos with these numbers of shots, two segments in each."""
    rows = [
        (video, shot, 200 * shot + 60 * part, 200 * shot + 60 * part + 60)
        for video, count in enumerate(shots)
        for shot in range(count)
        for part in range(2)
    ]
    return SegmentTable(
        Segments.group(*np.array(rows, np.int64).T), [f"video{v:02d}" for v in range(len(shots))]
    )


def held_videos(table: SegmentTable, split: Split) -> set[int]:
    """Numbers of the held-out videos, each of which must be held out whole."""
    video = table.segments.video
    held = set(video[split.mask].tolist())
    assert held.isdisjoint(video[~split.mask].tolist())
    return held


@given(shots=SHOTS, seed=SEEDS)
def test_a_tenth_of_the_videos_at_least_two_are_held_out_whole(shots: list[int], seed: int) -> None:
    table = segment_table_of(shots)
    split = hold_out(table, 0.1, seed)
    assert split.by == "videos"
    assert len(held_videos(table, split)) == max(2, round(0.1 * len(shots)))


@given(shots=SHOTS, seed=SEEDS, share=st.sampled_from([0.1, 0.3, 0.9]))
def test_both_sides_have_a_video_of_two_shots_where_there_are_two(
    shots: list[int], seed: int, share: float
) -> None:
    table = segment_table_of(shots)
    held = held_videos(table, hold_out(table, share, seed))
    several = {video for video, count in enumerate(shots) if count >= 2}
    if len(several) >= 2:
        assert several & held
    if several:
        assert several - held  # a single one is for training


@given(shots=SHOTS, seed=SEEDS)
def test_two_videos_remain_for_training_however_large_the_share(
    shots: list[int], seed: int
) -> None:
    table = segment_table_of(shots)
    assert len(held_videos(table, hold_out(table, 0.99, seed))) == len(shots) - 2


def test_the_draw_depends_on_the_seed_alone() -> None:
    table = segment_table_of([2] * 30)
    draws = [held_videos(table, hold_out(table, 0.1, seed)) for seed in (0, 0, 1, 2)]
    assert draws[0] == draws[1]
    assert draws[1] != draws[2] != draws[3]


@given(shots=st.lists(st.integers(1, 5), min_size=1, max_size=3), seed=SEEDS)
def test_with_fewer_than_four_videos_whole_shots_are_held_out(shots: list[int], seed: int) -> None:
    table = segment_table_of(shots)
    total = sum(shots)
    if total < 2:
        with pytest.raises(EruvError, match="at least two shots with segments"):
            hold_out(table, 0.1, seed)
        return
    split = hold_out(table, 0.1, seed)
    shot = table.segments.shot
    assert split.by == "shots"
    assert set(shot[split.mask]).isdisjoint(shot[~split.mask])
    assert len(set(shot[split.mask].tolist())) == min(2, total - 1)


def test_named_videos_are_held_out_and_no_others() -> None:
    table = segment_table_of([1, 2, 3])
    split = hold_out(table, 0.1, 0, named=["video01"])
    assert split.by == "videos"
    assert held_videos(table, split) == {1}


def test_names_that_are_unknown_or_leave_nothing_are_refused() -> None:
    table = segment_table_of([1, 1])
    with pytest.raises(EruvError, match=r"held_out_ids names 1 videos .* for example nobody"):
        hold_out(table, 0.1, 0, named=["video00", "nobody"])
    with pytest.raises(EruvError, match="nothing would remain for training"):
        hold_out(table, 0.1, 0, named=["video00", "video01"])
