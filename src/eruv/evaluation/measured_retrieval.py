"""Retrieval measured on a data set, at the level of videos or of clips (fact 4; IV-D.2).

Level `video`, after VCOP's code: the feature of a video is the mean over its ten clips, a query
is a test video, the gallery are the training videos. Level `clip`, after the paper's words: each
of the ten clips of a test video is a query by itself, and the gallery are the ten clips of every
training video; correct at k is a query with a clip of a video of its class among the k nearest
clips. k counts clips there, several of which may be of one video; recall is over all clips.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eruv.datasets.labelled_videos import LabelledVideo
from eruv.evaluation.neighbours import Features, Neighbours, nearest
from eruv.evaluation.retrieval import RECALL_AT, chance_at, recall_of, right_ones
from eruv.evaluation.ten_clip_features import Describer, Level, ten_clips
from eruv.evaluation.ten_clips import CLIPS_PER_VIDEO
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError


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
        """Query or gallery row n belongs to stretch n // rows_per_video."""
        return rows_per_video(self.level)


def rows_per_video(level: Level) -> int:
    """How many queries a test video is, and how many rows of the gallery a training video."""
    return CLIPS_PER_VIDEO if level == "clip" else 1


def measure_retrieval(describer: Describer, folder: Path, level: Level) -> MeasuredRetrieval:
    """Describe all videos, and find the nearest training ones of every test one.

    Features are written to the folder, from where a second call takes them.

    Raises:
        EruvError: if there is nothing to query with, or nothing to find.
        Interrupted: after Ctrl-C; called again, it goes on.
    """
    videos = describer.videos
    for part, stretches in (("test", videos.test), ("training", videos.train)):
        if not stretches:
            raise EruvError(
                f"{videos.name} has no {part} videos: retrieval asks with test videos for "
                f"training videos. Choose a split that has both."
            )
    # Before any file is made: a library that lost a proxy is refused here.
    ten_clips(videos, videos.test, describer.size)
    gallery, queries = _features(describer, folder, level)
    with Progress("neighbours", total=1.0) as progress:
        found = nearest(
            _rows(queries, level),
            _rows(gallery, level),
            max(RECALL_AT),
            device=describer.device,
            on_share=progress.update,
        )
    query_labels = _labels(videos.test, level)
    gallery_labels = _labels(videos.train, level)
    right = right_ones(found, query_labels, gallery_labels)
    return MeasuredRetrieval(
        level=level,
        neighbours=found,
        right=right,
        recall=recall_of(right),
        chance=chance_at(query_labels, gallery_labels),
        class_recall=_class_recall(query_labels, right[:, 0]),
        num_features=int(gallery.shape[-1]),
    )


def _features(describer: Describer, folder: Path, level: Level) -> list[Features]:
    """Of the training and of the test videos."""
    videos = describer.videos
    stretches = {"train": videos.train, "test": videos.test}
    files = {
        name: describer.file(folder / f"{name}-{level}.npy", part, level)
        for name, part in stretches.items()
    }
    total = sum(map(len, stretches.values()))
    done_before = sum(file.rows_done for file in files.values())
    found: list[Features] = []
    with Progress("features", total=total, done=done_before) as progress:
        for name, part in stretches.items():
            rows_from = partial(describer.rows, part, level)
            show = partial(_show, progress, sum(map(len, found)), total)
            found.append(files[name].complete(rows_from, show))
    return found


def _show(progress: Progress, earlier: int, total: int, done: int) -> None:
    progress.update(earlier + done, f"{earlier + done:,}/{total:,} videos")


def _rows(features: Features, level: Level) -> Features:
    """(V, F), or (V, 10, F) as (10 · V, F)."""
    return features if level == "video" else features.reshape(-1, features.shape[-1])


def _labels(stretches: Sequence[LabelledVideo], level: Level) -> list[str]:
    return [one.label for one in stretches for _ in range(rows_per_video(level))]


def _class_recall(labels: Sequence[str], right: NDArray[np.bool_]) -> dict[str, float]:
    by_class: dict[str, list[bool]] = defaultdict(list)
    for label, hit in zip(labels, right.tolist(), strict=True):
        by_class[label].append(hit)
    return {label: sum(hits) / len(hits) for label, hits in sorted(by_class.items())}
