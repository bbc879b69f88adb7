"""`eruv predict`: what is to be seen in video files, with scores and times; no library needed."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from eruv.datasets.labelled_videos import LabelledVideo
from eruv.evaluation.described import on_device
from eruv.evaluation.ten_clips import clips_of
from eruv.library.direct import DirectVideo, DirectVideos
from eruv.media.proxy import ProxySettings
from eruv.models.classifier import Classifier
from eruv.training.classifier_folder import load_classifier
from eruv.utils.paths import Paths

BEST = 5

Result = dict[str, Any]


def predict(
    model: Path | str,
    videos: Paths,
    *,
    shots: bool = False,
    device: str = "auto",
    threads: int = 0,
) -> Result:
    """Tell what is to be seen in videos, by ten clips of each (fact 4).

    Args:
        model: folder made by `finetune`.
        videos: one or several files and folders; folders are searched to the bottom.
        shots: a prediction for every shot instead of one for the whole video.
        device: auto, cpu or cuda.
        threads: decoding threads; 0 takes one a core.

    Returns:
        `videos`: path, frames, the `seconds` that it took, and `predictions`, each with label,
        score (from 0 to 1), start and end in frames and in seconds of the video, and the `best`
        five labels with their scores; `unreadable` and `damaged` files; `seconds` in all.

    Raises:
        EruvError: if there is no classifier, or no video could be read.
    """
    started = time.monotonic()
    classifier = on_device(load_classifier(model), device)
    settings = ProxySettings(**classifier.details.get("proxy", {}))
    files = DirectVideos(videos, settings, threads, "predict")
    found: list[Result] = []
    damaged: list[Result] = []
    for video in files:
        began = time.monotonic()
        path = str(video.shots.path)
        predictions = _predictions(classifier, video, shots, files.show)
        seconds = video.seconds + time.monotonic() - began
        found.append(
            {
                "path": path,
                "frames": video.shots.num_frames,
                "predictions": predictions,
                "seconds": round(seconds, 3),
            }
        )
        if video.shots.damage.failed_packets:
            damaged.append({"path": path, **vars(video.shots.damage)})
    return {
        "model": str(model),
        "videos": found,
        "unreadable": [vars(one) for one in files.unreadable],
        "damaged": damaged,
        "seconds": round(time.monotonic() - started, 3),
    }


def _predictions(
    classifier: Classifier, video: DirectVideo, by_shot: bool, show: Callable[[str], None]
) -> list[Result]:
    """What is to be seen in each shot, or in the whole video."""
    reader = video.reader(classifier.size)
    spans = video.spans(by_shot)
    found = []
    try:
        for number, (start, end) in enumerate(spans, start=1):
            clips = reader.read_all(clips_of(LabelledVideo(0, start, end, ""), classifier.size))
            best = best_labels(classifier.of_video(torch.from_numpy(clips)), classifier.classes)
            start_s, end_s = video.shots.times.range(start, end)
            times = {"start": start, "end": end, "start_s": start_s, "end_s": end_s}
            found.append({**best[0], **times, "best": best})
            show(f"{number} of {len(spans)} classified")
    finally:
        reader.close()
    return found


def best_labels(logits_C: torch.Tensor, classes: tuple[str, ...]) -> list[Result]:
    """The five labels of the highest scores, which sum up to 1 over all C classes."""
    best = logits_C.softmax(dim=0).topk(min(BEST, len(classes)))
    return [
        {"label": classes[number], "score": score}
        for number, score in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ]
