"""Action recognition on test videos by ten clips each (fact 4)."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from eruv.datasets.labelled_videos import LabelledVideos
from eruv.evaluation.cache import kept
from eruv.evaluation.described import on_device, rows_of_videos
from eruv.evaluation.ten_clips import CLIPS_PER_VIDEO
from eruv.training.classifier_folder import load_classifier
from eruv.training.confusion import Confusion
from eruv.training.encoder_folder import weights_digest
from eruv.utils.errors import EruvError

RESULT = "recognition.json"
TOP = 5


def recognition(
    model: Path | str,
    data: LabelledVideos,
    *,
    device: str = "auto",
    loader_workers: int | None = None,
) -> dict[str, Any]:
    """Test a classifier on the test videos of a data set.

    The result is also written to recognition.json, and read from there when nothing changed.

    Args:
        model: folder made by `finetune`.
        data: whose test videos are classified.
        device: auto, cpu or cuda.
        loader_workers: processes that read clips; None chooses.

    Returns:
        top1, top5, top5_of (5, or the number of classes where there are fewer), class_accuracy
        (None for a class without a test video), mean_class_accuracy, confusion (rows are the true
        classes), chance, and what was measured on what.

    Raises:
        EruvError: if there is no classifier, if it knows other classes, or if there is nothing to
            test on.
    """
    folder = Path(model)
    classifier = load_classifier(folder)
    if classifier.classes != data.classes:
        raise EruvError(
            f"{folder} tells {len(classifier.classes)} classes apart, which are not the "
            f"{len(data.classes)} of {data.name}. Name the data set that it was trained on."
        )
    if not data.test:
        raise EruvError(f"{data.name} has no test videos. Look at its split.")
    weights = weights_digest(folder)
    asked = {
        "data": data.name,
        "videos": len(data.test),
        "fingerprint": data.fingerprint(data.test),
        "weights": weights,
        "clips_per_video": CLIPS_PER_VIDEO,
    }

    def measure() -> dict[str, Any]:
        ready = on_device(classifier, device)
        logits = rows_of_videos(
            data,
            data.test,
            classifier.size,
            ready.of_video,
            folder,
            {"logits": weights},
            device=device,
            workers=loader_workers,
            title="recognition",
        )
        numbers = {name: number for number, name in enumerate(data.classes)}
        labels = torch.tensor([numbers[video.label] for video in data.test])
        return scores(torch.from_numpy(logits), labels, data.classes)

    return kept(folder / RESULT, asked, measure)


def scores(logits_VC: Tensor, labels_V: Tensor, classes: tuple[str, ...]) -> dict[str, Any]:
    """What logits are worth.

    Args:
        logits_VC: of V videos for C classes.
        labels_V: numbers of the true classes.
        classes: C names.

    Returns:
        See `recognition`.
    """
    num_classes = len(classes)
    top = min(TOP, num_classes)
    best_VK = logits_VC.topk(top, dim=1).indices
    cells = labels_V * num_classes + logits_VC.argmax(dim=1)
    counts = cells.bincount(minlength=num_classes**2).view(num_classes, num_classes)
    loss = torch.nn.functional.cross_entropy(logits_VC, labels_V)
    confusion = Confusion(counts, float(loss))
    hits = (best_VK == labels_V[:, None]).any(dim=1)
    return {
        "top1": confusion.accuracy,
        "top5": int(hits.sum()) / len(hits),
        "top5_of": top,
        "mean_class_accuracy": confusion.mean_accuracy,
        "chance": 1 / num_classes,
        "loss": confusion.loss,
        "class_accuracy": dict(zip(classes, confusion.class_accuracy, strict=True)),
        "confusion": counts.tolist(),
    }
