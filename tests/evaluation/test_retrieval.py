"""Retrieval: which clips stand for a video, which features, and how recall is counted."""

from itertools import combinations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from eruv.clips.reader import ClipReader
from eruv.clips.spec import ClipSize
from eruv.datasets.labelled_videos import LabelledVideo
from eruv.evaluation.retrieval import (
    Features,
    chance_at,
    colour_histogram,
    describe_videos,
    on_still_frames,
    pooled_maps,
    recall_at,
    retrieval_chance,
)
from eruv.evaluation.ten_clips import clip_starts, clips_of
from eruv.library.catalogue import Library
from eruv.models.encoder import Encoder
from films_for_tests import SmallLibrary


def test_centres_stand_evenly_from_8_frames_after_the_start_to_8_before_the_end() -> None:
    # int(centre - 8) of linspace(8, L - 8, 10): by hand, and for a length that rounds down.
    assert clip_starts(106) == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert clip_starts(100) == [0, 9, 18, 28, 37, 46, 56, 65, 74, 84]
    assert clip_starts(16) == clip_starts(5) == [0] * 10
    assert clip_starts(17) == [0] * 9 + [1]


@given(length=st.integers(17, 5000))
def test_every_clip_lies_inside_its_video(length: int) -> None:
    starts = clip_starts(length)
    assert (starts[0], starts[-1]) == (0, length - 16)
    assert starts == sorted(starts)
    assert len(starts) == 10


def test_clips_are_whole_contiguous_and_cropped_in_the_middle() -> None:
    size = ClipSize()
    clips = clips_of(LabelledVideo(3, 200, 306, "walk"), size)
    assert [clip.frames for clip in clips] == [
        tuple(range(200 + 10 * number, 216 + 10 * number)) for number in range(10)
    ]
    assert {(clip.video, clip.offset, clip.quarter_turns) for clip in clips} == {(3, (8, 29), 0)}


def test_a_video_of_under_16_frames_goes_round() -> None:
    clips = clips_of(LabelledVideo(0, 50, 56, "wave"), ClipSize())
    rounds = [50, 51, 52, 53, 54, 55]
    assert {clip.frames for clip in clips} == {tuple(rounds + rounds + rounds[:4])}


def test_a_stretch_without_frames_is_refused() -> None:
    for start, end in ((5, 5), (-1, 4)):
        with pytest.raises(ValueError, match=r"\[start, end\)"):
            LabelledVideo(0, start, end, "none")


def recall_by_hand(
    queries: Features, query_labels: list[str], gallery: Features, gallery_labels: list[str], k: int
) -> float:
    hits = 0
    for query, label in zip(queries.astype(float), query_labels, strict=True):
        distances = [
            (1 - query @ one / np.sqrt((query @ query) * (one @ one)), position)
            for position, one in enumerate(gallery.astype(float))
        ]
        nearest = [position for _, position in sorted(distances)[:k]]
        hits += any(gallery_labels[position] == label for position in nearest)
    return hits / len(query_labels)


@given(seed=st.integers(0, 1000), gallery_size=st.integers(1, 30), query_size=st.integers(1, 10))
def test_recall_is_that_of_a_direct_count_and_of_scikit_learn(
    seed: int, gallery_size: int, query_size: int
) -> None:
    generator = np.random.default_rng(seed)
    gallery = generator.standard_normal((gallery_size, 6)).astype(np.float32)
    queries = generator.standard_normal((query_size, 6)).astype(np.float32)
    gallery_labels = generator.choice(["a", "b", "c"], gallery_size).tolist()
    query_labels = generator.choice(["a", "b", "c"], query_size).tolist()
    found = recall_at(queries, query_labels, gallery, gallery_labels)
    assert list(found) == [1, 5, 10, 20, 50]
    neighbours = NearestNeighbors(metric="cosine").fit(gallery)
    for k, recall in found.items():
        assert recall == pytest.approx(
            recall_by_hand(queries, query_labels, gallery, gallery_labels, k)
        )
        order = neighbours.kneighbors(queries, min(k, gallery_size), return_distance=False)
        right = np.asarray(gallery_labels)[order] == np.asarray(query_labels)[:, None]
        assert recall == pytest.approx(right.any(axis=1).mean())


def test_the_length_of_features_does_not_matter_and_nothing_is_divided_by_zero() -> None:
    gallery = np.array([[1, 0], [0, 100]], np.float32)
    queries = np.array([[50, 1], [0, 0.001], [0, 0]], np.float32)
    assert recall_at(queries[:2], ["x", "y"], gallery, ["x", "y"], ks=[1]) == {1: 1.0}
    assert recall_at(queries[2:], ["z"], gallery, ["x", "y"], ks=[1]) == {1: 0.0}


def test_chance_is_what_a_random_neighbour_would_give() -> None:
    assert retrieval_chance(["a", "b", "z"], ["a", "a", "b", "c"]) == pytest.approx(
        (0.5 + 0.25 + 0) / 3
    )


@given(
    gallery=st.lists(st.sampled_from("abc"), min_size=1, max_size=7),
    queries=st.lists(st.sampled_from("abcd"), min_size=1, max_size=4),
    k=st.integers(1, 8),
)
def test_chance_is_the_mean_over_all_ways_to_draw_k_different_neighbours(
    gallery: list[str], queries: list[str], k: int
) -> None:
    draws = list(combinations(gallery, min(k, len(gallery))))
    hits = sum(label in draw for label in queries for draw in draws)
    assert chance_at(queries, gallery, [k])[k] == pytest.approx(hits / len(draws) / len(queries))


def test_chance_is_exact_for_sets_as_large_as_ucf101() -> None:
    gallery = [str(number % 101) for number in range(9537)]
    found = chance_at(["0"] * 38 + ["100"] * 37, gallery)
    assert found[1] == pytest.approx((38 * 95 + 37 * 94) / 75 / 9537)
    missed = {n: np.prod([(9537 - n - i) / (9537 - i) for i in range(50)]) for n in (94, 95)}
    assert found[50] == pytest.approx(1 - (38 * missed[95] + 37 * missed[94]) / 75)


def test_a_colour_histogram_counts_pixels_in_eight_by_eight_by_eight_bins() -> None:
    clips = torch.randint(0, 256, (2, 3, 5, 5, 3), dtype=torch.uint8)
    found = colour_histogram(clips)
    for clip, row in zip(clips, found, strict=True):
        expected, _ = np.histogramdd(
            clip.reshape(-1, 3).numpy(), bins=(8, 8, 8), range=[(0, 256)] * 3
        )
        np.testing.assert_allclose(row, expected.ravel() / 75, atol=1e-6)


def test_the_feature_is_the_last_maps_max_pooled_two_by_two() -> None:
    encoder = Encoder("c3d", 0.02, 128, 171, 112).eval()
    clips = torch.randint(0, 256, (1, 16, 112, 112, 3), dtype=torch.uint8)
    (feature,) = pooled_maps(encoder)(clips)
    maps = encoder.forward_features(clips)[0].detach()
    channels = encoder.num_features
    assert maps.shape == (channels, 2, 7, 7)
    assert feature.shape == (channels * 2 * 3 * 3,)  # 9216 at full width
    pooled = feature.view(channels, 2, 3, 3)
    for row, column in ((0, 0), (2, 1)):
        window = maps[:, :, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        assert torch.equal(pooled[:, :, row, column], window.amax((2, 3)))
    assert not feature.requires_grad


def test_still_frames_repeat_the_first_one() -> None:
    clips = torch.randint(0, 256, (2, 16, 4, 4, 3), dtype=torch.uint8)
    seen = on_still_frames(lambda clips: clips)(clips)
    assert seen.shape == clips.shape
    assert all(torch.equal(seen[:, step], clips[:, 0]) for step in range(16))


def test_a_video_is_the_mean_of_its_ten_clips(small_library: SmallLibrary) -> None:
    library = Library(small_library.folder)
    size = ClipSize(32, 43, 32)
    paths = [library.proxy_path(video_id) for video_id in library.video_ids()]
    reader = ClipReader(paths, library.settings.proxy, size)
    videos = [LabelledVideo(0, 0, 60, "a"), LabelledVideo(1, 10, 20, "b")]
    done: list[int] = []

    def brightness(clips: torch.Tensor) -> torch.Tensor:
        return clips.double().mean((1, 2, 3))

    colours, still = describe_videos(
        videos, reader, [brightness, on_still_frames(brightness)], done.append
    )
    assert colours.shape == still.shape == (2, 3)
    assert done == [1, 2]
    for video, row in zip(videos, colours, strict=True):
        clips = [reader.read(spec).mean((0, 1, 2)) for spec in clips_of(video, size)]
        np.testing.assert_allclose(row, np.mean(clips, axis=0))
