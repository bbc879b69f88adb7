"""`eruv finetune`: a classifier is trained on labelled videos, then tested on others."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from eruv.datasets.labelled_library import open_labelled
from eruv.datasets.labelled_videos import LabelledVideos
from eruv.evaluation.recognition import Recognition, recognition
from eruv.models.encoder import load
from eruv.training.device import choose_device, make_accelerator
from eruv.training.finetune import train_classifier
from eruv.training.finetune_config import FinetuneConfig
from eruv.training.processes import on_main_process
from eruv.utils.results import Result


@dataclass(frozen=True)
class FinetuneResult(Result):
    """A finished training on labels, and its test.

    Attributes:
        model: folder of the classifier; `eruv.load_classifier(model)` gives it back.
        data: name of the data set.
        steps, clips_seen: length of the training.
        best_step, best_accuracy, best_loss: of the validation whose weights were kept.
        seconds: of training, earlier calls included.
        test: what `recognition` found on the test videos; None where there are none, and in all
            but the first of several processes.
    """

    model: str
    data: str
    steps: int
    clips_seen: int
    best_step: int
    best_accuracy: float
    best_loss: float
    seconds: float
    test: Recognition | None = None


def finetune(
    data: LabelledVideos | Path | str,
    to: Path | str,
    config: FinetuneConfig | None = None,
    *,
    init: Path | str | None = None,
    library: Path | str | None = None,
    format: str | None = None,
    splits: Path | str | None = None,
    split: int = 1,
    workers: int | None = None,
    device: str = "auto",
) -> FinetuneResult:
    """Train a classifier on labelled videos, then test it; called again, it continues.

    On CPU with glibc, the process gives no memory back to the system any more, which makes steps
    faster; torch has the caller's number of threads again afterwards.

    Args:
        data: a folder or CSV file of labelled videos, or opened ones.
        to: folder of the classifier; `eruv.load_classifier(to)` gives it back.
        config: None takes the paper's.
        init: folder of an encoder to fine-tune, with a new linear layer; None trains from scratch.
        library: that the videos are read from, made where there is none; None takes one
            beside `to` or `init` that holds the videos already, or else one in `to`.
        format, splits, split, workers: how a path is read, see `open_labelled`.
        device: auto, cpu or cuda.

    Raises:
        EruvError: if the data cannot be read, if the training was started with other settings, if
            there are too few videos, or if it fails or is interrupted.
    """
    to, device, config = Path(to), choose_device(device), config or FinetuneConfig()
    if init is not None:
        load(init)  # a folder without an encoder is refused before videos are read for long

    opened = partial(
        open_labelled,
        data,
        library,
        default=to / "library",
        near=[to] if init is None else [to, init],
        format=format,
        splits=splits,
        split=split,
        workers=workers,
    )
    videos = on_main_process(make_accelerator(device), opened)
    done = train_classifier(videos, to, config, init=init, device=device)
    test = None
    # Of several processes that torchrun started, one tests.
    if videos.test and os.environ.get("RANK", "0") == "0":
        test = recognition(to, videos, device=device, loader_workers=config.loader_workers)
    return FinetuneResult(model=str(to), data=videos.name, **done, test=test)
