"""What frozen features are worth for recognition: a linear probe and nearest neighbours."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from eruv.datasets.labelled_library import open_labelled
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.evaluation.feature_file import Features
from eruv.evaluation.features import Extractor, on_device
from eruv.evaluation.neighbours import nearest
from eruv.evaluation.recognition import scores
from eruv.evaluation.saved_result import saved_result
from eruv.models.backbones import name_of
from eruv.models.encoder import Encoder, load
from eruv.models.saving import weights_digest
from eruv.training.device import choose_device
from eruv.training.untrained import untrained_like
from eruv.utils.errors import EruvError
from eruv.utils.results import Result

RESULT = "probe.json"
# Inverse strengths of the regularisation among which cross-validation chooses.
STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0)
WITHOUT_CHOICE = 1.0
FOLDS = 5


@dataclass(frozen=True)
class ProbeResult(Result):
    """What frozen features are worth.

    Attributes:
        data: name of the data set.
        fingerprint, weights: digests of its videos and of the encoder.
        neighbours: k of the nearest-neighbour classifier.
        seed: of the untrained encoder's weights and of the folds.
        beside_untrained: whether an untrained encoder was measured as well.
        chance: of guessing.
        trained, untrained: linear_probe (top1, top5, top5_of, class_accuracy and the chosen
            strength) and knn_top1; None for an encoder that was not measured.
    """

    data: str
    fingerprint: str
    weights: str
    neighbours: int
    seed: int
    beside_untrained: bool
    chance: float
    trained: dict[str, Any]
    untrained: dict[str, Any] | None = None


def probe(
    run: Path | str,
    data: LabelledVideos | Path | str,
    *,
    library: Path | str | None = None,
    format: str | None = None,
    splits: Path | str | None = None,
    split: int = 1,
    workers: int | None = None,
    neighbours: int = 5,
    seed: int = 0,
    device: str = "auto",
    loader_workers: int | None = None,
    beside_untrained: bool = True,
) -> ProbeResult:
    """Measure an encoder without training it further, and an untrained one beside it.

    A video's feature is the average-pooled one, averaged over its ten clips (fact 4). Features
    are saved in the run, and the result in its probe.json; both are used again.

    Args:
        run: folder of an encoder.
        data: a folder, a CSV file, or opened labelled videos: the training list is learned, the
            test list is classified.
        library: folder for the proxies of the videos; by default one in the run.
        format, splits, split, workers: how a path is read, see `open_labelled`.
        neighbours: k of the nearest-neighbour classifier.
        seed: of the untrained encoder's weights and of the folds.
        device: auto, cpu or cuda.
        loader_workers: processes that read clips; None chooses.
        beside_untrained: whether to measure the untrained encoder as well.

    Raises:
        EruvError: if there is no encoder, or the data set is too small.
    """
    if neighbours < 1:
        raise EruvError(f"`neighbours` must be at least 1; got {neighbours}.")
    folder = Path(run)
    encoder, chosen = load(folder), choose_device(device)
    data = open_labelled(
        data,
        library,
        default=folder / "probe" / "library",
        near=[folder],
        format=format,
        splits=splits,
        split=split,
        workers=workers,
    )
    _refuse_too_small(data)
    key: dict[str, Any] = {
        "data": data.name,
        "fingerprint": data.fingerprint((*data.train, *data.test)),
        "weights": weights_digest(folder, encoder.input),
        "neighbours": neighbours,
        "seed": seed,
        "beside_untrained": beside_untrained,
    }
    measure = partial(_measure, key, folder, encoder, data, chosen, loader_workers)
    return saved_result(ProbeResult, folder / RESULT, key, measure)


def _measure(
    key: dict[str, Any],
    folder: Path,
    encoder: Encoder,
    data: LabelledVideos,
    device: str,
    loader_workers: int | None,
) -> ProbeResult:
    encoders: dict[str, tuple[Encoder, dict[str, Any]]] = {
        "trained": (encoder, {"features": key["weights"]})
    }
    if key["beside_untrained"]:
        cache_key = {
            "untrained": name_of(encoder.backbone),
            "width": encoder.backbone.width,
            "seed": key["seed"],
            "statistics": data.fingerprint(data.train),
        }
        if encoder.input != "rgb":  # files of earlier versions do not name it
            cache_key["input"] = encoder.input
        encoders["untrained"] = untrained_like(encoder, data, key["seed"]), cache_key
    found: dict[str, Any] = {}
    for name, (one, cache_key) in encoders.items():
        network = on_device(one, device)
        extractor = Extractor(data, encoder.size, network, device, loader_workers)
        train, test = (
            extractor.rows_by_key(videos, folder, cache_key, f"features, {name}, {part}")
            for part, videos in (("training", data.train), ("test", data.test))
        )
        found[name] = measure_features(train, test, data, key["neighbours"], key["seed"])
    return ProbeResult(**key, chance=1 / len(data.classes), **found)


def _refuse_too_small(data: LabelledVideos) -> None:
    if not data.test or len({video.label for video in data.train}) < 2:
        raise EruvError(
            f"{data.name} has {len(data.train)} training and {len(data.test)} test videos; a probe "
            f"needs training videos of two classes and test videos. Check its split."
        )


def measure_features(
    train_VF: Features, test_VF: Features, data: LabelledVideos, neighbours: int, seed: int
) -> dict[str, Any]:
    """Linear probe and nearest neighbours on features of the training and test videos."""
    train, test = (np.array(data.class_numbers(part)) for part in (data.train, data.test))
    files = np.array([video.video for video in data.train])
    log_probabilities, strength = linear_probe(train_VF, train, files, test_VF, seed)
    # A class without a training video is never chosen.
    logits = torch.full((len(test), len(data.classes)), -torch.inf)
    logits[:, np.unique(train)] = torch.from_numpy(log_probabilities).float()
    found = scores(logits, torch.from_numpy(test), data.classes)
    knn = nearest_neighbours(train_VF, train, test_VF, neighbours)
    return {
        "linear_probe": {
            name: found[name] for name in ("top1", "top5", "top5_of", "class_accuracy")
        }
        | {"strength": strength},
        "knn_top1": float((knn == test).mean()),
    }


def linear_probe(
    train_VF: Features,
    labels: NDArray[np.int64],
    files: NDArray[np.int64],
    test_VF: Features,
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
    # Its own logarithm warns where a probability is zero in floating point.
    probabilities = np.maximum(model.predict_proba(test_VF), np.finfo(np.float64).tiny)
    return np.log(probabilities), strength


def nearest_neighbours(
    train_VF: Features, labels: NDArray[np.int64], test_VF: Features, k: int
) -> NDArray[np.int64]:
    """The class (V,) of most of the k nearest training videos by cosine; of equals the first."""
    found = labels[nearest(test_VF, train_VF, k).positions]
    return np.array([np.bincount(votes).argmax() for votes in found])
