"""`eruv predict`: what is to be seen in video files, with scores and times; no library needed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from eruv.datasets.labelled_videos import LabelledVideo
from eruv.evaluation.features import clips_of, on_device
from eruv.library.direct import DirectVideo, DirectVideos
from eruv.media.discovery import UnreadableFile
from eruv.media.proxy import ProxySettings
from eruv.models.classifier import Classifier, load_classifier
from eruv.utils.paths import Paths
from eruv.utils.results import Result

BEST = 5


@dataclass(frozen=True)
class LabelScore:
    """A class and its score, from 0 to 1."""

    label: str
    score: float


@dataclass(frozen=True)
class Prediction:
    """What is to be seen in frames [start, end), shown from start_s to end_s.

    Attributes:
        label, score: the best of `best`, which has up to five classes.
    """

    label: str
    score: float
    start: int
    end: int
    start_s: float
    end_s: float
    best: tuple[LabelScore, ...]


@dataclass(frozen=True)
class PredictedVideo:
    """A file: one prediction, or one for each shot, and the seconds that it took."""

    path: str
    frames: int
    predictions: tuple[Prediction, ...]
    seconds: float


@dataclass(frozen=True)
class Predictions(Result):
    """What is to be seen in files.

    Attributes:
        model: folder of the classifier.
        videos: those that could be read.
        unreadable: those that could not.
        damaged: path and damage of those that were read around broken parts.
        seconds: in all.
    """

    model: str
    videos: tuple[PredictedVideo, ...]
    unreadable: tuple[UnreadableFile, ...]
    damaged: tuple[dict[str, Any], ...]
    seconds: float


def predict(
    model: Path | str,
    videos: Paths,
    *,
    shots: bool = False,
    device: str = "auto",
    threads: int = 0,
) -> Predictions:
    """Tell what is to be seen in videos, by ten clips of each (fact 4).

    Args:
        model: folder made by `finetune`.
        videos: one or several files and folders; folders are searched to the bottom.
        shots: a prediction for every shot instead of one for the whole video.
        device: auto, cpu or cuda.
        threads: decoding threads; 0 takes one per core.

    Raises:
        EruvError: if there is no classifier, or no video could be read.
    """
    started = time.monotonic()
    classifier = on_device(load_classifier(model), device)
    settings = ProxySettings(**classifier.details.get("proxy", {}))
    files = DirectVideos(videos, settings, threads, "predict")
    found, damaged = [], []
    for video in files:
        began = time.monotonic()
        path = str(video.shots.path)
        predictions = _predictions(classifier, video, shots, files.show)
        seconds = round(video.seconds + time.monotonic() - began, 3)
        found.append(PredictedVideo(path, video.shots.num_frames, predictions, seconds))
        if video.shots.damage.failed_packets:
            damaged.append({"path": path, **vars(video.shots.damage)})
    return Predictions(
        str(model),
        tuple(found),
        tuple(files.unreadable),
        tuple(damaged),
        round(time.monotonic() - started, 3),
    )


def _predictions(
    classifier: Classifier, video: DirectVideo, by_shot: bool, show: Callable[[str], None]
) -> tuple[Prediction, ...]:
    """What is to be seen in each shot, or in the whole video."""
    reader = video.reader(classifier.size)
    spans = video.spans(by_shot)
    found = []
    try:
        for number, (start, end) in enumerate(spans, start=1):
            clips = reader.read_all(clips_of(LabelledVideo(0, start, end, ""), classifier.size))
            best = best_labels(classifier.of_video(torch.from_numpy(clips)), classifier.classes)
            times = video.shots.times.range(start, end)
            found.append(Prediction(best[0].label, best[0].score, start, end, *times, best))
            show(f"{number} of {len(spans)} classified")
    finally:
        reader.close()
    return tuple(found)


def best_labels(logits_C: torch.Tensor, classes: tuple[str, ...]) -> tuple[LabelScore, ...]:
    """The five labels of the highest scores, which sum up to 1 over all C classes."""
    best = logits_C.softmax(dim=0).topk(min(BEST, len(classes)))
    scores = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return tuple(LabelScore(classes[number], score) for number, score in scores)
