"""As many loader workers as a training needs, found by measuring it."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from accelerate import Accelerator

from eruv.training.device import available_cores
from eruv.training.loader import BATCHES_AHEAD, Batch, Loader
from eruv.utils.console import say

# From a first step, a number of workers and of batches that each reads ahead.
MakeLoader = Callable[[int, int, int], Loader]

WARM_UP_BATCHES = 4  # processes start and pages are faulted in
MEASURED_BATCHES = 16
HEADROOM = 1.5  # reading speeds vary from file to file
FEWEST_AHEAD, MOST_AHEAD = 2, 8


@dataclass(frozen=True)
class Rates:
    """What was measured.

    Attributes:
        read_s: of one worker for a batch.
        longest_read_s: for a batch as slow as its slowest sample.
        step_s: for a training step, without waiting for its batch.
    """

    read_s: float
    longest_read_s: float
    step_s: float

    def workers(self, most: int) -> int:
        """Processes that read a little faster than steps are made, at most so many."""
        return min(most, max(1, math.ceil(HEADROOM * self.read_s / max(self.step_s, 1e-9))))

    def ahead(self) -> int:
        """Batches a worker reads ahead, so that no step waits for the slowest."""
        batches = 1 + math.ceil(self.longest_read_s / max(self.step_s, 1e-9))
        return min(MOST_AHEAD, max(FEWEST_AHEAD, batches))

    def text(self) -> str:
        """For people."""
        read, step = self.read_s * 1e3, self.step_s * 1e3
        return f"a batch takes {read:.0f} ms to read and {step:.0f} ms to train on"


@dataclass(frozen=True)
class AdaptiveLoader:
    """Batches from a step on; after some of them the loader is rebuilt if it is too slow.

    Attributes:
        make: makes a loader.
        first_step: of the batches.
        workers: to begin with.
        most_workers: never more.
        batch_size: samples in a batch.
        quiet: say nothing of the choice.
    """

    make: MakeLoader
    first_step: int
    workers: int
    most_workers: int
    batch_size: int
    quiet: bool = False

    def __iter__(self) -> Iterator[Batch]:
        loader = self.make(self.first_step, self.workers, FEWEST_AHEAD)
        step, step_s = self.first_step, 0.0
        for batch in loader:
            started = time.monotonic()
            yield batch
            step += 1
            done = step - self.first_step
            if done > WARM_UP_BATCHES:
                step_s += time.monotonic() - started
            if done == WARM_UP_BATCHES + MEASURED_BATCHES:
                rates = self._rates(loader, step_s / MEASURED_BATCHES)
                workers = rates.workers(self.most_workers)
                if workers > self.workers:
                    self._say(rates, workers, rates.ahead())
                    break
                self._say(rates, self.workers, FEWEST_AHEAD)
        else:
            return
        del loader, batch  # its workers end before others start
        yield from self.make(step, workers, rates.ahead())

    def _rates(self, loader: Loader, step_s: float) -> Rates:
        mean_s, longest_s = loader.item_seconds()
        return Rates(mean_s * self.batch_size, longest_s * self.batch_size, step_s)

    def _say(self, rates: Rates, workers: int, ahead: int) -> None:
        if not self.quiet:
            processes = "1 process reads" if workers == 1 else f"{workers} processes read"
            say(f"loader: {rates.text()}: {processes} {ahead} batches ahead")


def training_loader(
    make: MakeLoader,
    first_step: int,
    workers: int | None,
    batch_size: int,
    accelerator: Accelerator,
) -> Iterable[Batch]:
    """The batches of a training from a step on, from so many workers; None finds out how many."""
    if workers is not None:
        return make(first_step, workers, BATCHES_AHEAD)
    return AdaptiveLoader(
        make,
        first_step,
        workers=1,
        most_workers=max(1, available_cores() // accelerator.num_processes),
        batch_size=batch_size,
        quiet=not accelerator.is_main_process,
    )
