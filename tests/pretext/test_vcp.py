"""The blank in the middle: every operation is what it is called, and its draws are uniform.

Covers also: tuples.
"""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.clips.spec import ClipSize, ClipSpec
from eruv.pretext.segment_arrays import Segments
from eruv.pretext.vcp import ClozeTask
from segments_for_tests import LONG_FILMS, SEEDS, Films, check_uniform, segment_of, segments_of

SIZE = ClipSize(32, 43, 24)
CLASSES = ("original", "rotated", "permuted", "remote", "adjacent")
Clips = tuple[ClipSpec, ClipSpec, ClipSpec]


def task_on(films: Films) -> ClozeTask:
    return ClozeTask(segments_of(films), SIZE)


def draw(task: ClozeTask, operation: str, seed: int) -> Clips:
    before, middle, after = task.sample(np.random.default_rng(seed), CLASSES.index(operation)).clips
    return before, middle, after


def draws(task: ClozeTask, operation: str, number: int = 3000) -> list[Clips]:
    # Not from 0 on: of the first draws of the seeds 0 to 3999 from six, few are 0.
    return [draw(task, operation, 100_000 + seed) for seed in range(number)]


def distance(clips: Clips) -> int:
    """Frames between the middle clip and the tuple; negative where they overlap."""
    before, middle, after = clips
    return max(
        min(before.frames) - max(middle.frames) - 1, min(middle.frames) - max(after.frames) - 1
    )


def starts_beside(first: int, end: int, start: int) -> list[int]:
    """Where in [first, end) a clip keeps 16 frames from a tuple that begins at `start`."""
    return [at for at in range(first, end - 15) if at + 16 + 16 <= start or start + 64 + 16 <= at]


def remote_by_brute_force(segments: Segments, number: int) -> bool:
    first, end = int(segments.start[number]), int(segments.end[number])
    others = (segments.video == segments.video[number]).sum() - 1
    inside = any(starts_beside(first, end, start) for start in range(first, end - 63))
    return inside or bool(others)


def test_there_are_five_operations_on_three_clips() -> None:
    task = task_on([[[64]]])
    assert task.classes == CLASSES
    assert (task.num_clips, task.shortest_frames) == (3, 64)


@pytest.mark.parametrize("operation", CLASSES)
@given(films=LONG_FILMS, seed=SEEDS)
def test_only_the_middle_clip_is_changed_and_in_the_way_that_the_label_says(
    operation: str, films: Films, seed: int
) -> None:
    task = task_on(films)
    segments = task.segments
    possible = [
        operation != "remote" or remote_by_brute_force(segments, number)
        for number in range(len(segments))
    ]
    assert task.possible[operation] == sum(possible)
    if not any(possible):
        with pytest.raises(ValueError, match=r"no segment allows the operation remote; it needs"):
            draw(task, operation, seed)
        return
    before, middle, after = draw(task, operation, seed)
    number = segment_of(segments, before)
    assert possible[number]
    assert segment_of(segments, after) == number
    start = before.frames[0]
    assert before.frames == tuple(range(start, start + 16))
    assert after.frames == tuple(range(start + 48, start + 64))
    for clip in (before, after):
        assert (clip.quarter_turns, clip.tiles) == (0, (0, 1, 2, 3))
    assert (middle.quarter_turns in (1, 2, 3)) == (operation == "rotated")
    assert (middle.tiles != (0, 1, 2, 3)) == (operation == "permuted")
    check_middle(operation, segments, number, (before, middle, after))


def check_middle(operation: str, segments: Segments, number: int, clips: Clips) -> None:
    before, middle, _ = clips
    belonging = tuple(range(before.frames[0] + 24, before.frames[0] + 40))
    if operation == "remote":
        assert middle.frames == tuple(range(middle.frames[0], middle.frames[0] + 16))
        assert middle.video == before.video
        assert distance(clips) >= 16
        first, end = int(segments.start[number]), int(segments.end[number])
        fits = starts_beside(first, end, before.frames[0])
        # In the tuple's own segment wherever it fits there.
        assert (segment_of(segments, middle) == number) == bool(fits)
    elif operation == "adjacent":
        assert sorted(middle.frames) == list(belonging)
        chunks = [middle.frames[at : at + 4] for at in range(0, 16, 4)]
        assert all(chunk == tuple(range(chunk[0], chunk[0] + 4)) for chunk in chunks)
        moved = [at for at in range(4) if chunks[at] != belonging[4 * at : 4 * at + 4]]
        assert len(moved) == 2
    else:
        assert middle.frames == belonging


def test_remote_clips_need_room_or_another_segment() -> None:
    assert task_on([[[95]]]).possible == dict.fromkeys(CLASSES, 1) | {"remote": 0}
    assert task_on([[[96]]]).possible["remote"] == 1
    assert task_on([[[64], [64]], [[95]]]).possible["remote"] == 2


@given(films=LONG_FILMS)
def test_how_often_a_remote_clip_is_from_elsewhere_is_told(films: Films) -> None:
    task = task_on(films)
    segments = task.segments
    shares = []
    for number in range(len(segments)):
        if not remote_by_brute_force(segments, number):
            continue
        first, end = int(segments.start[number]), int(segments.end[number])
        fits = [bool(starts_beside(first, end, start)) for start in range(first, end - 63)]
        alone = (segments.video == segments.video[number]).sum() == 1
        shares.append(0.0 if alone else 1 - np.mean(fits))
    told = task.feasibility()["remote_from_another_segment"]
    assert told == pytest.approx(np.mean(shares) if shares else 0.0)


# Uniformity. The seeds are fixed, so these do not fail by chance.


def test_turns_tiles_and_exchanges_are_uniform() -> None:
    task = task_on([[[70]]])
    check_uniform([middle.quarter_turns for _, middle, _ in draws(task, "rotated")], [1, 2, 3])
    moved = [order for order in permutations(range(4)) if order != (0, 1, 2, 3)]
    check_uniform([middle.tiles for _, middle, _ in draws(task, "permuted")], moved)
    exchanged = []
    for before, middle, _ in draws(task, "adjacent"):
        chunks = [(frame - before.frames[0] - 24) // 4 for frame in middle.frames[::4]]
        exchanged.append(tuple(at for at in range(4) if chunks[at] != at))
    check_uniform(exchanged, list(combinations(range(4), 2)))


@pytest.mark.parametrize("operation", CLASSES)
def test_segments_that_allow_an_operation_and_starts_in_them_are_uniform(operation: str) -> None:
    films: Films = [[[66], [130]], [[66]], [[70]], [[66, 66]]]
    task = task_on(films)
    clips = draws(task, operation, 4000)
    numbers = [segment_of(task.segments, before) for before, _, _ in clips]
    allowed = [0, 1, 4, 5] if operation == "remote" else list(range(6))
    check_uniform(numbers, allowed)
    inside = [
        before.frames[0]
        for (before, _, _), number in zip(clips, numbers, strict=True)
        if not number
    ]
    check_uniform(inside, [0, 1, 2])


def test_remote_clips_are_uniform_over_both_sides_of_tuples_that_have_room() -> None:
    """Alone in its video, a segment of 100 frames has ten tuples with room beside them."""
    clips = draws(task_on([[[100]]]), "remote", 6000)
    with_room = [start for start in range(37) if starts_beside(0, 100, start)]
    assert len(with_room) == 10
    check_uniform([before.frames[0] for before, _, _ in clips], with_room)
    for start in with_room:
        found = [middle.frames[0] for before, middle, _ in clips if before.frames[0] == start]
        check_uniform(found, starts_beside(0, 100, start))
    wide = draws(task_on([[[131]]]), "remote", 40_000)
    found = [middle.frames[0] for before, middle, _ in wide if before.frames[0] == 34]
    assert starts_beside(0, 131, 34) == [0, 1, 2, 114, 115]
    check_uniform(found, [0, 1, 2, 114, 115])


def test_a_remote_clip_from_elsewhere_is_uniform_over_the_other_segments_and_their_windows() -> (
    None
):
    task = task_on([[[64, 64], [66]], [[64]]])
    remote = [clips for clips in draws(task, "remote", 9000) if clips[0].frames[0] == 0]
    numbers = [
        segment_of(task.segments, middle) for before, middle, _ in remote if not before.video
    ]
    check_uniform(numbers, [1, 2])
    # The next segment begins where the tuple ends: 16 frames of it are too near.
    nexts = [middle.frames[0] for _, middle, _ in remote if 64 <= middle.frames[0] < 128]
    check_uniform(nexts, list(range(80, 113)))
    others = [middle.frames[0] for _, middle, _ in remote if middle.frames[0] >= 138]
    check_uniform(others, list(range(138, 138 + 66 - 15)))


@pytest.mark.parametrize("films", [2, 60])
def test_few_segments_with_room_are_listed_and_many_are_not(films: int) -> None:
    task = task_on([[[100]], [[120]], *[[[64]]] * films])
    assert (task.remote.listed is not None) == (films == 60)
    check_uniform([before.video for before, _, _ in draws(task, "remote", 400)], [0, 1])


@given(seed=SEEDS, label=st.integers(0, 4))
def test_the_same_draw_of_the_tuple_whatever_is_done_to_its_middle(seed: int, label: int) -> None:
    """Where every segment allows everything, the label tells nothing about the first clip."""
    task = task_on([[[130], [64]], [[127]]])
    plain = task.sample(np.random.default_rng(seed), 0)
    other = task.sample(np.random.default_rng(seed), label)
    assert plain.clips[0].frames == other.clips[0].frames
    assert plain.clips[2].frames == other.clips[2].frames
