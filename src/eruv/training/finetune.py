"""Training on labels, from scratch or from an encoder (fact 3): videos become a classifier."""

import math
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator

from eruv.datasets.labelled_videos import LabelledVideos
from eruv.models.inputs import with_channels_last
from eruv.pretext.task import VALIDATION
from eruv.training.adaptive_loader import training_loader
from eruv.training.batch_norm import recompute_batch_norm
from eruv.training.classifier_folder import save_classifier
from eruv.training.confusion import measure_confusion
from eruv.training.device import choose_device, make_accelerator
from eruv.training.finetune_config import FinetuneConfig
from eruv.training.finetune_start import (
    STAGE,
    divide,
    make_classifier,
    refuse_other_training,
    start_finetuning,
)
from eruv.training.labelled_clips import LabelledClips
from eruv.training.loader import Batch, Loader, TrainingBatches
from eruv.training.loop import Loop, LoopSettings, Validation
from eruv.training.optimizer import make_optimizer
from eruv.training.processes import by_the_first, lock_for_all, synchronised
from eruv.training.run_folder import RunFolder
from eruv.training.samples import Key
from eruv.training.schedule import Schedule


def finetune(
    data: LabelledVideos,
    to: Path | str,
    config: FinetuneConfig | None = None,
    *,
    init: Path | str | None = None,
    device: str = "auto",
) -> dict[str, Any]:
    """Train a classifier on labelled videos; called again, it goes on where it stopped.

    Args:
        data: whose training list is learned; its test list is not looked at.
        to: folder of the classifier; `eruv.load_classifier(to)` gives it back.
        config: None takes the paper's.
        init: folder of an encoder to fine-tune, with a new linear layer; None trains from scratch.
        device: auto, cpu or cuda.

    Returns:
        What done.json holds: steps, clips seen, seconds, and the best validation.

    Raises:
        EruvError: if the training was started with other settings, if there are too few videos,
            or if it fails or is interrupted.
    """
    run = RunFolder(Path(to))
    device = choose_device(device)
    wanted = config or FinetuneConfig()
    run.folder.mkdir(parents=True, exist_ok=True)
    accelerator = make_accelerator(device)
    processes = accelerator.num_processes

    def start() -> bool:
        if run.started:
            refuse_other_training(run, data, wanted, init, processes)
        else:
            start_finetuning(run, data, wanted, init, processes)
        return run.finished

    with ExitStack() as stack:
        lock_for_all(stack, accelerator, run.folder)
        if not by_the_first(accelerator, start):
            done = Finetuning(run, data, accelerator).work()
            by_the_first(accelerator, lambda: run.write("done.json", done))
    return run.read("done.json")


class Finetuning:
    """One training on labels at work.

    Args:
        run: a started training.
        data: that it was started on.
        accelerator: device, precision and the other processes.
    """

    def __init__(self, run: RunFolder, data: LabelledVideos, accelerator: Accelerator) -> None:
        self.run = run
        self.data = data
        stored = run.settings(STAGE)
        self.init: str | None = stored["init"]
        self.config = FinetuneConfig.from_dict(stored["config"])
        assert self.config.threads is not None
        assert self.config.size is not None
        torch.set_num_threads(self.config.threads)
        self.accelerator = accelerator
        self.divided = divide(data, self.config)
        # Where nothing is held out, the figures of the one validation are those of training.
        self.measured = self.divided.held_out or self.divided.training
        self.clips = LabelledClips(
            data,
            self.divided.training,
            self.measured,
            self.config.size,
            self.config.seed,
            accelerator.device,
        )
        network = make_classifier(self.config, data.classes, self.init)
        network = synchronised(with_channels_last(network), accelerator)
        if self.config.compile and accelerator.device.type == "cuda":
            network.compile()  # in place: the names of the weights stay
        optimizer = make_optimizer(network, self.config.optimizer)
        self.model, self.optimizer = accelerator.prepare(network, optimizer)
        self.settings = self._loop_settings()
        workers = 1 if self.config.loader_workers is None else self.config.loader_workers
        self.validation_loader = Loader(
            self.clips, self._validation_batches(), workers, device=accelerator.device
        )

    def work(self) -> dict[str, Any]:
        """Train to the end.

        Returns:
            What done.json holds.
        """
        rate, steps = self.config.optimizer.learning_rate, self.settings.total_steps
        loop = Loop(
            accelerator=self.accelerator,
            model=self.model,
            optimizer=self.optimizer,
            schedule=Schedule(self.config.schedule, rate, steps),
            settings=self.settings,
            batches=self._batches_from,
            validate=self._validate,
            keep=self._keep,
            folder=self.run.folder,
            title="finetune",
        )
        best = loop.run()
        return {
            "steps": steps,
            "clips_seen": steps * self.settings.samples_per_step,
            "best_step": best.step,
            "best_accuracy": best.accuracy,
            "best_loss": best.loss,
            "seconds": loop.seconds,
        }

    def _loop_settings(self) -> LoopSettings:
        config = self.config
        per_step = config.batch_size * self.accelerator.num_processes
        epoch_steps = len(self.divided.training) / per_step
        total_steps = config.steps or math.ceil(config.epochs * epoch_steps)
        every = config.validate_steps or max(1, round(epoch_steps))
        return LoopSettings(
            total_steps=total_steps,
            validate_steps=every if self.divided.held_out else total_steps,
            checkpoint_interval_s=config.checkpoint_interval_s,
            samples_per_step=per_step,
            keep="loss",
            unit="clips",
        )

    def _batches_from(self, first_step: int) -> Iterable[Batch]:
        config, accelerator = self.config, self.accelerator

        def make(step: int, workers: int, ahead: int) -> Loader:
            batches = TrainingBatches(
                config.batch_size,
                step,
                self.settings.total_steps,
                accelerator.process_index,
                accelerator.num_processes,
            )
            return Loader(self.clips, batches, workers, ahead, device=accelerator.device)

        return training_loader(
            make, first_step, config.loader_workers, config.batch_size, accelerator
        )

    def _validation_batches(self) -> list[list[Key]]:
        """First the batches for batch norm, then this process's part of the held-out videos."""
        size = self.config.batch_size
        # The same ones in every process, which then measure one and the same network.
        batch_norm = TrainingBatches(size, 0, self.config.batch_norm_batches)
        first, step = self.accelerator.process_index, self.accelerator.num_processes
        keys = [(VALIDATION, number) for number in range(first, len(self.measured), step)]
        return [*batch_norm, *(keys[start : start + size] for start in range(0, len(keys), size))]

    def _validate(self) -> Validation:
        batches = iter(self.validation_loader)
        # Unwrapped: the processes may have unequal numbers of batches, and must not wait.
        network = self.accelerator.unwrap_model(self.model)
        count = self.config.batch_norm_batches
        if count:
            recompute_batch_norm(network, (clips for clips, _ in islice(batches, count)))
        found = measure_confusion(network, batches, len(self.data.classes), self.accelerator)
        return Validation(found.loss, found.accuracy)

    def _keep(self, step: int, validation: Validation) -> None:
        if not self.accelerator.is_main_process:
            return
        details = {
            "data": self.data.name,
            "init": self.init,
            "training": len(self.divided.training),
            "held_out": len(self.divided.held_out),
            "step": step,
            "clips_seen": step * self.settings.samples_per_step,
            "accuracy": validation.accuracy,
            "loss": validation.loss,
            "proxy": asdict(self.data.library.settings.proxy),
        }
        network = self.accelerator.unwrap_model(self.model)
        save_classifier(self.run.folder, network, self.config, details)
