"""Samples become batches, read by worker processes.

Comes in: a task and numbers of samples. Goes out: uint8 batches, always the same ones.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, get_worker_info

from eruv.clips import ClipReader, ClipSize
from eruv.errors import EruvError
from eruv.media.proxy import ProxySettings
from eruv.pretext import PretextTask, Sample
from eruv.pretext.catalogue import Catalogue, Segments
from eruv.pretext.task import TRAINING, generator_for

MakeTask = Callable[[Segments], PretextTask]
# Clips (B, N, T, H, W, 3) in uint8 and labels (B,).
Batch = tuple[Tensor, Tensor]
# Clips (N, T, H, W, 3) of one sample and its label.
Item = tuple[Tensor, int]

PREFETCHED_BATCHES = 4
STUCK_S = 180.0  # without a batch, until the file that a worker reads is named
# What a terminal or a job system sends to all processes of a group at once.
GROUP_SIGNALS = {signal.SIGINT, signal.SIGTERM}


# A stream of random numbers, and the number of a sample in it.
Key = tuple[int, int]


@dataclass(frozen=True)
class ProxyPaths:
    """Where the proxy of each video is, by the video's number."""

    folder: Path
    video_ids: Sequence[str]

    def __len__(self) -> int:
        return len(self.video_ids)

    def __getitem__(self, video: int) -> Path:
        name = self.video_ids[video]
        return self.folder / name[:2] / f"{name}.mp4"


@dataclass(frozen=True)
class SampleSource:
    """All that a process needs to make samples; small enough to be sent to it.

    Attributes:
        catalogue: folder of a saved catalogue.
        proxies: folder of the library's proxies.
        proxy_settings: how those were written.
        size: scaling and crop.
        make_task: from segments to the task; must be picklable.
        seed: of all samples.
    """

    catalogue: Path
    proxies: Path
    proxy_settings: ProxySettings
    size: ClipSize
    make_task: MakeTask
    seed: int

    def proxy_paths(self) -> ProxyPaths:
        """Of all videos."""
        return ProxyPaths(self.proxies, Catalogue.load(self.catalogue).video_ids)

    def open(self) -> "OpenSource":
        """Map the arrays and make the task, in the process that uses them.

        Raises:
            EruvError: if a proxy is gone.
        """
        catalogue = Catalogue.load(self.catalogue)
        paths = ProxyPaths(self.proxies, catalogue.video_ids)
        # Of a library of a million videos a thousand are looked at: a start takes no minutes.
        looked_at = [paths[n] for n in range(0, len(paths), 1 + len(paths) // 1000)]
        missing = [path for path in looked_at if not path.exists()]
        if missing:
            raise EruvError(
                f"the library lacks {len(missing)} of {len(looked_at)} proxies, for example "
                f"{missing[0]}. Put them back, or ingest the videos again into another folder."
            )
        task = self.make_task(catalogue.segments)
        return OpenSource(
            task=task,
            labels=possible_labels(task),
            epoch_size=len(catalogue.segments),
            reader=ClipReader(paths, self.proxy_settings, self.size),
            seed=self.seed,
        )


@dataclass(frozen=True)
class OpenSource:
    """An opened `SampleSource`.

    Attributes:
        labels: those of which samples can be drawn.
        epoch_size: draws that count as one epoch, one for each segment (fact 3).
    """

    task: PretextTask
    labels: list[int]
    epoch_size: int
    reader: ClipReader
    seed: int

    def sample(self, stream: int, number: int) -> Sample:
        """Sample `number` of a stream, without its pixels.

        TRAINING draws classes at random. The other streams are balanced, sample n having the
        n-th possible class, and crop in the middle.
        """
        if stream == TRAINING:
            epoch, index = divmod(number, self.epoch_size)
            return self.task.sample(generator_for(self.seed, stream, epoch, index))
        round_number, position = divmod(number, len(self.labels))
        label = self.labels[position]
        generator = generator_for(self.seed, stream, label, round_number)
        return self.task.sample(generator, label, centred=True)

    def read(self, sample: Sample) -> Tensor:
        """Clips of a sample, uint8 (N, T, H, W, 3)."""
        return torch.from_numpy(self.reader.read_all(sample.clips))


class SampleDataset(Dataset[Item]):
    """Samples by key, from one source for each stream."""

    def __init__(self, sources: dict[int, SampleSource]) -> None:
        self.sources = sources
        self.opened: dict[int, OpenSource] = {}

    def __getitem__(self, key: Key) -> Item:
        return self.item(key)

    def item(self, key: Key, on_video: Callable[[int], None] = lambda video: None) -> Item:
        """A sample; `on_video` is told each video before it is read."""
        stream, number = key
        if stream not in self.opened:
            self.opened[stream] = self.sources[stream].open()
        source = self.opened[stream]
        source.reader.on_video = on_video
        sample = source.sample(stream, number)
        return source.read(sample), sample.label


class WatchedDataset(Dataset[Item]):
    """A dataset whose workers note, where the parent sees it, which video they read.

    Args:
        dataset: that is read.
        workers: that read it.
    """

    def __init__(self, dataset: SampleDataset, workers: int) -> None:
        self.dataset = dataset
        # For each worker the stream, or -1 while it reads nothing, and the video.
        idle = [-1, 0] * max(1, workers)
        self.reading = multiprocessing.get_context("spawn").Array("q", idle, lock=False)

    def __getitem__(self, key: Key) -> Item:
        worker = get_worker_info()
        place = 2 * worker.id if worker else 0

        def note(video: int) -> None:
            self.reading[place : place + 2] = [key[0], video]

        item = self.dataset.item(key, note)
        self.reading[place] = -1
        return item

    def paths_at_work(self) -> list[Path]:
        """The files that workers read at this moment."""
        noted = list(zip(self.reading[::2], self.reading[1::2], strict=True))
        return [
            self.dataset.sources[stream].proxy_paths()[video]
            for stream, video in noted
            if stream >= 0
        ]


def possible_labels(task: PretextTask) -> list[int]:
    """Labels of which the task can draw a sample."""
    return [label for label, name in enumerate(task.classes) if task.possible[name]]


def collate(items: Sequence[Item]) -> Batch:
    """Stack samples into a batch."""
    clips, labels = zip(*items, strict=True)
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
        stuck_s: seconds without a batch after which the workers are given up.
    """

    def __init__(
        self,
        dataset: SampleDataset,
        batches: Iterable[list[Key]],
        workers: int,
        stuck_s: float = STUCK_S,
    ) -> None:
        self.dataset = WatchedDataset(dataset, workers)
        self.loader: DataLoader[Any] = DataLoader(
            self.dataset,
            batch_sampler=batches,
            num_workers=workers,
            collate_fn=collate,
            multiprocessing_context="spawn" if workers else None,
            prefetch_factor=PREFETCHED_BATCHES if workers else None,
            persistent_workers=workers > 0,
            worker_init_fn=_prepare_worker,
            timeout=stuck_s if workers else 0,
            pin_memory=torch.cuda.is_available(),
        )

    def __iter__(self) -> Iterator[Batch]:
        """All batches, in order.

        Raises:
            EruvError: if a worker does not come back from a file.
        """
        with hidden_main_module(), unheard_signals():
            batches = iter(self.loader)
        return self._until_stuck(batches)

    def _until_stuck(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        try:
            yield from batches
        except RuntimeError as error:
            if "timed out" not in str(error):
                raise
            files = ", ".join(map(str, self.dataset.paths_at_work())) or "no file"
            raise EruvError(
                f"no batch came for {self.loader.timeout:.0f} s; the loader's workers are at "
                f"{files}. Look whether that disk answers, then run the same command again."
            ) from error


def _prepare_worker(worker: int) -> None:
    """Leave signals for the whole group to the parent, which saves; and the cores to the step."""
    del worker
    os.setpgrp()
    for number in signal.sigpending() & GROUP_SIGNALS:
        signal.sigwait([number])  # it came while this process started, and was for the parent
    signal.pthread_sigmask(signal.SIG_UNBLOCK, GROUP_SIGNALS)
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """torch's own watch sees nothing if the parent is killed while this process still starts."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def unheard_signals() -> Iterator[None]:
    """Start processes that Ctrl-C does not end in the seconds before `_prepare_worker`."""
    resource_tracker.ensure_running()  # its own start would lift the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, GROUP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def hidden_main_module() -> Iterator[None]:
    """Start processes that do not run the user's script again.

    A spawned process imports the parent's main module; a script without a main guard would run
    itself for ever. The workers need nothing from it.
    """
    main = sys.modules["__main__"]
    hidden: dict[str, Any] = {
        name: main.__dict__.pop(name) for name in ("__file__", "__spec__") if name in vars(main)
    }
    main.__spec__ = None
    try:
        yield
    finally:
        vars(main).update(hidden)
