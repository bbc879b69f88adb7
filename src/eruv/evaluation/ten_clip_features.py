"""Features of the ten clips of each of many videos, on disk."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from eruv.clips.reader import ClipReader
from eruv.clips.spec import ClipSize
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.feature_files import FeatureFile
from eruv.evaluation.neighbours import Features
from eruv.evaluation.ten_clips import CLIPS_PER_VIDEO, clips_of
from eruv.media.proxy import ProxySettings
from eruv.pretext.task import EVALUATION
from eruv.training.device import loader_workers
from eruv.training.loader import Loader
from eruv.training.samples import Item, Key, ProxyPaths

Level = Literal["video", "clip"]
LEVELS: tuple[Level, ...] = ("video", "clip")
# uint8 clips (B, T, H, W, 3) → features (B, F), on the device of the clips.
Describe = Callable[[Tensor], Tensor]

# A GPU wants more clips at once; on a processor more only take memory.
VIDEOS_AT_ONCE = {"cpu": 1, "cuda": 8}


@dataclass
class TenClips:
    """The ten clips of each of several stretches of video, as the loader reads them.

    Attributes:
        paths: of the proxies, by the video's number.
        settings: how those were written.
        size: scaling and crop.
        stretches: the items, by number.
    """

    paths: ProxyPaths
    settings: ProxySettings
    size: ClipSize
    stretches: Sequence[LabelledVideo]
    reader: ClipReader | None = None

    def item(self, key: Key, on_video: Callable[[int], None] = lambda video: None) -> Item:
        """Clips (10, T, H, W, 3) in uint8 of one stretch, and its number."""
        if self.reader is None:  # in the process that reads
            self.reader = ClipReader(self.paths, self.settings, self.size)
        self.reader.on_video = on_video
        _, number = key
        clips = self.reader.read_all(clips_of(self.stretches[number], self.size))
        return torch.from_numpy(clips), number

    def path(self, stream: int, video: int) -> Path:
        """The file that a video is read from."""
        del stream
        return self.paths[video]


def ten_clips(data: LabelledVideos, stretches: Sequence[LabelledVideo], size: ClipSize) -> TenClips:
    """The ten clips of stretches of a data set; can be sent to another process.

    Raises:
        EruvError: if a proxy is gone.
    """
    # The library itself stays here: its database is not safe in another process.
    paths = ProxyPaths(data.library.folder / "proxies", data.video_ids)
    paths.refuse_missing()
    return TenClips(paths, data.library.settings.proxy, size, stretches)


@dataclass(frozen=True)
class Describer:
    """What turns the clips of a data set into features.

    Attributes:
        videos: the data set.
        size: of its clips.
        describe: an encoder's features, on `device`.
        made_of: what decides `describe`; any JSON.
        device: cpu or cuda.
        workers: processes that read ahead; None chooses by device.
    """

    videos: LabelledVideos
    size: ClipSize
    describe: Describe
    made_of: dict[str, Any]
    device: str = "cpu"
    workers: int | None = None

    def file(self, path: Path, stretches: Sequence[LabelledVideo], level: Level) -> FeatureFile:
        """Where features of stretches are kept: (V, F), or (V, 10, F) at level clip."""
        made_of = self.made_of | {
            "level": level,
            "size": asdict(self.size),
            "proxies": asdict(self.videos.library.settings.proxy),
            "stretches": self._digest(stretches),
        }
        return FeatureFile(path, len(stretches), made_of)

    def rows(
        self, stretches: Sequence[LabelledVideo], level: Level, first: int
    ) -> Iterator[Features]:
        """Features of each stretch from number `first` on, (F,) or (10, F)."""
        at_once = VIDEOS_AT_ONCE[self.device]
        keys = [(EVALUATION, number) for number in range(first, len(stretches))]
        batches = [keys[start : start + at_once] for start in range(0, len(keys), at_once)]
        dataset = ten_clips(self.videos, stretches, self.size)
        # On a processor the network is the slow part, and its cores are all at work.
        workers = 0 if self.device == "cpu" else None
        workers = loader_workers(workers if self.workers is None else self.workers, self.device)
        for clips, _ in Loader(dataset, batches, workers):
            features = self.describe(clips.flatten(0, 1).to(self.device))
            features = features.unflatten(0, (len(clips), CLIPS_PER_VIDEO)).float()
            yield from (features.mean(dim=1) if level == "video" else features).cpu().numpy()

    def _digest(self, stretches: Sequence[LabelledVideo]) -> str:
        rows = [[self.videos.video_ids[one.video], one.start, one.end] for one in stretches]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
