"""Features of the clips of labelled videos by any network, saved on disk as they are made."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from eruv.clips.reader import ClipReader
from eruv.clips.spec import CLIP_FRAMES, ClipSize, ClipSpec
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.feature_file import FeatureFile, Features
from eruv.media.proxy import ProxySettings
from eruv.models.inputs import Network, with_channels_last
from eruv.pretext.task import EVALUATION
from eruv.training.device import choose_device, keep_pages, loader_workers
from eruv.training.loader import Loader
from eruv.training.samples import Item, Key, ProxyPaths
from eruv.utils.console import Progress, with_progress
from eruv.utils.lock import folder_lock

CLIPS_PER_VIDEO = 10
ROWS_FOLDER = "rows"
# A GPU wants more clips at once; on a processor more only take memory.
VIDEOS_AT_ONCE = {"cpu": 1, "cuda": 8}

# What a row stands for: a video, by the mean over its clips, or each clip by itself.
Level = Literal["video", "clip"]
LEVELS: tuple[Level, ...] = ("video", "clip")
# uint8 clips (B, T, H, W, 3) → features (B, F), on the device of the clips.
FeatureFunction = Callable[[Tensor], Tensor]


def clip_starts(num_frames: int, count: int = CLIPS_PER_VIDEO) -> list[int]:
    """First frames of clips whose centres stand evenly over the video (fact 4).

    A video of under 16 frames has one start; its frames are repeated in a circle.
    """
    half = CLIP_FRAMES // 2
    if num_frames <= CLIP_FRAMES:
        return [0] * count
    return [int(centre - half) for centre in np.linspace(half, num_frames - half, count)]


def clips_of(video: LabelledVideo, size: ClipSize, count: int = CLIPS_PER_VIDEO) -> list[ClipSpec]:
    """The clips that stand for a video, cropped in the middle (fact 4)."""
    return [
        ClipSpec(video.video, video.frames_from(start, CLIP_FRAMES), size.centre)
        for start in clip_starts(video.num_frames, count)
    ]


def on_device(network: Network, device: str) -> Network:
    """A network ready to be used, in evaluation mode.

    Raises:
        EruvError: for a device that there is not.
    """
    chosen = choose_device(device)
    if chosen == "cpu":
        keep_pages()
    return with_channels_last(network).to(chosen).eval()


@dataclass(frozen=True)
class Extractor:
    """Turns the clips of labelled videos into rows of features.

    Attributes:
        data: with the library that has the proxies.
        size: of the clips.
        extract: a network, on `device`, or any function of clips.
        device: cpu or cuda.
        workers: processes that read clips ahead; None chooses by device.
        clips_per_video: that stand for each video.
    """

    data: LabelledVideos
    size: ClipSize
    extract: FeatureFunction
    device: str = "cpu"
    workers: int | None = None
    clips_per_video: int = CLIPS_PER_VIDEO

    def proxies(self) -> ProxyPaths:
        """Paths of the proxies.

        Raises:
            EruvError: if one is gone.
        """
        paths = ProxyPaths(self.data.library.folder / "proxies", self.data.video_ids)
        paths.refuse_missing()
        return paths

    def rows(
        self, videos: Sequence[LabelledVideo], level: Level = "video", first: int = 0
    ) -> Iterator[Features]:
        """Features of each video from number `first` on, (F,), or (clips, F) at level clip.

        Raises:
            EruvError: if a proxy is gone.
        """
        proxy = self.data.library.settings.proxy
        clips = _VideoClips(self.proxies(), proxy, self.size, videos, self.clips_per_video)
        at_once = VIDEOS_AT_ONCE[self.device]
        keys = [(EVALUATION, number) for number in range(first, len(videos))]
        batches = [keys[start : start + at_once] for start in range(0, len(keys), at_once)]
        # On a processor the network is the slow part, and its cores are all at work.
        configured = 0 if self.workers is None and self.device == "cpu" else self.workers
        for clips_BNTHWC, _ in Loader(clips, batches, loader_workers(configured, self.device)):
            yield from self._features(clips_BNTHWC, level)

    @torch.no_grad()
    def _features(self, clips_BNTHWC: Tensor, level: Level) -> Features:
        found = self.extract(clips_BNTHWC.flatten(0, 1).to(self.device))
        found = found.unflatten(0, clips_BNTHWC.shape[:2]).float()
        rows: Features = (found.mean(dim=1) if level == "video" else found).cpu().numpy()
        return rows

    def all_rows(self, videos: Sequence[LabelledVideo], title: str) -> Features:
        """Features of the videos, (V, F), under a line of progress."""
        return np.stack(list(with_progress(self.rows(videos), title, len(videos), "videos")))

    def saved_rows(
        self,
        videos: Sequence[LabelledVideo],
        path: Path,
        cache_key: dict[str, Any],
        title: str,
        level: Level = "video",
    ) -> Features:
        """The same from a file, mapped into memory; what it lacks is made and saved row by row.

        Args:
            videos: V of them.
            path: of the finished array, .npy.
            cache_key: all that the rows depend on; any JSON.
            title: of the line of progress.
            level: rows are (F,), or (clips, F) at level clip.

        Raises:
            Interrupted: after Ctrl-C or SIGTERM; called again, it continues.
            EruvError: if a proxy is gone, or for a row that is not finite.
        """
        file, total = FeatureFile(path, len(videos), cache_key), len(videos)
        with Progress(title, total, file.rows_done) as progress:
            return file.complete(
                lambda first: self.rows(videos, level, first),
                lambda done: progress.update(done, f"{done:,} of {total:,} videos"),
            )

    def rows_by_key(
        self, videos: Sequence[LabelledVideo], folder: Path, key: dict[str, Any], title: str
    ) -> Features:
        """The same in memory, from a file in rows/ that is named after what decides its rows.

        The folder is that of a run; `key` is all that rows depend on besides the clips, any JSON.

        Raises:
            EruvError: also if another process writes to rows/.
        """
        cache_key = key | {"size": vars(self.size), "videos": self.data.fingerprint(videos)}
        digest = hashlib.sha256(json.dumps(cache_key, sort_keys=True).encode()).hexdigest()
        path = folder / ROWS_FOLDER / f"{digest[:16]}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        with folder_lock(path.parent):
            return np.array(self.saved_rows(videos, path, cache_key, title))


@dataclass
class _VideoClips:
    """The clips of each of several videos, as a loader reads them; another process can have it."""

    paths: ProxyPaths
    settings: ProxySettings
    size: ClipSize
    videos: Sequence[LabelledVideo]
    count: int
    reader: ClipReader | None = None

    def item(self, key: Key, on_video: Callable[[int], None] = lambda video: None) -> Item:
        """Clips (count, T, H, W, 3) in uint8 of one video, and its number."""
        if self.reader is None:  # in the process that reads
            self.reader = ClipReader(self.paths, self.settings, self.size)
        self.reader.on_video = on_video
        _, number = key
        specs = clips_of(self.videos[number], self.size, self.count)
        return torch.from_numpy(self.reader.read_all(specs)), number

    def path(self, stream: int, video: int) -> Path:
        """The file that a video is read from."""
        return self.paths[video]
