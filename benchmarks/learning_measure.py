"""What features are worth: recall at 1, a linear probe, and a probe on five labels a class."""

from collections.abc import Sequence
from statistics import fmean

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from eruv.clips.spec import ClipSize
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.evaluation.feature_file import Features
from eruv.evaluation.features import Extractor
from eruv.evaluation.probe import linear_probe
from eruv.evaluation.retrieval import colour_histogram, recall_at
from eruv.models.encoder import Encoder

FEW, DRAWS = 5, 10


@torch.no_grad()
def describe(encoder: Encoder, clips: Tensor) -> tuple[Tensor, Tensor]:
    """Max-pooled maps (retrieval, fact 4), and average-pooled features (probes)."""
    maps = encoder.forward_features(clips)
    pooled = functional.max_pool3d(maps, (1, 2, 2), (1, 2, 2)).flatten(1)
    return pooled, maps.mean(dim=(2, 3, 4))


def measure(
    encoders: dict[str, Encoder], data: LabelledVideos, still: Sequence[str] = ()
) -> dict[str, dict[str, float]]:
    """Figures of each encoder, of those named in `still` on one frame repeated, and of colour."""
    size: ClipSize = next(iter(encoders.values())).size
    widths: list[tuple[str, int, int]] = []

    def all_of(clips: Tensor) -> Tensor:
        parts = {name: describe(encoder, clips) for name, encoder in encoders.items()}
        for name in still:
            first = clips[:, :1].expand_as(clips).contiguous()
            parts[f"{name}, one frame"] = describe(encoders[name], first)
        colour = colour_histogram(clips)
        parts["colour"] = (colour, colour)
        widths[:] = [(name, one.shape[1], other.shape[1]) for name, (one, other) in parts.items()]
        return torch.cat([values for pair in parts.values() for values in pair], dim=1)

    rows = Extractor(data, size, all_of).all_rows([*data.train, *data.test], data.name)
    figures, start = {}, 0
    for name, maps, averaged in widths:
        middle, end = start + maps, start + maps + averaged
        figures[name] = figures_of(rows[:, start:middle], rows[:, middle:end], data)
        start = end
    return figures


def figures_of(maps_VF: Features, averaged_VF: Features, data: LabelledVideos) -> dict[str, float]:
    """Figures of the features of the training videos, followed by those of the test videos."""
    count = len(data.train)
    labels = [video.label for video in (*data.train, *data.test)]
    recall = recall_at(maps_VF[count:], labels[count:], maps_VF[:count], labels[:count])
    train, test = (np.array(data.class_numbers(part)) for part in (data.train, data.test))
    files = np.array([video.video for video in data.train])
    gallery, queries = averaged_VF[:count], averaged_VF[count:]
    few = [
        _accuracy(gallery[chosen], train[chosen], np.arange(len(chosen)), queries, test)
        for chosen in (few_of(train, seed) for seed in range(DRAWS))
    ]
    probe = _accuracy(gallery, train, files, queries, test)
    return {"recall at 1": recall[1], "probe": probe, f"{FEW} labels": fmean(few)}


def few_of(labels: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Positions of so many of each class, drawn by seed."""
    generator = np.random.default_rng(seed)
    return np.concatenate(
        [generator.permutation(np.flatnonzero(labels == one))[:FEW] for one in np.unique(labels)]
    )


def _accuracy(
    gallery: Features,
    labels: NDArray[np.int64],
    files: NDArray[np.int64],
    queries: Features,
    right: NDArray[np.int64],
) -> float:
    found, _ = linear_probe(gallery, labels, files, queries, seed=0)
    return float((np.unique(labels)[found.argmax(axis=1)] == right).mean())
