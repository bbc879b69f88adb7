"""Training on labels, from scratch or from an encoder (fact 3): videos become a classifier."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn

from eruv.datasets.labelled_videos import LabelledVideos
from eruv.models.classifier import Classifier, save_classifier
from eruv.models.encoder import load
from eruv.models.saving import size_arguments
from eruv.training.confusion import Confusion
from eruv.training.device import choose_device
from eruv.training.finetune_config import FinetuneConfig
from eruv.training.labelled_clips import LabelledClips
from eruv.training.labelled_split import divide
from eruv.training.loop import Validation
from eruv.training.run_folder import RunFolder
from eruv.training.start import (
    for_this_machine,
    init_of,
    load_backbone,
    refuse_other_settings,
    write_start,
)
from eruv.training.trainer import TrainingStage, train
from eruv.utils.console import say


def train_classifier(
    data: LabelledVideos,
    to: Path | str,
    config: FinetuneConfig | None = None,
    *,
    init: Path | str | None = None,
    device: str = "auto",
) -> dict[str, Any]:
    """Train a classifier on labelled videos; called again, it continues where it stopped.

    `eruv.finetune` does this and tests the classifier.

    Args:
        data: whose training list is learned; its test list is not looked at.
        to: folder of the classifier; `eruv.load_classifier(to)` gives it back.
        config: None takes the paper's.
        init: folder of an encoder to fine-tune, with a new linear layer; None trains from scratch.
        device: auto, cpu or cuda.

    Returns:
        What done.json holds: steps, clips_seen, best_step, best_accuracy, best_loss, seconds.

    Raises:
        EruvError: if the training was started with other settings, if there are too few videos,
            or if it fails or is interrupted.
    """
    run, device = RunFolder(Path(to)), choose_device(device)
    config = config or FinetuneConfig()

    def start(processes: int) -> None:
        if run.started:
            stored = run.settings(FinetuneStage.name)["data"]["fingerprint"]
            changed = {"the training videos": data.fingerprint(data.train) != stored}
            refuse_other_settings(run, FinetuneStage.name, config, init, processes, device, changed)
        else:
            start_finetuning(run, data, config, init, processes, device)

    return train(run, device, start, lambda on: FinetuneStage(run, data, on))


def start_finetuning(
    run: RunFolder,
    data: LabelledVideos,
    config: FinetuneConfig,
    init: Path | str | None,
    processes: int,
    device: str,
) -> None:
    """Settle network, videos, threads and precision; run.json has all of it.

    Raises:
        EruvError: if the data set is too small, or `init` does not fit.
    """
    encoder = load(init) if init is not None else None
    resolved = for_this_machine(config.resolved(encoder), device, processes)
    divided = divide(data, resolved.labels_per_class, resolved.held_out, resolved.seed)
    make_classifier(resolved, data.classes, init)  # a wrong init is refused before run.json
    say(
        f"{data.name}: {len(divided.training)} videos of {len(data.classes)} classes to train on, "
        f"{len(divided.held_out)} held out"
    )
    facts = {
        "data": {
            "name": data.name,
            "classes": data.classes,
            "fingerprint": data.fingerprint(data.train),
            "training": len(divided.training),
            "held_out": [
                [data.video_ids[video.video], video.start, video.end] for video in divided.held_out
            ],
        }
    }
    stage, library = FinetuneStage.name, data.library.folder
    write_start(run, stage, config, resolved, init, processes, library, facts)


class FinetuneStage(TrainingStage):
    """A started training on labels.

    Args:
        run: its folder.
        data: that it was started on.
        device: that batches are for.
    """

    name, counted_as, unit = "finetune", "clips", "clips"

    def __init__(self, run: RunFolder, data: LabelledVideos, device: torch.device) -> None:
        self.run, self.data = run, data
        self.stored = run.settings(self.name)
        self.config: FinetuneConfig = run.configuration(self.name, FinetuneConfig)
        config = self.config
        self.divided = divide(data, config.labels_per_class, config.held_out, config.seed)
        # Where nothing is held out, the metrics of the one validation are those of training.
        measured = self.divided.held_out or self.divided.training
        assert config.size is not None
        self.dataset = LabelledClips(
            data, self.divided.training, measured, config.size, config.seed, device
        )
        self.classes, self.num_validation = data.classes, len(measured)
        self.batch_norm_batches = config.batch_norm_batches
        self.keep = "loss"
        self.facts = {}

    def num_steps(self, samples_per_step: int) -> tuple[int, int]:
        epoch_steps = len(self.divided.training) / samples_per_step
        total = self.config.steps or math.ceil(self.config.epochs * epoch_steps)
        every = self.config.validate_steps or max(1, round(epoch_steps))
        return total, every if self.divided.held_out else total

    def make_network(self) -> Classifier:
        return make_classifier(self.config, self.classes, init_of(self.run, self.stored))

    def summarise(self, found: Confusion) -> Validation:
        return Validation(found.loss, found.accuracy)

    def save(
        self, network: nn.Module, step: int, samples_seen: int, validation: Validation
    ) -> None:
        assert isinstance(network, Classifier)
        details = {
            "data": self.data.name,
            "init": Path(self.stored["init"]).name if self.stored["init"] else None,
            "training": len(self.divided.training),
            "held_out": len(self.divided.held_out),
            "step": step,
            "clips_seen": samples_seen,
            "accuracy": validation.accuracy,
            "loss": validation.loss,
            "proxy": asdict(self.data.library.settings.proxy),
        }
        save_classifier(self.run.folder, network, details, self.config.seed)


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
    assert config.backbone is not None
    assert config.width is not None
    assert config.size is not None
    sizes = size_arguments(config.size)
    input = config.input or "rgb"  # trainings of earlier versions do not name it
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        classifier = Classifier(list(classes), config.backbone, config.width, **sizes, input=input)
    if init is not None:
        backbone = load_backbone(init, config.backbone, config.width, input)
        classifier.backbone.load_state_dict(backbone.state_dict())
    return classifier
