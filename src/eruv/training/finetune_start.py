"""The start of a training on labels: everything it depends on is settled once and written down."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import torch

from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.models.classifier import Classifier
from eruv.training.classifier_folder import empty_classifier
from eruv.training.device import available_cores, versions
from eruv.training.encoder_folder import load, weights_digest
from eruv.training.finetune_config import FinetuneConfig, name_of
from eruv.training.labelled_split import few_labels, hold_out_labelled
from eruv.training.run_folder import RunFolder
from eruv.training.start import FREE_SETTINGS, absolute
from eruv.utils.console import say
from eruv.utils.errors import EruvError

STAGE = "finetune"


class Divided(NamedTuple):
    """The training list of a data set: what is trained on, and what is held out of it."""

    training: tuple[LabelledVideo, ...]
    held_out: tuple[LabelledVideo, ...]


def divide(data: LabelledVideos, config: FinetuneConfig) -> Divided:
    """What is trained on and what is held out; the seed decides.

    Raises:
        EruvError: if there is nothing to train on, or nothing can be held out.
    """
    if not data.train:
        raise EruvError(f"{data.name} has no training videos. Look at its split.")
    if len(data.classes) < 2:
        raise EruvError(
            f"{data.name} has {len(data.classes)} class; recognition needs at least two."
        )
    videos = data.train
    if config.labels_per_class is not None:
        videos = few_labels(videos, config.labels_per_class, config.seed)
    return Divided(*hold_out_labelled(videos, config.held_out, config.seed))


def start_finetuning(
    run: RunFolder,
    data: LabelledVideos,
    config: FinetuneConfig,
    init: Path | str | None,
    processes: int = 1,
) -> None:
    """Settle network, videos, threads and processes; run.json has all of it.

    Raises:
        EruvError: if the data set is too small, or `init` does not fit.
    """
    encoder = load(init) if init is not None else None
    resolved = config.resolved(encoder, max(1, available_cores() // processes))
    divided = divide(data, resolved)
    make_classifier(
        resolved, data.classes, init
    )  # a wrong init is refused before anything is written
    say(
        f"{data.name}: {len(divided.training)} videos of {len(data.classes)} classes to train on, "
        f"{len(divided.held_out)} held out"
    )
    run.write(
        "run.json",
        {
            "stage": STAGE,
            "asked": config.to_dict(),
            "config": resolved.to_dict(),
            "init": absolute(init),
            "init_weights": weights_digest(init) if init is not None else None,
            "processes": processes,
            "library": os.path.relpath(data.library.folder, run.folder),
            "data": {
                "name": data.name,
                "classes": data.classes,
                "fingerprint": data.fingerprint(data.train),
                "training": len(divided.training),
                "held_out": [
                    [data.video_ids[video.video], video.start, video.end]
                    for video in divided.held_out
                ],
            },
            "versions": versions(),
        },
    )


def refuse_other_training(
    run: RunFolder,
    data: LabelledVideos,
    config: FinetuneConfig,
    init: Path | str | None,
    processes: int = 1,
) -> None:
    """Make sure that a training goes on as it was started.

    Raises:
        EruvError: if anything that shapes the result differs.
    """
    stored: dict[str, Any] = run.settings(STAGE)
    asked, before = config.to_dict(), FinetuneConfig.from_dict(stored["asked"]).to_dict()
    differing = [
        name for name in asked if name not in FREE_SETTINGS and asked[name] != before[name]
    ]
    if absolute(init) != stored["init"]:
        differing.append("the encoder to start from")
    elif init is not None and weights_digest(init) != stored["init_weights"]:
        differing.append(f"{init}, which was trained further or anew since")
    if data.fingerprint(data.train) != stored["data"]["fingerprint"]:
        differing.append("the training videos")
    if processes != stored["processes"]:
        differing.append(f"{stored['processes']} processes")
    if differing:
        raise EruvError(
            f"the training {run.folder} was started with other settings: {', '.join(differing)} "
            f"(run.json has them all). Use the same ones to go on, or another --to."
        )
    threads = stored["config"]["threads"]
    if config.threads not in (None, threads):
        say(f"this training was started with {threads} threads and goes on with them")


def make_classifier(
    config: FinetuneConfig, classes: tuple[str, ...], init: Path | str | None
) -> Classifier:
    """The network before its first step; the seed decides its new weights.

    Args:
        config: resolved.
        classes: of the data set.
        init: encoder whose backbone it starts with, statistics of batch norm included.

    Raises:
        EruvError: if the encoder is of another kind than configured.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        classifier = empty_classifier(config, classes)
    if init is not None:
        backbone = load(init).backbone
        found, asked = (name_of(backbone), backbone.width), (config.backbone, config.width)
        if found != asked:
            raise EruvError(
                f"the encoder {init} is a {found[0]} of width {found[1]}, and the configuration "
                f"has a {asked[0]} of width {asked[1]}. Leave backbone and width out."
            )
        classifier.backbone.load_state_dict(backbone.state_dict())
    return classifier
