"""Action recognition on test videos by ten clips each (fact 4)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from eruv.datasets.labelled_library import open_labelled
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.evaluation.features import CLIPS_PER_VIDEO, Extractor, on_device
from eruv.evaluation.saved_result import saved_result
from eruv.models.classifier import Classifier, load_classifier
from eruv.models.saving import weights_digest
from eruv.training.confusion import Confusion
from eruv.training.device import choose_device
from eruv.utils.errors import EruvError
from eruv.utils.results import Result

RESULT = "recognition.json"
TOP = 5


@dataclass(frozen=True)
class Recognition(Result):
    """How well a classifier tells the classes of test videos.

    Attributes:
        data: name of the data set.
        videos: how many were classified.
        fingerprint, weights: digests of those videos and of the classifier.
        clips_per_video: whose mean logits decide.
        top1, top5: shares of videos whose class is the best, or among the best `top5_of`.
        top5_of: 5, or the number of classes where there are fewer.
        mean_class_accuracy: mean over the classes that have test videos.
        chance: of guessing.
        loss: mean cross-entropy.
        class_accuracy: None for a class without a test video.
        confusion: counts; rows are the true classes.
    """

    data: str
    videos: int
    fingerprint: str
    weights: str
    clips_per_video: int
    top1: float
    top5: float
    top5_of: int
    mean_class_accuracy: float
    chance: float
    loss: float
    class_accuracy: dict[str, float | None]
    confusion: list[list[int]]


def recognition(
    model: Path | str,
    data: LabelledVideos | Path | str,
    *,
    library: Path | str | None = None,
    format: str | None = None,
    splits: Path | str | None = None,
    split: int = 1,
    workers: int | None = None,
    device: str = "auto",
    loader_workers: int | None = None,
) -> Recognition:
    """Test a classifier on the test videos of a data set.

    The result is also written to recognition.json, and read from there when nothing changed.

    Args:
        model: folder made by `finetune`.
        data: a folder, a CSV file, or opened labelled videos.
        library: folder for the proxies of the videos; by default the one in `model`.
        format, splits, split, workers: how a path is read, see `open_labelled`.
        device: auto, cpu or cuda.
        loader_workers: processes that read clips; None chooses.

    Raises:
        EruvError: if there is no classifier, if it knows other classes, or if there is nothing to
            test on.
    """
    folder = Path(model)
    classifier = load_classifier(folder)
    data = open_labelled(
        data,
        library,
        default=folder / "library",
        near=[folder],
        format=format,
        splits=splits,
        split=split,
        workers=workers,
    )
    _refuse_unfit(data, folder, classifier.classes)
    key: dict[str, Any] = {
        "data": data.name,
        "videos": len(data.test),
        "fingerprint": data.fingerprint(data.test),
        "weights": weights_digest(folder, classifier.input),
        "clips_per_video": CLIPS_PER_VIDEO,
    }

    def measure() -> Recognition:
        logits_VC = _logits(folder, classifier, key["weights"], data, device, loader_workers)
        labels_V = torch.tensor(data.class_numbers(data.test))
        return Recognition(**key, **scores(logits_VC, labels_V, data.classes))

    return saved_result(Recognition, folder / RESULT, key, measure)


def correct_videos(
    model: Path, data: LabelledVideos, device: str = "auto", loader_workers: int | None = None
) -> list[bool]:
    """Whether each test video got its class, in their order; quick after `recognition`."""
    classifier = load_classifier(model)
    weights = weights_digest(model, classifier.input)
    logits_VC = _logits(model, classifier, weights, data, device, loader_workers)
    labels_V = torch.tensor(data.class_numbers(data.test))
    right: list[bool] = (logits_VC.argmax(dim=1) == labels_V).tolist()
    return right


def _logits(
    folder: Path,
    classifier: Classifier,
    weights: str,
    data: LabelledVideos,
    device: str,
    loader_workers: int | None,
) -> Tensor:
    """Mean logits (V, C) of the test videos, saved in the folder."""
    chosen = choose_device(device)
    network = on_device(classifier, chosen)
    extractor = Extractor(data, classifier.size, network, chosen, loader_workers)
    logits = extractor.rows_by_key(data.test, folder, {"logits": weights}, "recognition")
    return torch.from_numpy(logits)


def _refuse_unfit(data: LabelledVideos, folder: Path, classes: tuple[str, ...]) -> None:
    if classes != data.classes:
        raise EruvError(
            f"{folder} tells {len(classes)} classes apart, which are not the "
            f"{len(data.classes)} of {data.name}. Pass the data set that it was trained on."
        )
    if not data.test:
        raise EruvError(f"{data.name} has no test videos. Check its split.")


def scores(logits_VC: Tensor, labels_V: Tensor, classes: tuple[str, ...]) -> dict[str, Any]:
    """What logits are worth.

    Args:
        logits_VC: of V videos for C classes.
        labels_V: numbers of the true classes.
        classes: C names.

    Returns:
        The fields of `Recognition` from top1 on.
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
