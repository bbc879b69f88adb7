"""Pre-training: a library becomes an encoder."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator

from eruv.library.catalogue import Library
from eruv.models.inputs import with_channels_last
from eruv.pretext.task import TRAINING, VALIDATION
from eruv.recipes import recipe_for
from eruv.training.adaptive_loader import training_loader
from eruv.training.batch_norm import recompute_batch_norm
from eruv.training.config import PretrainConfig
from eruv.training.confusion import measure_confusion
from eruv.training.device import choose_device, make_accelerator
from eruv.training.encoder_folder import save_encoder
from eruv.training.loader import Batch, Loader, TrainingBatches
from eruv.training.loop import Loop, LoopSettings, Validation
from eruv.training.optimizer import make_optimizer
from eruv.training.processes import by_the_first, lock_for_all, synchronised
from eruv.training.run_folder import RunFolder
from eruv.training.samples import Key, SampleDataset
from eruv.training.schedule import Schedule
from eruv.training.start import make_network, refuse_other_settings, sample_source, start_run


def pretrain(
    library: Path | str,
    to: Path | str,
    config: PretrainConfig | None = None,
    *,
    init: Path | str | None = None,
    device: str = "auto",
) -> dict[str, Any]:
    """Train an encoder on a library; called again, it goes on where it stopped.

    Args:
        library: folder made by `ingest`.
        to: folder of the run.
        config: None takes the recipe for the device: the paper's on CUDA, a small one on CPU.
        init: folder of an earlier encoder to start from.
        device: auto, cpu or cuda.

    Returns:
        What done.json holds: pretext, steps, pairs seen, seconds, and the validation whose weights
        were kept.

    Raises:
        EruvError: if the run was started with other settings, if the library is too small, or
            if training fails or is interrupted.
    """
    run = RunFolder(Path(to))
    device = choose_device(device)
    wanted = config or recipe_for(device)
    opened = Library(Path(library))
    run.folder.mkdir(parents=True, exist_ok=True)
    accelerator = make_accelerator(device)
    processes = accelerator.num_processes

    def start() -> bool:
        if run.started:
            refuse_other_settings(run, opened.folder, wanted, init, processes)
        else:
            start_run(run, opened, wanted, init, processes)
        return run.finished

    with ExitStack() as stack:
        lock_for_all(stack, accelerator, run.folder)
        if not by_the_first(accelerator, start):
            done = Pretraining(run, opened, accelerator).work()
            by_the_first(accelerator, lambda: run.write("done.json", done))
    return run.read("done.json")


class Pretraining:
    """One run at work.

    Args:
        run: a started run.
        library: that it was started on.
        accelerator: device, precision and the other processes.
    """

    def __init__(self, run: RunFolder, library: Library, accelerator: Accelerator) -> None:
        self.run = run
        self.config = run.config
        assert self.config.threads is not None
        torch.set_num_threads(self.config.threads)
        self.accelerator = accelerator
        sources = {
            stream: sample_source(data, library, self.config, self.config.seed, accelerator.device)
            for stream, data in ((TRAINING, run.training_data), (VALIDATION, run.held_out_data))
        }
        self.dataset = SampleDataset(sources)
        training = sources[TRAINING].open()
        self.task, self.epoch_pairs = training.task, training.epoch_size
        self.held_out_labels = sources[VALIDATION].open().labels
        network = make_network(self.config, self.task, run.read("run.json")["init"])
        network = synchronised(with_channels_last(network), accelerator)
        if self.config.compile and accelerator.device.type == "cuda":
            network.compile()  # in place: the names of the weights stay
        optimizer = make_optimizer(network, self.config.optimizer)
        self.model, self.optimizer = self.accelerator.prepare(network, optimizer)
        self.settings = self._loop_settings()
        workers = 1 if self.config.loader_workers is None else self.config.loader_workers
        self.validation_loader = Loader(
            self.dataset, self._validation_batches(), workers, device=accelerator.device
        )

    def work(self) -> dict[str, Any]:
        """Train to the end.

        Returns:
            What done.json holds.
        """
        loop = Loop(
            accelerator=self.accelerator,
            model=self.model,
            optimizer=self.optimizer,
            schedule=Schedule(
                self.config.schedule,
                self.config.optimizer.learning_rate,
                self.settings.total_steps,
            ),
            settings=self.settings,
            batches=self._batches_from,
            validate=self._validate,
            keep=self._keep,
            folder=self.run.folder,
            title="pretrain",
        )
        best = loop.run()
        return {
            "pretext": self.config.pretext,
            "steps": self.settings.total_steps,
            "pairs_seen": self.settings.total_steps * self.settings.samples_per_step,
            "best_step": best.step,
            "best_accuracy": best.accuracy,
            "best_loss": best.loss,
            "seconds": loop.seconds,
        }

    def _loop_settings(self) -> LoopSettings:
        config = self.config
        per_step = config.batch_size * self.accelerator.num_processes
        pairs = config.pairs or config.epochs * self.epoch_pairs
        return LoopSettings(
            total_steps=max(1, pairs // per_step),
            validate_steps=max(1, (config.validation.every_pairs or self.epoch_pairs) // per_step),
            checkpoint_interval_s=config.checkpoint_interval_s,
            samples_per_step=per_step,
            seed=config.seed,
            keep=config.validation.keep,
            unit=f"{self.task.words.sample}s",
        )

    def _batches_from(self, first_step: int) -> Iterable[Batch]:
        def make(step: int, workers: int, ahead: int) -> Loader:
            batches = self._training_batches(step, self.settings.total_steps)
            device = self.accelerator.device
            return Loader(self.dataset, batches, workers, ahead, device=device)

        config = self.config
        return training_loader(
            make, first_step, config.loader_workers, config.batch_size, self.accelerator
        )

    def _training_batches(self, first_step: int, last_step: int) -> TrainingBatches:
        return TrainingBatches(
            self.config.batch_size,
            first_step,
            last_step,
            self.accelerator.process_index,
            self.accelerator.num_processes,
        )

    def _validation_batches(self) -> list[list[Key]]:
        """First the batches for batch norm, then this process's part of the fixed set."""
        # The same ones in every process, which then measure one and the same network.
        batch_norm = TrainingBatches(
            self.config.batch_size, 0, self.config.validation.batch_norm_batches
        )
        total = self.config.validation.pairs_per_relation * len(self.held_out_labels)
        mine = range(self.accelerator.process_index, total, self.accelerator.num_processes)
        keys = [(VALIDATION, number) for number in mine]
        size = self.config.batch_size
        return [*batch_norm, *(keys[start : start + size] for start in range(0, len(keys), size))]

    def _validate(self) -> Validation:
        batches = iter(self.validation_loader)
        self._fit_batch_norm(batches)
        classes = self.task.classes
        # Unwrapped: the processes may have unequal numbers of batches, and must not wait.
        network = self.accelerator.unwrap_model(self.model)
        found = measure_confusion(network, batches, len(classes), self.accelerator)
        by_class = dict(zip(classes, found.class_accuracy, strict=True))
        return Validation(found.loss, found.mean_accuracy, {"by_class": by_class})

    def _fit_batch_norm(self, batches: Iterator[Batch]) -> None:
        """Recompute running statistics from the first batches, if the configuration says so."""
        count = self.config.validation.batch_norm_batches
        if count:
            clips = (clips for clips, _ in islice(batches, count))
            recompute_batch_norm(self.accelerator.unwrap_model(self.model), clips)

    def _keep(self, step: int, validation: Validation) -> None:
        if not self.accelerator.is_main_process:
            return
        feasibility = self.run.read("run.json")["feasibility"]["training"]
        details = {
            "pretext": self.config.pretext,
            "classes": list(self.task.classes),
            "segments": feasibility["segments"],
            "videos": feasibility["videos"],
            "pairs_seen": step * self.settings.samples_per_step,
            "accuracy": validation.accuracy,
            "chance": 1 / len(self.task.classes),
        }
        network = self.accelerator.unwrap_model(self.model)
        save_encoder(self.run.folder, network, self.config, details)
