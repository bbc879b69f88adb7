"""Retrieval: which clips stand for a video, which features, and how recall is counted."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from eruv.clips.spec import ClipSize
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.feature_file import Features
from eruv.evaluation.features import Extractor, FeatureFunction, Level, clips_of
from eruv.evaluation.retrieval import (
    MeasuredRetrieval,
    chance_at,
    colour_histogram,
    measure_retrieval,
    on_still_frames,
    pooled_maps,
    recall_at,
    top1_correct,
)
from eruv.library.catalogue import Library
from eruv.models.encoder import Encoder
from eruv.utils.errors import EruvError
from films_for_tests import SmallLibrary


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
    assert chance_at(["a", "b", "z"], ["a", "a", "b", "c"])[1] == pytest.approx(
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


SIZE = ClipSize(48, 64, 48)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    torch.manual_seed(3)
    return Encoder("r3d", 0.02, SIZE.height, SIZE.width, SIZE.crop).eval()


@pytest.fixture
def videos(small_library: SmallLibrary) -> LabelledVideos:
    """Stretches of the small library; the class of a stretch has little to do with its looks."""
    library = Library(small_library.folder)
    stretches = [
        LabelledVideo(video, start, start + 20 + 15 * video, "abc"[(video + start) % 3])
        for video in range(5)
        for start in (0, 31, 62, 80)
    ]
    stretches[3] = LabelledVideo(0, 100, 109, "b")  # it goes round
    return LabelledVideos(
        "stretches",
        library,
        tuple(library.video_ids()),
        ("a", "b", "c"),
        tuple(stretches[::2]),
        tuple(stretches[1::2]),
    )


def measured(
    videos: LabelledVideos,
    extract: FeatureFunction,
    folder: Path,
    level: Level,
    weights: str = "seed 3",
) -> MeasuredRetrieval:
    extractor = Extractor(videos, SIZE, extract, workers=0)
    return measure_retrieval(extractor, {"weights": weights}, folder, level)


def clip_features(videos: LabelledVideos, encoder: Encoder, video: LabelledVideo) -> list[list]:
    """The feature of each of the ten clips, by loops over the pooled windows."""
    reader = videos.reader(SIZE)
    found = []
    for spec in clips_of(video, SIZE):
        with torch.no_grad():
            maps = encoder.forward_features(torch.from_numpy(reader.read(spec))[None])[0].tolist()
        feature = []
        for channel in maps:
            for time in channel:
                for row in range(0, len(time) - 1, 2):
                    for column in range(0, len(time[0]) - 1, 2):
                        below = time[row + 1][column : column + 2]
                        feature.append(max(time[row][column : column + 2] + below))
        found.append(feature)
    reader.close()
    return found


def recall_directly(
    videos: LabelledVideos, encoder: Encoder, level: Level, ks: tuple[int, ...]
) -> dict[int, float]:
    """Retrieval as IV-D.2 words it, in plain loops."""
    rows: dict[str, list[tuple[list[float], str]]] = {"train": [], "test": []}
    for name, part in (("train", videos.train), ("test", videos.test)):
        for video in part:
            clips = clip_features(videos, encoder, video)
            if level == "video":
                clips = [[sum(values) / 10 for values in zip(*clips, strict=True)]]
            rows[name] += [(clip, video.label) for clip in clips]
    hits = dict.fromkeys(ks, 0)
    for query, label in rows["test"]:
        distances = []
        for position, (other, _) in enumerate(rows["train"]):
            product = sum(a * b for a, b in zip(query, other, strict=True))
            length = sum(a * a for a in query) ** 0.5 * sum(b * b for b in other) ** 0.5
            distances.append((1 - product / length, position))
        nearest = [rows["train"][position][1] for _, position in sorted(distances)]
        for k in ks:
            hits[k] += label in nearest[:k]
    return {k: hits[k] / len(rows["test"]) for k in ks}


@pytest.mark.parametrize("level", ["video", "clip"])
def test_recall_is_that_of_plain_loops_at_both_levels(
    videos: LabelledVideos, encoder: Encoder, tmp_path: Path, level: Level
) -> None:
    found = measured(videos, pooled_maps(encoder), tmp_path, level)
    assert found.recall == recall_directly(videos, encoder, level, (1, 5, 10, 20, 50))
    assert 0 < found.recall[1] < 1
    assert top1_correct(tmp_path, videos, level) == found.right[:, 0].tolist()
    assert len(found.right) == (10 if level == "video" else 100)
    assert found.num_features == encoder.num_features * 2 * 1 * 1
    of_class = [len([one for one in videos.test if one.label == label]) for label in "abc"]
    shares = [found.class_recall[label] for label in "abc"]
    assert np.average(shares, weights=of_class) == pytest.approx(found.recall[1])


@pytest.mark.parametrize("level", ["video", "clip"])
def test_neighbours_are_those_that_scikit_learn_finds_in_the_files(
    videos: LabelledVideos, encoder: Encoder, tmp_path: Path, level: Level
) -> None:
    found = measured(videos, pooled_maps(encoder), tmp_path, level)
    gallery, queries = (np.load(tmp_path / f"{name}-{level}.npy") for name in ("train", "test"))
    assert gallery.shape == ((10, 20) if level == "video" else (10, 10, 20))
    search = NearestNeighbors(metric="cosine").fit(gallery.reshape(-1, 20))
    order = search.kneighbors(queries.reshape(-1, 20), 10, return_distance=False)
    # A stretch of nine frames has ten equal clips, of which scikit-learn may take any first.
    video_of = order // found.rows_per_video
    np.testing.assert_array_equal(
        found.neighbours.positions[:, :10] // found.rows_per_video, video_of
    )


def test_a_video_is_the_mean_of_its_clips(
    videos: LabelledVideos, encoder: Encoder, tmp_path: Path
) -> None:
    for level in ("video", "clip"):
        measured(videos, pooled_maps(encoder), tmp_path, level)
    clips, means = (np.load(tmp_path / f"test-{level}.npy") for level in ("clip", "video"))
    np.testing.assert_allclose(means, clips.mean(axis=1), rtol=1e-5)
    assert not np.allclose(clips[3, 0], clips[3, 9])


def test_features_are_read_from_the_folder_unless_the_weights_are_others(
    videos: LabelledVideos, encoder: Encoder, tmp_path: Path
) -> None:
    first = measured(videos, pooled_maps(encoder), tmp_path, "video")

    def fail(clips: Tensor) -> Tensor:
        raise AssertionError("described again")

    assert measured(videos, fail, tmp_path, "video").recall == first.recall
    with pytest.raises(AssertionError, match="described again"):
        measured(videos, fail, tmp_path, "video", weights="others")


def test_worker_processes_give_the_same_features(
    videos: LabelledVideos, encoder: Encoder, tmp_path: Path
) -> None:
    extract = pooled_maps(encoder)
    both = [Extractor(videos, SIZE, extract, workers=workers) for workers in (0, 1)]
    rows = [list(one.rows(videos.test, "clip", 7)) for one in both]
    np.testing.assert_array_equal(*rows)
    assert len(rows[0]) == 3


def test_a_set_without_queries_or_without_a_gallery_is_refused(
    videos: LabelledVideos, encoder: Encoder, tmp_path: Path
) -> None:
    for missing, word in (("train", "training"), ("test", "test")):
        parts = {"train": videos.train, "test": videos.test} | {missing: ()}
        some = LabelledVideos("half", videos.library, videos.video_ids, videos.classes, **parts)
        with pytest.raises(EruvError, match=f"half has no {word} videos: retrieval asks"):
            measured(some, pooled_maps(encoder), tmp_path, "video")


def test_a_library_that_lost_a_proxy_is_refused_before_the_work(
    videos: LabelledVideos, encoder: Encoder, tmp_path: Path
) -> None:
    ids = (*videos.video_ids[:4], "feed" * 16)
    broken = LabelledVideos(
        "broken", videos.library, ids, videos.classes, videos.train, videos.test
    )
    with pytest.raises(EruvError, match=r"lacks 1 of 5 proxies, for example .*feed"):
        measured(broken, pooled_maps(encoder), tmp_path, "video")
    assert not list(tmp_path.iterdir())
