"""Nearest-neighbour retrieval, at the level of videos or of clips (fact 4; IV-D.2).

Level `video`, after VCOP's code: the feature of a video is the mean over its ten clips, a query
is a test video, the gallery are the training videos. Level `clip`, after the paper's words: each
of the ten clips of a test video is a query by itself, and the gallery are the ten clips of every
training video; correct at k is a query with a clip of a video of its class among the k nearest
clips. k counts clips there, several of which may be of one video; recall is over all clips.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.feature_file import Features
from eruv.evaluation.features import CLIPS_PER_VIDEO, Extractor, FeatureFunction, Level
from eruv.evaluation.neighbours import Neighbours, nearest
from eruv.models.encoder import Encoder
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError

RECALL_AT = (1, 5, 10, 20, 50)

# From this crop on the last maps are of 2×2 or more, which is what is pooled.
SMALLEST_CROP = 32


def pooled_maps(encoder: Encoder) -> FeatureFunction:
    """The feature of the protocol: last maps, max-pooled 2×2 in space, flattened."""

    @torch.no_grad()
    def extract(clips: Tensor) -> Tensor:
        maps = encoder.forward_features(clips)  # (B, F, 2, 7, 7) at 112 pixels
        return functional.max_pool3d(maps, (1, 2, 2), (1, 2, 2)).flatten(1)

    return extract


def on_still_frames(extract: FeatureFunction) -> FeatureFunction:
    """The same on clips that repeat their first frame: what is left without motion."""

    def extract_still(clips: Tensor) -> Tensor:
        return extract(clips[:, :1].expand_as(clips).contiguous())

    return extract_still


def colour_histogram(clips: Tensor) -> Tensor:
    """Joint RGB histogram (B, 512), 8 bins a channel: retrieval by colour alone."""
    bins = (clips // 32).long()
    cells = (bins[..., 0] * 64 + bins[..., 1] * 8 + bins[..., 2]).flatten(1)
    counts = torch.zeros(len(clips), 512).scatter_add_(1, cells, torch.ones(cells.shape))
    return counts / cells.shape[1]


@dataclass(frozen=True)
class MeasuredRetrieval:
    """What retrieval found.

    Attributes:
        level: what a query is, and what is in the gallery.
        neighbours: the 50 nearest of each query.
        right: whether each is of its query's class, (Q, 50).
        recall, chance: at each of `RECALL_AT`.
        class_recall: recall at 1 of the queries of each class.
        num_features: length of a feature.
    """

    level: Level
    neighbours: Neighbours
    right: NDArray[np.bool_]
    recall: dict[int, float]
    chance: dict[int, float]
    class_recall: dict[str, float]
    num_features: int

    @property
    def rows_per_video(self) -> int:
        """Query or gallery row n belongs to video n // rows_per_video."""
        return rows_per_video(self.level)


def rows_per_video(level: Level) -> int:
    """How many queries a test video is, and how many rows of the gallery a training video."""
    return CLIPS_PER_VIDEO if level == "clip" else 1


def measure_retrieval(
    extractor: Extractor, key: dict[str, Any], folder: Path, level: Level
) -> MeasuredRetrieval:
    """Find the nearest training videos, or clips, of every test one.

    Features are written to the folder, from where a second call takes them.

    Args:
        extractor: of features of the data set.
        key: what decides the features besides the clips; any JSON.
        folder: for the features.
        level: what a query is, and what is in the gallery.

    Raises:
        EruvError: if there is nothing to query with, or nothing to find.
        Interrupted: after Ctrl-C; called again, it continues.
    """
    data = extractor.data
    for part, videos in (("test", data.test), ("training", data.train)):
        if not videos:
            raise EruvError(
                f"{data.name} has no {part} videos: retrieval asks with test videos for "
                f"training videos. Choose a split that has both."
            )
    extractor.proxies()  # before any file is made: a library that lost one is refused here
    gallery, queries = (
        extractor.saved_rows(
            videos,
            folder / f"{name}-{level}.npy",
            key | _cache_key(extractor, videos, level),
            f"features, {part}",
            level,
        ).reshape(len(videos) * rows_per_video(level), -1)
        for name, part, videos in (
            ("train", "training", data.train),
            ("test", "test", data.test),
        )
    )
    with Progress("neighbours", total=1.0) as progress:
        found = nearest(
            queries, gallery, max(RECALL_AT), device=extractor.device, on_share=progress.update
        )
    query_labels, gallery_labels = _labels(data.test, level), _labels(data.train, level)
    right = is_match(found, query_labels, gallery_labels)
    return MeasuredRetrieval(
        level=level,
        neighbours=found,
        right=right,
        recall=recall_of_matches(right),
        chance=chance_at(query_labels, gallery_labels),
        class_recall=_class_recall(query_labels, right[:, 0]),
        num_features=gallery.shape[1],
    )


def top1_correct(folder: Path, data: LabelledVideos, level: Level) -> list[bool]:
    """Whether the nearest of each query is of its class, by the features in a folder.

    Args:
        folder: that `measure_retrieval` wrote them to.
        data: whose features they are.
        level: of the queries.
    """
    gallery, queries = (
        array.reshape(-1, array.shape[-1])
        for array in (np.load(folder / f"{part}-{level}.npy") for part in ("train", "test"))
    )
    labels = (_labels(part, level) for part in (data.test, data.train))
    right: list[bool] = is_match(nearest(queries, gallery, 1), *labels)[:, 0].tolist()
    return right


def _cache_key(
    extractor: Extractor, videos: Sequence[LabelledVideo], level: Level
) -> dict[str, Any]:
    """What decides features besides the network; files of earlier versions hold the same."""
    ids = extractor.data.video_ids
    rows = [[ids[video.video], video.start, video.end] for video in videos]
    return {
        "level": level,
        "size": asdict(extractor.size),
        "proxies": asdict(extractor.data.library.settings.proxy),
        "stretches": hashlib.sha256(json.dumps(rows).encode()).hexdigest(),
    }


def _labels(videos: Sequence[LabelledVideo], level: Level) -> list[str]:
    return [one.label for one in videos for _ in range(rows_per_video(level))]


def _class_recall(labels: Sequence[str], right: NDArray[np.bool_]) -> dict[str, float]:
    by_class: dict[str, list[bool]] = defaultdict(list)
    for label, hit in zip(labels, right.tolist(), strict=True):
        by_class[label].append(hit)
    return {label: sum(hits) / len(hits) for label, hits in sorted(by_class.items())}


def recall_at(
    queries: Features,
    query_labels: Sequence[str],
    gallery: Features,
    gallery_labels: Sequence[str],
    ks: Sequence[int] = RECALL_AT,
) -> dict[int, float]:
    """Share of queries with their class among the k nearest of the gallery by cosine.

    Args:
        queries: (Q, F).
        query_labels: Q classes.
        gallery: (G, F).
        gallery_labels: G classes.
        ks: numbers of neighbours; those beyond G count the whole gallery.
    """
    found = nearest(queries, gallery, max(ks))
    return recall_of_matches(is_match(found, query_labels, gallery_labels), ks)


def is_match(
    found: Neighbours, query_labels: Sequence[str], gallery_labels: Sequence[str]
) -> NDArray[np.bool_]:
    """Whether each neighbour is of its query's class, (Q, k)."""
    return np.asarray(gallery_labels)[found.positions] == np.asarray(query_labels)[:, None]


def recall_of_matches(
    matches: NDArray[np.bool_], ks: Sequence[int] = RECALL_AT
) -> dict[int, float]:
    """Share of queries with a match among the first k neighbours; `matches` of `is_match`."""
    return {k: float(matches[:, :k].any(axis=1).mean()) for k in ks}


def chance_at(
    query_labels: Sequence[str], gallery_labels: Sequence[str], ks: Sequence[int] = RECALL_AT
) -> dict[int, float]:
    """Expected recall of k different neighbours drawn at random."""
    size, counts = len(gallery_labels), Counter(gallery_labels)
    return {
        k: sum(
            queries * (1 - comb(size - counts[label], min(k, size)) / comb(size, min(k, size)))
            for label, queries in Counter(query_labels).items()
        )
        / len(query_labels)
        for k in ks
    }
