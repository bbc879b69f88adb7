"""One row of numbers for each video, from its ten clips (fact 4); saved as it is made.

Comes in: labelled videos and a network. Goes out: an array with a row for each video.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from eruv.clips import ClipReader, ClipSize
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.ten_clips import clips_of
from eruv.models import with_channels_last
from eruv.pretext.task import EVALUATION
from eruv.progress import Progress
from eruv.training.loader import Loader
from eruv.training.processor import choose_device, keep_pages, loader_workers
from eruv.training.samples import Item, Key, ProxyPaths

ROWS_FOLDER = "rows"
VIDEOS_IN_PART = 200  # as much is lost where the work is interrupted

Rows = NDArray[np.float32]
Network = TypeVar("Network", bound=nn.Module)


def on_device(network: Network, device: str) -> Network:
    """A network ready to be used, in evaluation mode.

    Raises:
        EruvError: for a device that there is not.
    """
    chosen = choose_device(device)
    if chosen == "cpu":
        keep_pages()
    return with_channels_last(network).to(chosen).eval()


def weights_digest(folder: Path) -> str:
    """What tells one state of a saved network from another."""
    with (folder / "model.safetensors").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class TenClips:
    """The ten clips of each video, by number; can be sent to another process."""

    def __init__(
        self, data: LabelledVideos, videos: Sequence[LabelledVideo], size: ClipSize
    ) -> None:
        # The library itself stays here: its database is not safe in another process.
        self.proxies = ProxyPaths(data.library.folder / "proxies", data.video_ids)
        self.proxies.refuse_missing()
        self.proxy_settings = data.library.settings.proxy
        self.videos = tuple(videos)
        self.size = size
        self.reader: ClipReader | None = None

    def item(self, key: Key, on_video: Callable[[int], None] = lambda video: None) -> Item:
        """Clips (10, T, H, W, 3) of a video and its number."""
        if self.reader is None:
            self.reader = ClipReader(self.proxies, self.proxy_settings, self.size)
        self.reader.on_video = on_video
        clips = self.reader.read_all(clips_of(self.videos[key[1]], self.size))
        return torch.from_numpy(clips), key[1]

    def path(self, stream: int, video: int) -> Path:
        """The proxy of a video."""
        return self.proxies[video]


def rows_of_videos(
    data: LabelledVideos,
    videos: Sequence[LabelledVideo],
    size: ClipSize,
    describe: Callable[[Tensor], Tensor],
    folder: Path,
    key: dict[str, Any],
    *,
    device: str,
    workers: int | None = None,
    title: str,
) -> Rows:
    """Describe every video by its ten clips; what was done before is read.

    Args:
        data: with the library that has the proxies.
        videos: V of them.
        size: scaling and crop.
        describe: clips (10, T, H, W, 3) in uint8 → row (F,).
        folder: where rows are kept.
        key: all that the rows depend on besides the videos; plain values.
        device: auto, cpu or cuda; decides about the workers only.
        workers: processes that read clips; None chooses.
        title: of the line of progress.

    Returns:
        (V, F).
    """
    words = json.dumps([key, vars(size), data.fingerprint(videos)], sort_keys=True)
    parts = folder / ROWS_FOLDER / hashlib.sha256(words.encode()).hexdigest()[:16]
    parts.mkdir(parents=True, exist_ok=True)
    found = list(_parts_so_far(parts, len(videos)))
    done = sum(map(len, found))
    if done == len(videos):
        return np.concatenate(found)
    keys: list[list[Key]] = [[(EVALUATION, number)] for number in range(done, len(videos))]
    clips = TenClips(data, videos, size)
    fresh: list[Rows] = []
    with Progress(title, len(videos), done) as progress:
        for clips_1NTHWC, _ in Loader(clips, keys, loader_workers(workers, choose_device(device))):
            fresh.append(describe(clips_1NTHWC[0]).numpy())
            done += 1
            progress.update(done, f"{done:,} of {len(videos):,} videos")
            if len(fresh) == VIDEOS_IN_PART or done == len(videos):
                found.append(np.stack(fresh).astype(np.float32))
                _save(parts / f"{len(found) - 1:06d}.npy", found[-1])
                fresh = []
    return np.concatenate(found)


def _parts_so_far(folder: Path, num_videos: int) -> Iterator[Rows]:
    for number in range(-(-num_videos // VIDEOS_IN_PART)):
        path = folder / f"{number:06d}.npy"
        if not path.exists():
            return
        yield np.load(path)


def _save(path: Path, rows: Rows) -> None:
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.save(file, rows)
    os.replace(partial, path)
