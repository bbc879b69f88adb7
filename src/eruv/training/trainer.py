"""The one trainer: data, network and loss of a stage become trained weights in a folder."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from itertools import islice
from typing import Any, ClassVar

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.optim.swa_utils import update_bn

from eruv.models.inputs import with_channels_last
from eruv.pretext.task import VALIDATION
from eruv.training.adaptive_loader import training_loader
from eruv.training.base_config import Keep, TrainingConfig
from eruv.training.confusion import Confusion, measure_confusion
from eruv.training.device import autocast, make_accelerator, torch_threads
from eruv.training.loader import Batch, ClipDataset, Loader, TrainingBatches
from eruv.training.loop import (
    Best,
    Loop,
    LoopSettings,
    StepLoss,
    Validation,
    classification_loss,
)
from eruv.training.optimizer import make_optimizer
from eruv.training.processes import lock_for_all, on_main_process, synchronised
from eruv.training.run_folder import RunFolder
from eruv.training.samples import Key
from eruv.training.schedule import Schedule
from eruv.utils.console import logged

LOG_FILE = "log.txt"


class TrainingStage(ABC):
    """What one kind of training brings; the rest is the same for all of them.

    Attributes:
        name: pretrain or finetune.
        config: as resolved at the start.
        dataset: samples by key, in the streams TRAINING and VALIDATION.
        classes: names, in the order of the labels.
        unit: what samples are called, in the plural.
        counted_as: pairs or clips: what done.json calls them.
        facts: what done.json holds besides.
        keep: which validation is the best.
        num_validation: samples of the validation set.
        batch_norm_batches: over which running statistics are recomputed before a validation.
    """

    name: ClassVar[str]
    counted_as: ClassVar[str]
    config: TrainingConfig
    dataset: ClipDataset
    classes: tuple[str, ...]
    unit: str
    facts: dict[str, Any]
    keep: Keep
    num_validation: int
    batch_norm_batches: int

    @abstractmethod
    def num_steps(self, samples_per_step: int) -> tuple[int, int]:
        """Steps of the whole training, and between two validations."""

    @abstractmethod
    def make_network(self) -> nn.Module:
        """The network before its first step; the seed decides its new weights."""

    def loss(self, model: nn.Module, clips: Tensor, labels: Tensor) -> StepLoss:
        """What a step descends; see `eruv.training.loop.LossFunction`."""
        return classification_loss(model, clips, labels)

    @abstractmethod
    def summarise(self, found: Confusion) -> Validation:
        """The metrics that a validation is judged by."""

    @abstractmethod
    def save(
        self, network: nn.Module, step: int, samples_seen: int, validation: Validation
    ) -> None:
        """Write the network, whose validation is the best so far."""


class Trainer:
    """One training.

    Args:
        stage: what is trained.
        run: its folder, started.
        accelerator: device and the other processes.
    """

    def __init__(self, stage: TrainingStage, run: RunFolder, accelerator: Accelerator) -> None:
        self.stage, self.run, self.accelerator = stage, run, accelerator
        self.config = config = stage.config
        network = synchronised(with_channels_last(stage.make_network()), accelerator)
        if config.compile and accelerator.device.type == "cuda":
            network.compile()  # in place: the names of the weights stay
        optimizer = make_optimizer(network, config.optimizer)
        self.model, self.optimizer = accelerator.prepare(network, optimizer)
        self.samples_per_step = config.batch_size * accelerator.num_processes
        self.total_steps, self.validate_steps = stage.num_steps(self.samples_per_step)
        workers = 1 if config.loader_workers is None else config.loader_workers
        self.validation_loader = Loader(
            stage.dataset, self._validation_batches(), workers, device=accelerator.device
        )

    def train(self) -> tuple[Best, float]:
        """Train to the end.

        Returns:
            The validation whose weights were saved, and the seconds that it took.
        """
        config, stage = self.config, self.stage
        loop = Loop(
            accelerator=self.accelerator,
            model=self.model,
            optimizer=self.optimizer,
            schedule=Schedule(config.schedule, config.optimizer.learning_rate, self.total_steps),
            settings=LoopSettings(
                total_steps=self.total_steps,
                validate_steps=self.validate_steps,
                checkpoint_interval_s=config.checkpoint_interval_s,
                samples_per_step=self.samples_per_step,
                seed=config.seed,
                keep=stage.keep,
                unit=stage.unit,
            ),
            batches=self._batches_from,
            validate=self._validate,
            keep=self._keep,
            folder=self.run.folder,
            title=stage.name,
            loss=stage.loss,
            precision=config.precision,
        )
        return loop.run(), loop.seconds

    @property
    def network(self) -> nn.Module:
        """What is validated and saved.

        Unwrapped: the processes may have unequal numbers of batches, and must not wait.
        """
        network: nn.Module = self.accelerator.unwrap_model(self.model)
        return network

    def _batches_from(self, first_step: int) -> Iterable[Batch]:
        config, accelerator = self.config, self.accelerator

        def make(step: int, workers: int, ahead: int) -> Loader:
            batches = TrainingBatches(
                config.batch_size,
                step,
                self.total_steps,
                accelerator.process_index,
                accelerator.num_processes,
            )
            return Loader(self.stage.dataset, batches, workers, ahead, device=accelerator.device)

        return training_loader(
            make, first_step, config.loader_workers, config.batch_size, accelerator
        )

    def _validation_batches(self) -> list[list[Key]]:
        """First the batches for batch norm, then this process's part of the fixed set."""
        size, accelerator = self.config.batch_size, self.accelerator
        # The same ones in every process, which then measure one and the same network.
        batch_norm = TrainingBatches(size, 0, self.stage.batch_norm_batches)
        mine = range(
            accelerator.process_index, self.stage.num_validation, accelerator.num_processes
        )
        keys = [(VALIDATION, number) for number in mine]
        return [*batch_norm, *(keys[start : start + size] for start in range(0, len(keys), size))]

    def _validate(self) -> Validation:
        batches, stage = iter(self.validation_loader), self.stage
        network, precision = self.network, self.config.precision
        if stage.batch_norm_batches:
            clips = (clips for clips, _ in islice(batches, stage.batch_norm_batches))
            with autocast(self.accelerator.device, precision):
                update_bn(clips, network)
        found = measure_confusion(network, batches, len(stage.classes), self.accelerator, precision)
        return stage.summarise(found)

    def _keep(self, step: int, validation: Validation) -> None:
        if self.accelerator.is_main_process:
            self.stage.save(self.network, step, step * self.samples_per_step, validation)


def train(
    run: RunFolder,
    device: str,
    start: Callable[[int], None],
    open_stage: Callable[[torch.device], TrainingStage],
) -> dict[str, Any]:
    """Start a training, or go on with it, to its end.

    Args:
        run: its folder, made where there is none.
        device: "cpu" or "cuda".
        start: of the number of processes: starts the run, or refuses to go on with it.
        open_stage: of the device: what is trained, once the run is started.

    Returns:
        What done.json holds.

    Raises:
        EruvError: as `start` does; or if training fails or is interrupted.
    """
    run.folder.mkdir(parents=True, exist_ok=True)
    accelerator = make_accelerator(device)

    def is_finished() -> bool:
        start(accelerator.num_processes)
        return run.finished

    with ExitStack() as stack:
        lock_for_all(stack, accelerator, run.folder)
        if accelerator.is_main_process:
            stack.enter_context(logged(run.folder / LOG_FILE))
        if not on_main_process(accelerator, is_finished):
            stack.enter_context(torch_threads(run.read("run.json")["config"]["threads"]))
            stage = open_stage(accelerator.device)
            trainer = Trainer(stage, run, accelerator)
            best, seconds = trainer.train()
            done = {
                "steps": trainer.total_steps,
                f"{stage.counted_as}_seen": trainer.total_steps * trainer.samples_per_step,
                "best_step": best.step,
                "best_accuracy": best.accuracy,
                "best_loss": best.loss,
                "seconds": seconds,
            }
            on_main_process(accelerator, lambda: run.write("done.json", stage.facts | done))
    return run.read("done.json")
