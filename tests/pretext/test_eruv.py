"""The seven relations: every draw obeys its definition, and nothing is likelier than it should.

Covers also: draws, feasible, relation_settings, task.
"""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.clips.spec import ClipSize, ClipSpec
from eruv.models.heads import ConcatenationHead
from eruv.pretext.eruv import RelationTask
from eruv.pretext.feasible import feasible
from eruv.pretext.relation_settings import RELATIONS, TRIMMED_RELATIONS, RelationSettings
from eruv.pretext.segment_arrays import Segments
from eruv.pretext.task import EVALUATION, TRAINING, VALIDATION, Sample, generator_for
from segments_for_tests import (
    FILMS,
    SEEDS,
    Films,
    check_uniform,
    segment_of,
    segments_of,
)

ORDER = ("C_S", "C_V", "C_D", "C_R", "P_I", "P_D", "P_S")
SIZE = ClipSize(32, 43, 24)
TRANSFORMED = ("C_R", "P_I", "P_D", "P_S")


def task_on(films: Films, **settings: Any) -> RelationTask:
    return RelationTask(segments_of(films), SIZE, RelationSettings(**settings))


def draw(task: RelationTask, relation: str, seed: int) -> tuple[ClipSpec, ClipSpec]:
    label = task.classes.index(relation)
    sample = task.sample(np.random.default_rng(seed), label)
    assert sample.label == label
    first, second = sample.clips
    return first, second


def window(clip: ClipSpec) -> list[int]:
    return list(range(clip.frames[0], clip.frames[0] + 16))


def possible_by_brute_force(segments: Segments, relation: str) -> list[bool]:
    numbers = range(len(segments))

    def allows(i: int) -> bool:
        others = [j for j in numbers if j != i]
        if relation == "C_S":
            same_shot = any(segments.shot[j] == segments.shot[i] for j in others)
            return same_shot or segments.end[i] - segments.start[i] >= 32
        if relation == "C_V":
            return any(
                segments.video[j] == segments.video[i] and segments.shot[j] != segments.shot[i]
                for j in others
            )
        if relation == "C_D":
            return any(segments.video[j] != segments.video[i] for j in others)
        if relation == "P_S":
            return bool(segments.end[i] - segments.start[i] >= 31)
        return True

    return [allows(i) for i in numbers]


@pytest.mark.parametrize("relation", ORDER)
@given(films=FILMS, seed=SEEDS, paired=st.booleans(), shuffle=st.sampled_from(["clip", "segment"]))
def test_every_draw_obeys_the_definition_of_its_relation(
    relation: str, films: Films, seed: int, paired: bool, shuffle: str
) -> None:
    task = task_on(films, paired_window=paired, shuffle=shuffle)
    segments = task.segments
    possible = possible_by_brute_force(segments, relation)
    assert feasible(segments, relation).tolist() == possible
    assert task.possible[relation] == sum(possible)
    if not any(possible):
        with pytest.raises(ValueError, match=f"no segment allows the relation {relation}"):
            draw(task, relation, seed)
        return
    first, second = draw(task, relation, seed)
    i, j = segment_of(segments, first), segment_of(segments, second)
    assert possible[i]
    assert list(first.frames) == window(first)
    assert first.quarter_turns == 0
    assert second.quarter_turns in ((1, 2, 3) if relation == "C_R" else (0,))
    check_partner(relation, segments, i, j, first, second)
    check_frames(relation, second, shuffle)
    if paired and relation in TRANSFORMED and (relation, shuffle) != ("P_D", "segment"):
        assert min(first.frames) == min(second.frames)


def check_partner(
    relation: str, segments: Segments, i: int, j: int, first: ClipSpec, second: ClipSpec
) -> None:
    if relation == "C_S":
        assert segments.shot[i] == segments.shot[j]
        others = (segments.shot == segments.shot[i]).sum() - 1
        assert (i != j) if others else not set(first.frames) & set(second.frames)
    elif relation == "C_V":
        assert segments.video[i] == segments.video[j]
        assert segments.shot[i] != segments.shot[j]
    elif relation == "C_D":
        assert segments.video[i] != segments.video[j]
    else:
        assert i == j


def check_frames(relation: str, clip: ClipSpec, shuffle: str) -> None:
    frames = list(clip.frames)
    if relation == "P_I":
        assert frames == list(range(frames[0], frames[0] - 16, -1))
    elif relation == "P_D":
        ordered = sorted(frames)
        assert len(set(frames)) == 16
        assert frames not in (ordered, ordered[::-1])
        if shuffle == "clip":
            assert ordered == list(range(ordered[0], ordered[0] + 16))
    elif relation == "P_S":
        assert set(np.diff(frames).tolist()) in ({2}, {4})
    else:
        assert frames == window(clip)


@given(films=FILMS, seed=SEEDS, centred=st.booleans())
def test_crops_lie_inside_the_picture_and_in_the_middle_when_asked(
    films: Films, seed: int, centred: bool
) -> None:
    sample = task_on(films).sample(np.random.default_rng(seed), ORDER.index("C_R"), centred)
    for clip in sample.clips:
        row, column = clip.offset
        assert 0 <= row <= SIZE.height - SIZE.crop
        assert 0 <= column <= SIZE.width - SIZE.crop
        if centred:
            assert clip.offset == (4, 9)


@given(films=FILMS, relations=st.sets(st.sampled_from(ORDER), min_size=2))
def test_a_subset_counts_its_labels_in_the_paper_s_order(films: Films, relations: set[str]) -> None:
    task = task_on(films, relations=tuple(relations))
    assert task.classes == tuple(name for name in ORDER if name in relations)
    head = task.make_head(10)
    assert isinstance(head, ConcatenationHead)
    assert (head.linear.in_features, head.linear.out_features) == (20, len(relations))


@given(films=FILMS)
def test_impossible_relations_are_told_and_feasibility_is_counted(films: Films) -> None:
    task = task_on(films)
    segments, told = task.segments, task.feasibility()
    by_hand = {name: possible_by_brute_force(segments, name) for name in ORDER}
    fitting = RelationTask.fit_settings(task.settings, segments, task.size, trimmed=False)
    assert fitting.relations == tuple(name for name in ORDER if any(by_hand[name]))
    assert told["possible"] == {name: np.mean(by_hand[name]) for name in ORDER}
    lengths = [length for shots in films for shot in shots for length in shot]
    alone = [len(shot) == 1 for shots in films for shot in shots for _ in shot]
    assert told["C_S_within_one_segment"] == pytest.approx(np.mean(alone))
    assert told["P_S_only_double_speed"] == pytest.approx(
        np.mean([31 <= length < 61 for length in lengths])
    )
    assert (told["segments"], told["shots"], told["videos"]) == (
        len(lengths),
        sum(len(shots) for shots in films),
        len(films),
    )


FIXED: Films = [[[100, 60], [40]], [[48], [70, 300, 55], [31]], [[200]]]


def test_a_sample_is_a_function_of_seed_stream_epoch_and_index() -> None:
    task = task_on(FIXED)

    def sample(*key: int) -> Sample:
        return task.sample(generator_for(*key))

    keys = [(0, TRAINING, 3, 5), (1, TRAINING, 3, 5), (0, VALIDATION, 3, 5), (0, EVALUATION, 3, 5)]
    keys += [(0, TRAINING, 4, 5), (0, TRAINING, 3, 6)]
    samples = [sample(*key) for key in keys]
    assert samples == [sample(*key) for key in reversed(keys)][::-1]
    assert len(set(samples)) == len(keys)
    numbers = {generator_for(*key).integers(2**62) for key in keys}
    assert len(numbers) == len(keys)


def test_a_segment_shorter_than_a_clip_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 frames"):
        task_on([[[60, 15]]])


def test_trimmed_videos_have_five_relations() -> None:
    assert TRIMMED_RELATIONS == ("C_S", "C_R", "P_I", "P_D", "P_S")
    task = task_on([[[16]], [[31]], [[32]]], relations=TRIMMED_RELATIONS)
    assert task.possible == {"C_S": 1, "C_R": 3, "P_I": 3, "P_D": 3, "P_S": 2}


def test_trimmed_videos_are_not_told_apart_by_the_pairs_of_a_batch(
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings, segments = RelationSettings(head="comparison", all_pairs=0.5), segments_of(FIXED)
    size = ClipSize(32, 43, 32)
    assert RelationTask.fit_settings(settings, segments, size, trimmed=False) == settings
    assert "all_pairs" not in capsys.readouterr().err
    fitting = RelationTask.fit_settings(settings, segments, size, trimmed=True)
    assert (fitting.all_pairs, fitting.relations) == (0.0, TRIMMED_RELATIONS)
    assert "all_pairs is left out" in capsys.readouterr().err


@pytest.mark.parametrize(
    "relations", [(), ("C_S",), ("C_S", "C_S"), ("C_S", "C_X"), ("C_S", "C_S", "C_D")]
)
def test_less_than_two_different_known_relations_are_refused(relations: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"relations must be at least two of C_S, .* each once"):
        RelationSettings(relations=relations)


def test_other_bad_settings_and_names_are_refused() -> None:
    with pytest.raises(ValueError, match="shuffle must be 'clip' or 'segment'"):
        RelationSettings(shuffle="video")
    with pytest.raises(ValueError, match="a relation must be one of"):
        feasible(segments_of(FIXED), "C_X")


# Uniformity. The seeds are fixed, so these do not fail by chance; p is that of the draw below.


def draws(task: RelationTask, relation: str, number: int = 3000) -> list[tuple[ClipSpec, ClipSpec]]:
    return [draw(task, relation, seed) for seed in range(number)]


def test_relations_are_equally_likely_over_the_active_ones() -> None:
    for relations in (ORDER, TRIMMED_RELATIONS, ("C_D", "P_S")):
        task = task_on(FIXED, relations=relations)
        labels = [task.sample(np.random.default_rng(seed)).label for seed in range(2100)]
        check_uniform(labels, list(range(len(relations))))


@pytest.mark.parametrize("relation", ORDER)
def test_the_first_segment_is_uniform_over_those_that_allow_the_relation(relation: str) -> None:
    task = task_on(FIXED)
    allowed = np.flatnonzero(possible_by_brute_force(task.segments, relation)).tolist()
    found = [segment_of(task.segments, first) for first, _ in draws(task, relation)]
    check_uniform(found, allowed)


@pytest.mark.parametrize(
    ("relation", "first_segment", "qualifying"),
    [("C_S", 5, [4, 6]), ("C_V", 7, [3, 4, 5, 6]), ("C_D", 0, [3, 4, 5, 6, 7, 8])],
)
def test_the_second_segment_is_uniform_over_segments_not_over_videos_or_shots(
    relation: str, first_segment: int, qualifying: list[int]
) -> None:
    task = task_on(FIXED)
    seconds = [
        segment_of(task.segments, second)
        for first, second in draws(task, relation, 8000)
        if segment_of(task.segments, first) == first_segment
    ]
    check_uniform(seconds, qualifying)


def test_windows_are_uniform_and_independent_over_those_that_fit() -> None:
    task = task_on([[[20]], [[20]]])  # five starts in each
    pairs = [(first.frames[0], second.frames[0]) for first, second in draws(task, "C_D", 5000)]
    check_uniform(pairs, [(a, b) for a in range(5) for b in range(5)])
    pairs = [(first.frames[0], second.frames[0]) for first, second in draws(task, "C_R", 5000)]
    check_uniform(pairs, [(a, b) for a in range(5) for b in range(5)])


def test_two_clips_of_one_segment_are_uniform_over_ordered_pairs_without_overlap() -> None:
    task = task_on([[[36]], [[48]]])
    found = [
        (first.frames[0], second.frames[0])
        for first, second in draws(task, "C_S", 6000)
        if first.video == 0
    ]
    starts = range(36 - 16 + 1)
    apart = [(a, b) for a, b in combinations(starts, 2) if b - a >= 16]
    check_uniform(found, apart + [(b, a) for a, b in apart])


def test_the_distance_that_same_shot_allows_grows_with_the_samples() -> None:
    task = task_on([[[300], [60, 60, 60, 60, 60]]], gradual=1000)
    assert task.at_sample(1000) is task
    found = []
    for number in (0, 250, 500, 1000):
        now = task.at_sample(number)
        distances = []
        for seed in range(200):
            sample = now.sample(np.random.default_rng(seed), 0)
            first, second = (clip.frames[0] for clip in sample.clips)
            assert abs(first - second) >= 16
            distances.append(abs(first - second))
        found.append(np.mean(distances))
    assert found == sorted(found)
    # Uniform pairs of a shot of 300 frames are a third of its length apart, on average.
    assert found[0] < 50 < 80 < found[-1]


def test_other_relations_are_drawn_as_ever_while_the_distance_grows() -> None:
    films: Films = [[[100], [60, 60]], [[80]]]
    plain, gradual = task_on(films), task_on(films, gradual=1000)
    for label in range(1, 7):
        for seed in range(20):
            samples = [
                task.at_sample(3).sample(np.random.default_rng(seed), label)
                for task in (plain, gradual)
            ]
            assert samples[0] == samples[1]


def test_a_segment_of_exactly_two_clips_gives_them_in_either_order() -> None:
    task = task_on([[[32]]])
    found = [(a.frames[0], b.frames[0]) for a, b in draws(task, "C_S", 400)]
    check_uniform(found, [(0, 16), (16, 0)])


@pytest.mark.parametrize("films", [2, 60])
def test_few_segments_that_allow_a_relation_are_listed_and_many_are_not(films: int) -> None:
    """Speed is possible for two segments, of a few or of many: drawn or listed, the law is one."""
    task = task_on([[[31]], [[40]], *[[[16]]] * films], relations=("C_D", "P_S"))
    assert (task.subsets["P_S"].listed is not None) == (films == 60)
    assert task.subsets["C_D"].listed is None
    check_uniform([first.video for first, _ in draws(task, "P_S", 400)], [0, 1])


def test_turns_are_uniform_over_the_three() -> None:
    check_uniform([second.quarter_turns for _, second in draws(task_on(FIXED), "C_R")], [1, 2, 3])


def test_speeds_are_uniform_over_those_that_fit() -> None:
    def strides(length: int) -> list[int]:
        return [b.frames[1] - b.frames[0] for _, b in draws(task_on([[[length]]]), "P_S", 600)]

    assert set(strides(31)) == set(strides(60)) == {2}
    check_uniform(strides(61), [2, 4])


def test_crops_are_uniform_and_independent_between_the_clips() -> None:
    size = ClipSize(18, 18, 16)
    task = RelationTask(segments_of([[[60]]]), size, RelationSettings())
    found = []
    for seed in range(4050):
        first, second = task.sample(np.random.default_rng(seed), ORDER.index("P_I")).clips
        found.append((*first.offset, *second.offset))
    check_uniform(found, [tuple(place) for place in np.ndindex(3, 3, 3, 3)])


def test_disorder_puts_any_frame_at_any_place() -> None:
    task = task_on([[[16]]])
    places = np.array([second.frames for _, second in draws(task, "P_D")])
    for frame in range(16):
        check_uniform((places == frame).argmax(1).tolist(), list(range(16)))


def test_disorder_of_the_segment_reaches_all_its_frames() -> None:
    task = task_on([[[50]]], shuffle="segment")
    frames = np.array([second.frames for _, second in draws(task, "P_D")])
    check_uniform(frames[:, 0].tolist(), list(range(50)))


def test_relations_have_the_paper_s_names_and_order() -> None:
    assert tuple(RELATIONS) == ORDER
    assert RelationSettings(relations=("P_S", "C_V")).relations == ("C_V", "P_S")
