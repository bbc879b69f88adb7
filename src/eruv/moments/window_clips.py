"""The pixels of windows, batch after batch, read while the batches before are computed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eruv.clips.reader import ClipReader
from eruv.clips.spec import CLIP_FRAMES, ClipSize
from eruv.evaluation.feature_file import Features
from eruv.media.proxy import ProxySettings
from eruv.moments.looks import FACTS, LENGTH, facts_of, looks_of
from eruv.moments.windows import Window
from eruv.pretext.task import EVALUATION
from eruv.training.loader import STUCK_S, Loader
from eruv.training.samples import Item, Key, ProxyPaths
from eruv.utils.errors import EruvError
from eruv.utils.prefetch import prefetched

BATCHES_AHEAD = 2
DESCRIBED = LENGTH + len(FACTS)


@dataclass
class WindowClips:
    """Batches of windows; a loader can read them in other processes.

    Args:
        paths: of the videos' proxies.
        settings: how they were written.
        sizes: scaling and crop, by number of the video; the crops are the same.
        windows: in order of their videos.
        at_once: windows of a batch.
    """

    paths: ProxyPaths
    settings: ProxySettings
    sizes: Sequence[ClipSize]
    windows: Sequence[Window]
    at_once: int
    readers: dict[ClipSize, ClipReader] | None = None

    def __len__(self) -> int:
        return -(-len(self.windows) // self.at_once)

    def batches(self, workers: int) -> Iterator[tuple[Tensor, Features]]:
        """Clips (B, T, H, W, 3) in uint8, and looks and facts side by side (B, 111).

        Args:
            workers: processes that read; 0 reads in a thread of this one.

        Raises:
            EruvError: if nothing comes from a file for minutes.
        """
        keys = [(EVALUATION, number) for number in range(len(self))]
        if workers:
            for clips_1BTHWC, numbers in Loader(self, [[key] for key in keys], workers):
                yield clips_1BTHWC[0], numbers.numpy().reshape(-1, DESCRIBED)
            return
        reading: list[int] = [0]

        def note(video: int) -> None:
            reading[0] = video

        try:
            for clips, described in prefetched(
                lambda key: self._read(key[1], note), keys, BATCHES_AHEAD, STUCK_S
            ):
                yield torch.from_numpy(clips), described
        except TimeoutError as error:
            raise EruvError(
                f"nothing came from {self.paths[reading[0]]} for {STUCK_S:.0f} s. Check whether "
                f"that disk responds, then run the same command again."
            ) from error

    def item(self, key: Key, on_video: Callable[[int], None] = lambda video: None) -> Item:
        """The clips of a batch, and its looks and facts one after another, for a loader."""
        clips, described = self._read(key[1], on_video)
        return torch.from_numpy(clips), tuple(described.ravel().tolist())

    def path(self, stream: int, video: int) -> Path:
        """The file that a video is read from."""
        return self.paths[video]

    def _read(
        self, number: int, on_video: Callable[[int], None]
    ) -> tuple[NDArray[np.uint8], Features]:
        if self.readers is None:  # in the process that reads
            self.readers = {
                size: ClipReader(self.paths, self.settings, size) for size in set(self.sizes)
            }
            self.numbers = {name: number for number, name in enumerate(self.paths.video_ids)}
        batch = self.windows[number * self.at_once : (number + 1) * self.at_once]
        videos = [self.numbers[window.video_id] for window in batch]
        crop = self.sizes[0].crop
        clips = np.empty((len(batch), CLIP_FRAMES, crop, crop, 3), np.uint8)
        for size, reader in self.readers.items():
            places = [place for place, video in enumerate(videos) if self.sizes[video] == size]
            if places:
                reader.on_video = on_video
                specs = [batch[place].spec(videos[place], size) for place in places]
                clips[places] = reader.read_all(specs)
        return clips, np.concatenate([looks_of(clips), facts_of(clips)], axis=1)
