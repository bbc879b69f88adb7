"""Clips of labelled videos by number: random ones to train on, the middle one to validate."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from eruv.clips.planes import CPU, PlaneClips, can_convert, read_plane_clips
from eruv.clips.reader import ClipReader
from eruv.clips.spec import CLIP_FRAMES, ClipSize, ClipSpec
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.pretext.task import TRAINING, generator_for
from eruv.training.samples import Item, Key, ProxyPaths

_ORDER = 7  # stream of the order of an epoch, beside those of `labelled_split`


class LabelledClips:
    """One clip of a labelled video, by key; can be sent to another process.

    In the stream TRAINING, sample n belongs to epoch n // V of the V training videos: each epoch
    visits every one of them once, in an order of its own, with a clip and a crop drawn again. In
    any other stream, sample n is the clip in the middle of held-out video n, cropped in the middle.

    Args:
        data: with the library that has the proxies.
        training: V videos.
        held_out: others.
        size: scaling and crop.
        seed: of the order and the clips.
        device: that the clips are for.

    Raises:
        EruvError: if a proxy is gone.
    """

    def __init__(
        self,
        data: LabelledVideos,
        training: Sequence[LabelledVideo],
        held_out: Sequence[LabelledVideo],
        size: ClipSize,
        seed: int,
        device: torch.device = CPU,
    ) -> None:
        # The library itself stays here: its database is not safe in another process.
        self.proxies = ProxyPaths(data.library.folder / "proxies", data.video_ids)
        self.proxies.refuse_missing()
        self.proxy_settings = data.library.settings.proxy
        self.numbers = {name: number for number, name in enumerate(data.classes)}
        self.training, self.held_out = tuple(training), tuple(held_out)
        self.size = size
        self.seed = seed
        self.planes = can_convert(device, size, self.proxy_settings)
        self.reader: ClipReader | None = None

    def item(self, key: Key, on_video: Callable[[int], None] = lambda video: None) -> Item:
        """A clip (T, H, W, 3), or as planes, and its class; `on_video` is called first."""
        if self.reader is None:
            self.reader = ClipReader(self.proxies, self.proxy_settings, self.size)
        self.reader.on_video = on_video
        spec, label = self.clip(*key)
        if self.planes:
            planes, pixels = read_plane_clips(self.reader, [spec])
            return PlaneClips(planes[0], pixels[0]), label
        return torch.from_numpy(self.reader.read(spec)), label

    def path(self, stream: int, video: int) -> Path:
        """The proxy of a video."""
        return self.proxies[video]

    def clip(self, stream: int, number: int) -> tuple[ClipSpec, int]:
        """Sample `number` of a stream, without its pixels."""
        if stream != TRAINING:
            video = self.held_out[number]
            first = max(0, video.num_frames - CLIP_FRAMES) // 2
            return self._clip(video, first, self.size.centre)
        epoch, position = divmod(number, len(self.training))
        index = int(epoch_order(self.seed, epoch, len(self.training))[position])
        video = self.training[index]
        generator = generator_for(self.seed, stream, epoch, index)
        first = int(generator.integers(max(1, video.num_frames - CLIP_FRAMES + 1)))
        return self._clip(video, first, self.size.random_offset(generator))

    def _clip(
        self, video: LabelledVideo, first: int, offset: tuple[int, int]
    ) -> tuple[ClipSpec, int]:
        frames = video.frames_from(first, CLIP_FRAMES)
        return ClipSpec(video.video, frames, offset), self.numbers[video.label]


@lru_cache(maxsize=2)  # a batch may lie in two epochs
def epoch_order(seed: int, epoch: int, num_videos: int) -> NDArray[np.int64]:
    """The order (num_videos,) in which an epoch visits the training videos."""
    return np.random.default_rng([seed, _ORDER, epoch]).permutation(num_videos)
