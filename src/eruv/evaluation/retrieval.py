"""Nearest-neighbour retrieval of videos by their features (fact 4, after VCOP's protocol)."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import comb

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from eruv.clips.reader import ClipReader
from eruv.datasets.labelled_videos import LabelledVideo
from eruv.evaluation.neighbours import Features, Neighbours, nearest
from eruv.evaluation.ten_clip_features import Describe
from eruv.evaluation.ten_clips import clips_of
from eruv.models.encoder import Encoder

RECALL_AT = (1, 5, 10, 20, 50)

# From this crop on the last maps are of 2×2 or more, which is what is pooled.
SMALLEST_CROP = 32


def pooled_maps(encoder: Encoder) -> Describe:
    """The feature of the protocol: last maps, max-pooled 2×2 in space, flattened."""

    @torch.no_grad()
    def describe(clips: Tensor) -> Tensor:
        maps = encoder.forward_features(clips)  # (B, F, 2, 7, 7) at 112 pixels
        return functional.max_pool3d(maps, (1, 2, 2), (1, 2, 2)).flatten(1)

    return describe


def on_still_frames(describe: Describe) -> Describe:
    """The same on clips that repeat their first frame: what is left without motion."""

    def describe_still(clips: Tensor) -> Tensor:
        return describe(clips[:, :1].expand_as(clips).contiguous())

    return describe_still


def colour_histogram(clips: Tensor) -> Tensor:
    """Joint RGB histogram (B, 512), 8 bins a channel: retrieval by colour alone."""
    bins = (clips // 32).long()
    cells = (bins[..., 0] * 64 + bins[..., 1] * 8 + bins[..., 2]).flatten(1)
    counts = torch.zeros(len(clips), 512).scatter_add_(1, cells, torch.ones(cells.shape))
    return counts / cells.shape[1]


def describe_videos(
    videos: Sequence[LabelledVideo],
    reader: ClipReader,
    describe: Sequence[Describe],
    on_video: Callable[[int], None] = lambda done: None,
) -> list[Features]:
    """Mean feature of the ten clips of each video, for several kinds of features at once.

    Args:
        videos: V of them.
        reader: of their clips.
        describe: kinds of features; clips are read once for all of them.
        on_video: called with the number of videos done.

    Returns:
        One array (V, F) for each kind.
    """
    rows: list[list[Features]] = [[] for _ in describe]
    for done, video in enumerate(videos, start=1):
        clips = reader.read_all(clips_of(video, reader.size))
        for kind, one in zip(rows, describe, strict=True):
            kind.append(one(torch.from_numpy(clips)).mean(dim=0).numpy())
        on_video(done)
    return [np.stack(kind) for kind in rows]


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
    return recall_of(right_ones(found, query_labels, gallery_labels), ks)


def right_ones(
    found: Neighbours, query_labels: Sequence[str], gallery_labels: Sequence[str]
) -> NDArray[np.bool_]:
    """Whether each neighbour is of its query's class, (Q, k)."""
    return np.asarray(gallery_labels)[found.positions] == np.asarray(query_labels)[:, None]


def recall_of(right: NDArray[np.bool_], ks: Sequence[int] = RECALL_AT) -> dict[int, float]:
    """Share of queries with a right one among the first k neighbours, of `right_ones`."""
    return {k: float(right[:, :k].any(axis=1).mean()) for k in ks}


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


def retrieval_chance(query_labels: Sequence[str], gallery_labels: Sequence[str]) -> float:
    """Expected recall at 1 of a neighbour drawn at random."""
    return chance_at(query_labels, gallery_labels, [1])[1]
