"""The one training loop: steps, validation, checkpoints, and continuing after a stop."""

import io
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer

from eruv.pretext.task import generator_for
from eruv.training.base_config import Keep
from eruv.training.checkpoint import Checkpoints
from eruv.training.device import autocast
from eruv.training.loader import Batch
from eruv.training.memory import too_large
from eruv.training.metrics import RECENT_STEPS, MetricsLog, NullLog, RecentSteps
from eruv.training.processes import agreed
from eruv.training.run_folder import RESUME
from eruv.training.schedule import Schedule
from eruv.utils.console import Progress, say
from eruv.utils.errors import EruvError, Interrupted
from eruv.utils.signals import stop_requests

LOG_STEPS = 10
ADVICE_STEPS = 2 * RECENT_STEPS  # by then the start of the loader is not among the recent ones
MOST_WAIT = 0.05  # share of the time
# What is random in a network comes from a stream of its own; 0 to 2 are samples, 3 is held out.
NOISE = 4


@dataclass(frozen=True)
class LoopSettings:
    """The length of a training, and when it looks up from its work.

    Attributes:
        total_steps: of the whole training.
        validate_steps: steps between validations; the last step always validates.
        checkpoint_interval_s: seconds between checkpoints.
        samples_per_step: over all processes.
        seed: of what is random in the network.
        keep: which validation is the best.
        unit: what samples are called.
    """

    total_steps: int
    validate_steps: int
    checkpoint_interval_s: float
    samples_per_step: int
    seed: int = 0
    keep: Keep = "accuracy"
    unit: str = "pairs"


@dataclass(frozen=True)
class Validation:
    """What a validation found."""

    loss: float
    accuracy: float
    metrics: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Best:
    """The best validation so far: the kept weights are those of this step."""

    step: int = -1
    accuracy: float = -math.inf
    loss: float = math.inf


@dataclass(frozen=True)
class StepLoss:
    """What one forward pass gives.

    Attributes:
        loss: to descend; a scalar.
        accuracy: share of the batch that was right; a scalar.
        metrics: further scalars to log, by name, the same ones in every step.
    """

    loss: Tensor
    accuracy: Tensor
    metrics: dict[str, Tensor] = field(default_factory=dict)


# Of the model in training mode (which may be wrapped: call it, once), clips and labels. What is
# random in it comes from torch's generator, seeded for the step: augment the clips here.
LossFunction = Callable[[nn.Module, Tensor, Tensor], StepLoss]


def classification_loss(model: nn.Module, clips: Tensor, labels: Tensor) -> StepLoss:
    """Cross-entropy of the model's logits."""
    logits = model(clips)
    loss = functional.cross_entropy(logits.float(), labels)
    return StepLoss(loss, (logits.detach().argmax(dim=1) == labels).float().mean())


@dataclass
class Loop:
    """One training.

    Attributes:
        accelerator, model, optimizer: as prepared.
        schedule: of the learning rate.
        batches: from a first step to the batches from there on, on the accelerator's device.
        validate: measures the model as it is; may not change its weights.
        keep: called when a validation is the best so far.
        folder: of the run.
        loss: what is descended.
        precision: of the forward pass, see `autocast`.
    """

    accelerator: Accelerator
    model: nn.Module
    optimizer: Optimizer
    schedule: Schedule
    settings: LoopSettings
    batches: Callable[[int], Iterable[Batch]]
    validate: Callable[[], Validation]
    keep: Callable[[int, Validation], None]
    folder: Path
    title: str
    loss: LossFunction = classification_loss
    precision: str = "fp32"
    seconds: float = 0.0  # of training so far, earlier calls included
    best: Best = field(default_factory=Best)

    def run(self) -> Best:
        """Train to the end, from the last checkpoint if there is one.

        Raises:
            Interrupted: after Ctrl-C or SIGTERM, with a checkpoint saved.
            EruvError: if the loss is not finite; the last good checkpoint is kept.
        """
        checkpoints = Checkpoints(self.folder / RESUME)
        first_step = self._resume(checkpoints)
        first = self.accelerator.is_main_process
        log = MetricsLog(self.folder, first_step) if first else NullLog()
        shown = None if first else io.StringIO()
        gpu = self.accelerator.device
        with (
            Progress(self.title, self.settings.total_steps, first_step, shown) as progress,
            torch.random.fork_rng(devices=[gpu] if gpu.type == "cuda" else []),
            stop_requests() as stop,
        ):
            try:
                self._train(first_step, checkpoints, log, progress, lambda: bool(stop))
            finally:
                log.close()
        return self.best

    def _train(
        self,
        first_step: int,
        checkpoints: Checkpoints,
        log: MetricsLog | NullLog,
        progress: Progress,
        stop: Callable[[], bool],
    ) -> None:
        settings, total = self.settings, self.settings.total_steps
        recent = RecentSteps(settings.unit)
        saved = time.monotonic()
        started = saved - self.seconds
        for step, batch, waited in self._timed_batches(first_step):
            metrics = self._step(step, batch)
            self._check_finite(metrics["loss"], step, checkpoints)
            recent.add(metrics, waited, settings.samples_per_step)
            done = step + 1
            if done % LOG_STEPS == 0 or done == total:
                rate = self.schedule.rate(step)
                log.write("train", done, **recent.metrics(), learning_rate=rate)
            progress.update(done, recent.text())
            if done == first_step + ADVICE_STEPS and self.accelerator.is_main_process:
                _advise(recent.metrics()["wait_share"])
            validated = done % settings.validate_steps == 0 or done == total
            late = time.monotonic() - saved > settings.checkpoint_interval_s
            late, stopping = agreed(self.accelerator, late, stop())
            if validated or late or stopping:
                self._check_finite(self._largest_weight(), step, checkpoints)
            if validated:
                self._validate(done, log)
                recent.restart_clock()
            self.seconds = time.monotonic() - started
            if validated or late or stopping:
                self._save(checkpoints, done)
                saved = time.monotonic()
            if stopping and done < total:
                raise Interrupted(
                    f"stopped at step {done} of {total}; the state is saved in "
                    f"{checkpoints.folder}. Run the same command again to continue."
                )

    def _resume(self, checkpoints: Checkpoints) -> int:
        state = checkpoints.load(self.accelerator.unwrap_model(self.model), self.optimizer)
        if state is None:
            return 0
        self.schedule.state = state["schedule"]
        self.seconds = state["seconds"]
        self.best = Best(**state["best"])
        return int(state["step"])

    def _save(self, checkpoints: Checkpoints, step: int) -> None:
        if self.accelerator.is_main_process:
            state = {
                "schedule": self.schedule.state,
                "best": vars(self.best),
                "seconds": self.seconds,
            }
            model = self.accelerator.unwrap_model(self.model)
            checkpoints.save(step, model, self.optimizer, state)
        self.accelerator.wait_for_everyone()

    def _timed_batches(self, first_step: int) -> Iterator[tuple[int, Batch, float]]:
        """Step, batch on the device, and the seconds waited for it."""
        batches = iter(self.batches(first_step))
        for step in range(first_step, self.settings.total_steps):
            started = time.monotonic()
            batch = next(batches)
            yield step, batch, time.monotonic() - started

    def _step(self, step: int, batch: Batch) -> dict[str, float]:
        clips, labels = batch
        self.model.train()
        self._seed_noise(step)
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.rate(step)
        fits = True
        try:
            found = self._descend(self.model, clips, labels)
        except torch.OutOfMemoryError:
            fits = False  # not here: the error still holds what the step needed
        if not fits:
            bare = self.accelerator.unwrap_model(self.model)
            raise too_large(partial(self._descend, bare), clips, labels, self.settings.unit)
        scalars = {"loss": found.loss, "accuracy": found.accuracy, **found.metrics}
        return {name: float(value.detach()) for name, value in scalars.items()}

    def _descend(self, model: nn.Module, clips: Tensor, labels: Tensor) -> StepLoss:
        try:
            with autocast(self.accelerator.device, self.precision):
                found = self.loss(model, clips, labels)
            self.accelerator.backward(found.loss)
            self.optimizer.step()
        finally:
            self.optimizer.zero_grad(set_to_none=True)
        return found

    def _seed_noise(self, step: int) -> None:
        """Make what is dropped in a step a function of its number, however often it is begun."""
        rank = self.accelerator.process_index
        generator = generator_for(self.settings.seed, NOISE, rank, step)
        torch.manual_seed(int(generator.integers(2**63)))

    def _largest_weight(self) -> float:
        """Not finite where any weight or statistic is not: a last finite loss proves nothing."""
        tensors = self.model.state_dict().values()
        return float(sum(one.double().abs().max() for one in tensors if one.numel()))

    def _check_finite(self, value: float, step: int, checkpoints: Checkpoints) -> None:
        if math.isfinite(value):
            return
        kept = checkpoints.all()
        raise EruvError(
            f"training diverged: loss or weights are {value} at step {step + 1}. "
            + (f"The last good state is {kept[-1]}. " if kept else "No state was saved yet. ")
            + "Train again into another folder with a lower learning rate or more warm-up."
        )

    def _validate(self, step: int, log: MetricsLog | NullLog) -> None:
        self.model.eval()
        with torch.no_grad():
            found = self.validate()
        log.write("validation", step, loss=found.loss, accuracy=found.accuracy, **found.metrics)
        self.schedule.validated(found.loss)
        better = {
            "accuracy": found.accuracy > self.best.accuracy,
            "loss": found.loss < self.best.loss,
            "last": True,
        }
        if better[self.settings.keep]:
            self.best = Best(step, found.accuracy, found.loss)
            self.keep(step, found)


def _advise(wait_share: float) -> None:
    """One line where steps wait for clips."""
    if wait_share > MOST_WAIT:
        say(
            f"{wait_share:.0%} of the time goes to waiting for clips: set loader_workers to more "
            f"processes if there are idle cores, or put the library on a faster disk"
        )
