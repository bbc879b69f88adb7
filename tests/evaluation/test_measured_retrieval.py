"""Retrieval on real videos, against a direct implementation in plain loops."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors
from torch import Tensor

from eruv.clips.spec import ClipSize
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.measured_retrieval import measure_retrieval
from eruv.evaluation.retrieval import pooled_maps
from eruv.evaluation.ten_clip_features import Describer, Level
from eruv.evaluation.ten_clips import clips_of
from eruv.library.catalogue import Library
from eruv.models.encoder import Encoder
from eruv.utils.errors import EruvError
from films_for_tests import SmallLibrary

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


def describer(videos: LabelledVideos, encoder: Encoder, weights: str = "seed 3") -> Describer:
    return Describer(videos, SIZE, pooled_maps(encoder), {"weights": weights}, workers=0)


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
    measured = measure_retrieval(describer(videos, encoder), tmp_path, level)
    assert measured.recall == recall_directly(videos, encoder, level, (1, 5, 10, 20, 50))
    assert 0 < measured.recall[1] < 1
    assert len(measured.right) == (10 if level == "video" else 100)
    assert measured.num_features == encoder.num_features * 2 * 1 * 1
    of_class = [len([one for one in videos.test if one.label == label]) for label in "abc"]
    shares = [measured.class_recall[label] for label in "abc"]
    assert np.average(shares, weights=of_class) == pytest.approx(measured.recall[1])


@pytest.mark.parametrize("level", ["video", "clip"])
def test_neighbours_are_those_that_scikit_learn_finds_in_the_files(
    videos: LabelledVideos, encoder: Encoder, tmp_path: Path, level: Level
) -> None:
    measured = measure_retrieval(describer(videos, encoder), tmp_path, level)
    gallery, queries = (np.load(tmp_path / f"{name}-{level}.npy") for name in ("train", "test"))
    assert gallery.shape == ((10, 20) if level == "video" else (10, 10, 20))
    search = NearestNeighbors(metric="cosine").fit(gallery.reshape(-1, 20))
    order = search.kneighbors(queries.reshape(-1, 20), 10, return_distance=False)
    # A stretch of nine frames has ten equal clips, of which scikit-learn may take any first.
    video_of = order // measured.rows_per_video
    np.testing.assert_array_equal(
        measured.neighbours.positions[:, :10] // measured.rows_per_video, video_of
    )


def test_a_video_is_the_mean_of_its_clips(
    videos: LabelledVideos, encoder: Encoder, tmp_path: Path
) -> None:
    for level in ("video", "clip"):
        measure_retrieval(describer(videos, encoder), tmp_path, level)
    clips, means = (np.load(tmp_path / f"test-{level}.npy") for level in ("clip", "video"))
    np.testing.assert_allclose(means, clips.mean(axis=1), rtol=1e-5)
    assert not np.allclose(clips[3, 0], clips[3, 9])


def test_features_are_read_from_the_folder_unless_the_weights_are_others(
    videos: LabelledVideos, encoder: Encoder, tmp_path: Path
) -> None:
    first = measure_retrieval(describer(videos, encoder), tmp_path, "video")

    def fail(clips: Tensor) -> Tensor:
        raise AssertionError("described again")

    kept = Describer(videos, SIZE, fail, {"weights": "seed 3"}, workers=0)
    assert measure_retrieval(kept, tmp_path, "video").recall == first.recall
    other = Describer(videos, SIZE, fail, {"weights": "others"}, workers=0)
    with pytest.raises(AssertionError, match="described again"):
        measure_retrieval(other, tmp_path, "video")


def test_worker_processes_give_the_same_features(
    videos: LabelledVideos, encoder: Encoder, tmp_path: Path
) -> None:
    here = describer(videos, encoder)
    there = Describer(videos, SIZE, here.describe, here.made_of, workers=1)
    rows = [list(one.rows(videos.test, "clip", 7)) for one in (here, there)]
    np.testing.assert_array_equal(*rows)
    assert len(rows[0]) == 3


def test_a_set_without_queries_or_without_a_gallery_is_refused(
    videos: LabelledVideos, encoder: Encoder, tmp_path: Path
) -> None:
    for missing, word in (("train", "training"), ("test", "test")):
        parts = {"train": videos.train, "test": videos.test} | {missing: ()}
        some = LabelledVideos("half", videos.library, videos.video_ids, videos.classes, **parts)
        with pytest.raises(EruvError, match=f"half has no {word} videos: retrieval asks"):
            measure_retrieval(describer(some, encoder), tmp_path, "video")


def test_a_library_that_lost_a_proxy_is_refused_before_the_work(
    videos: LabelledVideos, encoder: Encoder, tmp_path: Path
) -> None:
    ids = (*videos.video_ids[:4], "feed" * 16)
    broken = LabelledVideos(
        "broken", videos.library, ids, videos.classes, videos.train, videos.test
    )
    with pytest.raises(EruvError, match=r"lacks 1 of 5 proxies, for example .*feed"):
        measure_retrieval(describer(broken, encoder), tmp_path, "video")
    assert not list(tmp_path.iterdir())
