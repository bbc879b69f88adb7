"""Items of a dataset become batches, read ahead of time by worker processes."""

import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, get_worker_info

from eruv.clips.planes import CPU, Clips, PlaneClips, rgb_on
from eruv.pretext.task import TRAINING
from eruv.training.loader_processes import blocked_signals, hidden_main_module, prepare_worker
from eruv.training.samples import Item, Key
from eruv.utils.errors import EruvError

# Clips (B, N, T, H, W, 3) in uint8 and labels (B,), on the device that is trained on.
Batch = tuple[Tensor, Tensor]
# The same on the way here from the process that read it.
SentBatch = tuple[Clips, Tensor]

BATCHES_AHEAD = 4
STUCK_S = 180.0  # without a batch, until the file that a worker reads is named


class ClipDataset(Protocol):
    """What a loader reads: `SampleDataset`, or labelled clips."""

    def item(self, key: Key, on_video: Callable[[int], None]) -> Item:
        """Clips and label; `on_video` is called with each video before it is read."""

    def path(self, stream: int, video: int) -> Path:
        """The file that a video of a stream is read from."""


class WatchedDataset(Dataset[Item]):
    """A dataset whose workers note, where the parent sees it, which video they read.

    Args:
        dataset: that is read.
        workers: that read it.
    """

    def __init__(self, dataset: ClipDataset, workers: int) -> None:
        self.dataset = dataset
        # For each worker the stream, or -1 while it reads nothing, and the video.
        idle = [-1, 0] * max(1, workers)
        spawn = multiprocessing.get_context("spawn")
        self.reading = spawn.Array("q", idle, lock=False)
        # For each worker the items read after its first, which opens everything; their seconds;
        # and those of the slowest.
        self.taken = spawn.Array("d", [-1.0, 0.0, 0.0] * max(1, workers), lock=False)

    def __getitem__(self, key: Key) -> Item:
        info = get_worker_info()
        worker = info.id if info else 0
        started = time.monotonic()

        def note(video: int) -> None:
            self.reading[2 * worker : 2 * worker + 2] = [key[0], video]

        item = self.dataset.item(key, note)
        self.reading[2 * worker] = -1
        seconds = time.monotonic() - started
        count, total, longest = self.taken[3 * worker : 3 * worker + 3]
        if count < 0:
            self.taken[3 * worker] = 0
        else:
            after = [count + 1, total + seconds, max(longest, seconds)]
            self.taken[3 * worker : 3 * worker + 3] = after
        return item

    def item_seconds(self) -> tuple[float, float]:
        """Mean of the items read so far, and the slowest one."""
        counts, totals, longest = (self.taken[place::3] for place in range(3))
        return sum(totals) / max(1.0, sum(max(0.0, count) for count in counts)), max(longest)

    def paths_at_work(self) -> list[Path]:
        """The files that workers read at this moment."""
        noted = list(zip(self.reading[::2], self.reading[1::2], strict=True))
        return [self.dataset.path(stream, video) for stream, video in noted if stream >= 0]


def collate(items: Sequence[Item]) -> SentBatch:
    """Stack samples into a batch."""
    clips, labels = zip(*items, strict=True)
    if isinstance(clips[0], PlaneClips):
        parts = (torch.stack(part) for part in zip(*clips, strict=True))
        return PlaneClips(*parts), torch.tensor(labels)
    return torch.stack(clips), torch.tensor(labels)


@dataclass(frozen=True)
class TrainingBatches:
    """Keys of every batch of one process, from a step to the last one.

    In step s, `num_processes` processes take batch_size · num_processes consecutive samples, so
    the union over processes is what one process with the whole batch would take.
    """

    batch_size: int
    first_step: int
    last_step: int
    rank: int = 0
    num_processes: int = 1

    def __len__(self) -> int:
        return self.last_step - self.first_step

    def __iter__(self) -> Iterator[list[Key]]:
        for step in range(self.first_step, self.last_step):
            first = (step * self.num_processes + self.rank) * self.batch_size
            yield [(TRAINING, number) for number in range(first, first + self.batch_size)]


class Loader:
    """Reads batches ahead of time in worker processes.

    Args:
        dataset: what is read.
        batches: keys of each batch.
        workers: processes; 0 reads in this one.
        ahead: batches that each of them reads ahead.
        stuck_s: seconds without a batch after which the workers are given up.
        device: that the batches are put on.
    """

    def __init__(
        self,
        dataset: ClipDataset,
        batches: Iterable[list[Key]],
        workers: int,
        ahead: int = BATCHES_AHEAD,
        stuck_s: float = STUCK_S,
        device: torch.device = CPU,
    ) -> None:
        self.device = device
        self.dataset = WatchedDataset(dataset, workers)
        self.loader: DataLoader[Any] = DataLoader(
            self.dataset,
            batch_sampler=batches,
            num_workers=workers,
            collate_fn=collate,
            multiprocessing_context="spawn" if workers else None,
            prefetch_factor=ahead if workers else None,
            persistent_workers=workers > 0,
            worker_init_fn=prepare_worker,
            timeout=stuck_s if workers else 0,
            pin_memory=torch.cuda.is_available(),
        )

    def item_seconds(self) -> tuple[float, float]:
        """Of reading one item in one worker: the mean so far, and the slowest."""
        return self.dataset.item_seconds()

    def __iter__(self) -> Iterator[Batch]:
        """All batches, in order, in RGB on the device.

        Raises:
            EruvError: if a worker does not come back from a file.
        """
        with hidden_main_module(), blocked_signals():
            batches = iter(self.loader)
        return self._until_stuck(batches)

    def _until_stuck(self, batches: Iterator[SentBatch]) -> Iterator[Batch]:
        try:
            for clips, labels in batches:
                yield rgb_on(clips, self.device), labels.to(self.device, non_blocking=True)
        except EruvError as error:
            # A worker's error carries its traceback; the message is the end.
            words = str(error).rstrip().rpartition(f"{EruvError.__name__}: ")[2]
            raise EruvError(words) from error
        except RuntimeError as error:
            if "DataLoader timed out" not in str(error):
                raise
            files = ", ".join(map(str, self.dataset.paths_at_work())) or "no file"
            raise EruvError(
                f"no batch came for {self.loader.timeout:.0f} s; the loader's workers are at "
                f"{files}. Check whether that disk responds, then run the same command again."
            ) from error
