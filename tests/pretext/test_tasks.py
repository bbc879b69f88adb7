"""What every pretext task has in common; a new one is one more name in `TASKS`."""

import json
import pickle
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from eruv.clips.spec import ClipSize
from eruv.pretext import TASKS, PretextTask
from eruv.pretext.segment_arrays import Segments
from eruv.pretext.task import EVALUATION, TRAINING, VALIDATION, generator_for
from eruv.training.feasibility import task_maker
from eruv.training.pretrain_config import PretrainConfig
from segments_for_tests import LONG_FILMS, SEEDS, Films, check_uniform, segments_of

SIZE = ClipSize(18, 19, 16)
FILMS: Films = [[[100, 64], [140]], [[70], [64, 300, 90], [97]], [[200]]]

all_tasks = pytest.mark.parametrize("name", TASKS)


def config(name: str) -> PretrainConfig:
    return PretrainConfig.from_dict({"pretext": name, "size": vars(SIZE)})


def task_of(name: str, segments: Segments) -> PretextTask:
    return task_maker(config(name))(segments)


@all_tasks
def test_classes_are_named_and_counted_the_same_everywhere(name: str) -> None:
    task = task_of(name, segments_of(FILMS))
    assert task.classes == config(name).classes == tuple(task.text.classes)
    assert list(task.possible) == list(task.classes)
    assert task.text.name == name
    assert set(task.text.sentences) == set(task.text.classes)
    assert len(task.text.slots) == task.num_clips
    assert set(task.text.needs) <= set(task.classes)


@all_tasks
@given(films=LONG_FILMS, seed=SEEDS, centred=st.booleans())
def test_a_sample_is_of_the_class_asked_for_and_its_crops_are_inside(
    name: str, films: Films, seed: int, centred: bool
) -> None:
    task = task_of(name, segments_of(films))
    for label, one in enumerate(task.classes):
        if not task.possible[one]:
            continue
        sample = task.sample(np.random.default_rng(seed), label, centred)
        assert sample.label == label
        assert len(sample.clips) == task.num_clips
        for clip in sample.clips:
            assert len(clip.frames) == 16
            row, column = clip.offset
            assert 0 <= row <= 2
            assert 0 <= column <= 3
            if centred:
                assert clip.offset == (1, 1)


@all_tasks
def test_a_sample_is_a_function_of_seed_stream_epoch_and_index(name: str) -> None:
    segments = segments_of(FILMS)
    task, again = (task_of(name, segments) for _ in range(2))
    keys = [(0, TRAINING, 3, 5), (1, TRAINING, 3, 5), (0, VALIDATION, 3, 5), (0, EVALUATION, 3, 5)]
    keys += [(0, TRAINING, 4, 5), (0, TRAINING, 3, 6)]
    samples = [task.sample(generator_for(*key)) for key in keys]
    assert samples == [again.sample(generator_for(*key)) for key in reversed(keys)][::-1]
    assert len(set(samples)) == len(keys)


@all_tasks
def test_classes_are_equally_likely(name: str) -> None:
    task = task_of(name, segments_of(FILMS))
    labels = [task.sample(np.random.default_rng(seed)).label for seed in range(2100)]
    check_uniform(labels, list(range(len(task.classes))))


@all_tasks
def test_crops_are_uniform_and_independent_between_the_clips(name: str) -> None:
    task = task_of(name, segments_of(FILMS))
    label = {"eruv": "P_I", "vcop": "3 1 2", "vcp": "permuted"}[name]
    offsets = [
        [clip.offset for clip in task.sample(np.random.default_rng(seed), number).clips]
        for number in [task.classes.index(label)]
        for seed in range(6000)
    ]
    places = list(np.ndindex(3, 4))
    for one, other in {(0, 1), (0, task.num_clips - 1), (task.num_clips - 2, task.num_clips - 1)}:
        pairs = [(clips[one], clips[other]) for clips in offsets]
        check_uniform(pairs, [(a, b) for a in places for b in places])


@all_tasks
def test_a_segment_too_short_for_the_task_is_refused(name: str) -> None:
    shortest = TASKS[name].shortest_frames
    task_of(name, segments_of([[[shortest, 200]]]))
    with pytest.raises(ValueError, match=f"at least {shortest} frames here; got 1 shorter"):
        task_of(name, segments_of([[[shortest - 1, 200]]]))


@all_tasks
@given(films=LONG_FILMS)
def test_feasibility_counts_what_there_is_and_can_be_written_down(name: str, films: Films) -> None:
    task = task_of(name, segments_of(films))
    told = json.loads(json.dumps(task.feasibility()))
    lengths = [length for shots in films for shot in shots for length in shot]
    shots = sum(len(shots) for shots in films)
    assert (told["segments"], told["shots"], told["videos"]) == (len(lengths), shots, len(films))
    assert told["possible"] == {
        one: pytest.approx(count / len(lengths)) for one, count in task.possible.items()
    }


@all_tasks
def test_a_task_of_no_segments_allows_nothing(name: str) -> None:
    segments = segments_of(FILMS)
    task = task_of(name, segments.select(np.zeros(len(segments), bool)))
    assert set(task.possible.values()) == {0}
    assert task.feasibility()["segments"] == 0


@all_tasks
def test_the_head_turns_features_of_all_clips_into_logits_of_all_classes(name: str) -> None:
    task = task_of(name, segments_of(FILMS))
    head = task.make_head(10).eval()
    features = torch.rand(4, task.num_clips, 10)
    logits = head(features)
    assert logits.shape == (4, len(task.classes))
    torch.testing.assert_close(head(features[2:3]), logits[2:3])
    for slot in range(task.num_clips):  # none is forgotten, and their order matters
        assert not torch.allclose(head(features.roll(1, dims=0)), logits)
        swapped = features.clone()
        swapped[:, [slot, slot - 1]] = features[:, [slot - 1, slot]]
        assert not torch.allclose(head(swapped), logits)
        other = features.clone()
        other[:, slot] += 1
        assert not torch.allclose(head(other), logits)


@all_tasks
def test_the_maker_of_a_task_can_be_sent_to_another_process(name: str) -> None:
    maker = pickle.loads(pickle.dumps(task_maker(config(name))))
    segments = segments_of(FILMS)
    drawn = [make(segments).sample(np.random.default_rng(1)) for make in (maker, maker)]
    assert drawn[0] == drawn[1] == task_of(name, segments).sample(np.random.default_rng(1))


@all_tasks
def test_draws_reach_all_segments_alike(name: str) -> None:
    """The first clip is from a segment drawn uniformly, for a class that all segments allow."""
    task = task_of(name, segments_of(FILMS))
    label = len(task.classes) - 1
    assert task.possible[task.classes[label]] == 9
    videos = Counter(
        task.sample(np.random.default_rng(seed), label).clips[0].video for seed in range(3000)
    )
    for video, segments in enumerate((3, 5, 1)):
        assert abs(videos[video] / 3000 - segments / 9) < 0.04
