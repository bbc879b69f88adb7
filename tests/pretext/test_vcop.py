"""The order of three clips: every draw is in the order of its label, and all are as likely."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.clips.spec import ClipSize
from eruv.pretext.vcop import ClipOrderTask
from segments_for_tests import LONG_FILMS, SEEDS, Films, check_uniform, segment_of, segments_of

SIZE = ClipSize(32, 43, 24)
CLASSES = ("1 2 3", "1 3 2", "2 1 3", "2 3 1", "3 1 2", "3 2 1")


def task_on(films: Films) -> ClipOrderTask:
    return ClipOrderTask(segments_of(films), SIZE)


def test_there_are_six_orders_with_names_in_two_ways() -> None:
    task = task_on([[[64]]])
    assert task.classes == CLASSES
    assert tuple(task.text.classes) == CLASSES
    assert (task.num_clips, task.shortest_frames) == (3, 64)


@pytest.mark.parametrize("order", CLASSES)
@given(films=LONG_FILMS, seed=SEEDS)
def test_clips_are_three_with_gaps_of_eight_in_the_order_of_the_label(
    order: str, films: Films, seed: int
) -> None:
    task = task_on(films)
    sample = task.sample(np.random.default_rng(seed), CLASSES.index(order))
    starts = [clip.frames[0] for clip in sample.clips]
    for clip, start in zip(sample.clips, starts, strict=True):
        assert clip.frames == tuple(range(start, start + 16))
        assert (clip.quarter_turns, clip.tiles) == (0, (0, 1, 2, 3))
    # The label says which clip in time each slot shows.
    assert " ".join(str(1 + sorted(starts).index(start)) for start in starts) == order
    first, second, third = sorted(starts)
    assert second - (first + 16) == third - (second + 16) == 8
    assert len({segment_of(task.segments, clip) for clip in sample.clips}) == 1


@given(length=st.integers(64, 66), seed=SEEDS)
def test_a_tuple_begins_anywhere_where_it_fits(length: int, seed: int) -> None:
    task = task_on([[[length]]])
    drawn = [task.sample(np.random.default_rng([seed, number])) for number in range(40)]
    starts = {min(min(clip.frames) for clip in sample.clips) for sample in drawn}
    assert starts == set(range(length - 63))


def test_starts_are_uniform_in_every_order_and_segments_as_likely_as_others() -> None:
    task = task_on([[[68], [64]], [[64], [70]]])
    drawn = [task.sample(np.random.default_rng(seed)) for seed in range(6000)]
    segments = [segment_of(task.segments, sample.clips[0]) for sample in drawn]
    check_uniform(
        [(number, sample.label) for number, sample in zip(segments, drawn, strict=True)],
        [(number, label) for number in range(4) for label in range(6)],
    )
    starts = [
        (min(min(clip.frames) for clip in sample.clips), sample.label)
        for number, sample in zip(segments, drawn, strict=True)
        if number == 0
    ]
    check_uniform(starts, [(start, label) for start in range(5) for label in range(6)])
