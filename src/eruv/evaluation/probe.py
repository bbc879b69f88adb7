"""What frozen features are worth for recognition: a linear probe and nearest neighbours."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.cache import kept
from eruv.evaluation.described import Rows, on_device, rows_of_videos
from eruv.evaluation.recognition import scores
from eruv.models.encoder import Encoder
from eruv.training.encoder_folder import load, weights_digest
from eruv.training.finetune_config import name_of
from eruv.training.untrained import untrained_like
from eruv.utils.errors import EruvError

RESULT = "probe.json"
# Inverse strengths of the regularisation among which cross-validation chooses.
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)
WITHOUT_CHOICE = 1.0
FOLDS = 5


def probe(
    run: Path | str,
    data: LabelledVideos,
    *,
    neighbours: int = 5,
    seed: int = 0,
    device: str = "auto",
    loader_workers: int | None = None,
    beside_untrained: bool = True,
) -> dict[str, Any]:
    """Measure an encoder without training it further, and an untrained one beside it.

    A video's feature is the average-pooled one, averaged over its ten clips (fact 4). Features
    are kept in the run and used again; the result is written to probe.json.

    Args:
        run: folder of an encoder.
        data: the training list is learned, the test list is classified.
        neighbours: k of the nearest-neighbour classifier.
        seed: of the untrained encoder's weights and of the folds.
        device: auto, cpu or cuda.
        loader_workers: processes that read clips; None chooses.
        beside_untrained: whether to measure the untrained encoder as well.

    Returns:
        chance, and for `trained` and (if asked for) `untrained`: linear_probe (as
        `recognition.scores` gives it, with the chosen strength) and knn_top1.

    Raises:
        EruvError: if there is no encoder, or the data set is too small.
    """
    if neighbours < 1:
        raise EruvError(f"neighbours is at least 1; got {neighbours}.")
    if not data.test or len({video.label for video in data.train}) < 2:
        raise EruvError(
            f"{data.name} has {len(data.train)} training and {len(data.test)} test videos; a probe "
            f"needs training videos of two classes and test videos. Look at its split."
        )
    folder = Path(run)
    encoder = load(folder)
    weights = weights_digest(folder)
    asked = {
        "data": data.name,
        "fingerprint": data.fingerprint((*data.train, *data.test)),
        "weights": weights,
        "neighbours": neighbours,
        "seed": seed,
        "beside_untrained": beside_untrained,
    }

    def measure() -> dict[str, Any]:
        rivals: dict[str, tuple[Encoder, dict[str, Any]]] = {
            "trained": (encoder, {"features": weights})
        }
        if beside_untrained:
            rivals["untrained"] = (
                untrained_like(encoder, data, seed),
                {"untrained": name_of(encoder.backbone), "width": encoder.backbone.width}
                | {"seed": seed, "statistics": data.fingerprint(data.train)},
            )
        return {"chance": 1 / len(data.classes)} | {
            name: measure_features(
                *_features(on_device(rival, device), data, folder, key, name, loader_workers),
                data,
                neighbours,
                seed,
            )
            for name, (rival, key) in rivals.items()
        }

    return kept(folder / RESULT, asked, measure)


def _features(
    encoder: Encoder,
    data: LabelledVideos,
    folder: Path,
    key: dict[str, Any],
    name: str,
    workers: int | None,
) -> tuple[Rows, Rows]:
    """Of the training and of the test videos; kept in `folder` by what `key` says."""
    train, test = (
        rows_of_videos(
            data,
            videos,
            encoder.size,
            partial(_feature, encoder),
            folder,
            key,
            device=next(encoder.parameters()).device.type,
            workers=workers,
            title=f"features, {name}, {part}",
        )
        for part, videos in (("training", data.train), ("test", data.test))
    )
    return train, test


@torch.no_grad()
def _feature(encoder: Encoder, clips_NTHWC: Tensor) -> Tensor:
    device = next(encoder.parameters()).device
    return encoder(clips_NTHWC.to(device)).mean(dim=0).cpu()


def measure_features(
    train_VF: Rows, test_VF: Rows, data: LabelledVideos, neighbours: int, seed: int
) -> dict[str, Any]:
    """Linear probe and nearest neighbours on features of the training and test videos."""
    train, test = _numbers(data, data.train), _numbers(data, data.test)
    files = np.array([video.video for video in data.train])
    log_probabilities, strength = linear_probe(train_VF, train, files, test_VF, seed)
    # A class without a training video is never chosen.
    logits = torch.full((len(test), len(data.classes)), -torch.inf)
    logits[:, np.unique(train)] = torch.from_numpy(log_probabilities).float()
    found = scores(logits, torch.from_numpy(test), data.classes)
    nearest = nearest_neighbours(train_VF, train, test_VF, neighbours)
    return {
        "linear_probe": {
            name: found[name] for name in ("top1", "top5", "top5_of", "class_accuracy")
        }
        | {"strength": strength},
        "knn_top1": float((nearest == test).mean()),
    }


def linear_probe(
    train_VF: Rows,
    labels: NDArray[np.int64],
    files: NDArray[np.int64],
    test_VF: Rows,
    seed: int,
) -> tuple[NDArray[np.float64], float]:
    """Logistic regression on standardised features.

    The regularisation is chosen by cross-validation among the training videos, of which those of
    one file stay in one fold.

    Returns:
        Log-probabilities (V, classes that occur in training, by number) of the test videos, and
        the chosen strength (C of scikit-learn).
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=WITHOUT_CHOICE, max_iter=2000))
    folds = min(FOLDS, min(len(np.unique(files[labels == one])) for one in np.unique(labels)))
    if folds >= 2:
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        model = GridSearchCV(model, {"logisticregression__C": STRENGTHS}, cv=splitter)
        model.fit(train_VF, labels, groups=files)
        strength = float(model.best_params_["logisticregression__C"])
    else:  # a class with one file can be in one fold only
        model.fit(train_VF, labels)
        strength = WITHOUT_CHOICE
    return model.predict_log_proba(test_VF), strength


def nearest_neighbours(
    train_VF: Rows, labels: NDArray[np.int64], test_VF: Rows, k: int
) -> NDArray[np.int64]:
    """The class (V,) of most of the k nearest training videos by cosine; of equals the first."""
    from sklearn.neighbors import KNeighborsClassifier

    k = min(k, len(train_VF))
    return KNeighborsClassifier(k, metric="cosine").fit(train_VF, labels).predict(test_VF)


def _numbers(data: LabelledVideos, videos: Sequence[LabelledVideo]) -> NDArray[np.int64]:
    numbers = {name: number for number, name in enumerate(data.classes)}
    return np.array([numbers[video.label] for video in videos], np.int64)
