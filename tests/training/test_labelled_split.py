"""What is held out of a training list: balanced over the classes, whole files, drawn by seed."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eruv.datasets.labelled_videos import LabelledVideo
from eruv.training.labelled_split import few_labels, hold_out_labelled
from eruv.utils.errors import EruvError

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.lists(st.integers(1, 30), min_size=2, max_size=8)


def videos_of(sizes: list[int]) -> list[LabelledVideo]:
    """So many files of each class, one class after another."""
    labels = [f"class {number}" for number, size in enumerate(sizes) for _ in range(size)]
    return [LabelledVideo(number, 0, 20, label) for number, label in enumerate(labels)]


@given(sizes=SIZES, share=st.floats(0.05, 0.9), seed=SEEDS)
def test_every_class_has_its_share_to_less_than_one_video_and_keeps_one(
    sizes: list[int], share: float, seed: int
) -> None:
    videos = videos_of(sizes)
    count = max(1, round(share * len(videos)))
    if max(sizes) == 1:
        return
    training, held_out = hold_out_labelled(videos, share, seed)
    assert sorted((*training, *held_out), key=lambda video: video.video) == videos
    kept, held = (Counter(video.label for video in part) for part in (training, held_out))
    assert len(kept) == len(sizes)
    assert len(held_out) <= count
    spared = False
    for number, size in enumerate(sizes):
        exact = count * size / len(videos)
        spared |= exact > size - 1  # it cannot give so many
        assert held[f"class {number}"] < exact + 1
        assert held[f"class {number}"] > min(exact, size) - 1 or size == 1 or spared
    if not spared:
        assert len(held_out) == count


@given(seed=SEEDS)
def test_a_number_holds_out_so_many(seed: int) -> None:
    videos = videos_of([94, 95, 96, 120, 73])
    _, held_out = hold_out_labelled(videos, 48, seed)
    held = Counter(video.label for video in held_out)
    # 478 videos: exactly 9.44, 9.54, 9.64, 12.05 and 7.33, so the two largest rests round up.
    assert [held[f"class {number}"] for number in range(5)] == [9, 10, 10, 12, 7]


@given(
    labels=st.lists(
        st.lists(st.sampled_from("abc"), min_size=1, max_size=4), min_size=4, max_size=20
    ),
    seed=SEEDS,
)
def test_stretches_of_one_file_stay_together_and_no_class_is_lost(
    labels: list[list[str]], seed: int
) -> None:
    videos = [
        LabelledVideo(file, 20 * place, 20 * place + 20, label)
        for file, of_file in enumerate(labels)
        for place, label in enumerate(of_file)
    ]
    try:
        training, held_out = hold_out_labelled(videos, 0.3, seed)
    except EruvError:
        # Whichever file is held out, a class is gone.
        totals = Counter(video.label for video in videos)
        for of_file in labels:
            assert any(totals[label] == of_file.count(label) for label in of_file)
        return
    assert {video.video for video in training}.isdisjoint(video.video for video in held_out)
    assert {video.label for video in training} == {video.label for video in videos}
    assert held_out
    assert [*training] == [video for video in videos if video in set(training)]


def test_the_seed_alone_decides_and_not_the_numbers_of_the_files() -> None:
    videos = videos_of([20, 20])
    first, again, other = (
        [video.video for video in hold_out_labelled(videos, 0.2, seed)[1]] for seed in (0, 0, 1)
    )
    assert first == again != other
    renumbered = [LabelledVideo(1000 - one.video, 0, 20, one.label) for one in videos]
    found = hold_out_labelled(renumbered, 0.2, 0)[1]
    assert [1000 - video.video for video in found] == first


def test_nothing_held_out_leaves_the_list_as_it_is() -> None:
    videos = videos_of([3, 1])
    assert hold_out_labelled(videos, 0, 0) == (tuple(videos), ())


@pytest.mark.parametrize(
    ("sizes", "held_out", "message"),
    [
        ([1, 1, 1], 0.3, r"none can be held out .* set held_out to 0: the last weights are kept"),
        ([2, 2], 4, "held_out is 4, and the training list has 4 videos"),
        ([2, 2], 800, "held_out is 800, and the training list has 4 videos"),
    ],
)
def test_what_cannot_be_held_out_is_refused(
    sizes: list[int], held_out: float, message: str
) -> None:
    with pytest.raises(EruvError, match=message):
        hold_out_labelled(videos_of(sizes), held_out, 0)


@given(sizes=SIZES, per_class=st.integers(1, 12), seed=SEEDS)
def test_few_labels_are_so_many_of_each_class_and_part_of_more(
    sizes: list[int], per_class: int, seed: int
) -> None:
    videos = videos_of(sizes)
    few, more = (few_labels(videos, count, seed) for count in (per_class, per_class + 1))
    counts = Counter(video.label for video in few)
    assert [counts[f"class {number}"] for number in range(len(sizes))] == [
        min(size, per_class) for size in sizes
    ]
    assert set(few) <= set(more) <= set(videos)
    assert [*few] == sorted(few, key=lambda video: video.video)
    assert few == few_labels(videos, per_class, seed)
