"""Samples of a pretext task, and their pixels, by number."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils.data import Dataset

from eruv.clips.planes import Clips, read_plane_clips
from eruv.clips.reader import ClipReader
from eruv.clips.spec import ClipSize
from eruv.media.proxy import ProxySettings
from eruv.pretext import PretextTask, Sample
from eruv.pretext.segment_arrays import Segments, SegmentTable
from eruv.pretext.task import TRAINING, generator_for
from eruv.training.origins import origin_columns
from eruv.utils.errors import EruvError
from eruv.utils.storage.remote_path import is_remote

MakeTask = Callable[[Segments], PretextTask]
# Clips (N, T, H, W, 3) of one sample in uint8, or as planes, and its label or other numbers.
Item = tuple[Clips, int | tuple[float, ...]]
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

    def refuse_missing(self) -> None:
        """Make sure that the proxies are there; of a million a thousand are looked at, and fewer
        where each look is a request.

        Raises:
            EruvError: if one of those is gone.
        """
        most = 30 if is_remote(self.folder) else 1000
        looked_at = [self[number] for number in range(0, len(self), 1 + len(self) // most)]
        missing = [path for path in looked_at if not path.exists()]
        if missing:
            raise EruvError(
                f"the library lacks {len(missing)} of {len(looked_at)} proxies, for example "
                f"{missing[0]}. Rebuild them with eruv repair LIBRARY."
            )


@dataclass(frozen=True)
class SampleSource:
    """All that a process needs to make samples; small enough to be sent to it.

    Attributes:
        table: folder of a saved table.
        proxies: folder of the library's proxies.
        proxy_settings: how those were written.
        size: scaling and crop.
        make_task: from segments to the task; must be picklable.
        seed: of all samples.
        planes: give clips as planes, see `eruv.clips.planes`.
    """

    table: Path
    proxies: Path
    proxy_settings: ProxySettings
    size: ClipSize
    make_task: MakeTask
    seed: int
    planes: bool = False

    def proxy_paths(self) -> ProxyPaths:
        """Of all videos."""
        return ProxyPaths(self.proxies, SegmentTable.load(self.table).video_ids)

    def open(self) -> "OpenSource":
        """Map the arrays and make the task, in the process that uses them.

        Raises:
            EruvError: if a proxy is gone.
        """
        table = SegmentTable.load(self.table)
        paths = ProxyPaths(self.proxies, table.video_ids)
        paths.refuse_missing()
        task = self.make_task(table.segments)
        return OpenSource(
            task=task,
            labels=possible_labels(task),
            epoch_size=len(table.segments),
            reader=ClipReader(paths, self.proxy_settings, self.size),
            seed=self.seed,
            planes=self.planes,
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
    planes: bool = False

    def sample(self, stream: int, number: int) -> Sample:
        """Sample `number` of a stream, without its pixels.

        TRAINING draws classes at random. The other streams are balanced, sample n having the
        n-th possible class, and crop in the middle.
        """
        if stream == TRAINING:
            epoch, index = divmod(number, self.epoch_size)
            return self.task.at_sample(number).sample(
                generator_for(self.seed, stream, epoch, index)
            )
        round_number, position = divmod(number, len(self.labels))
        label = self.labels[position]
        generator = generator_for(self.seed, stream, label, round_number)
        return self.task.sample(generator, label, centred=True)

    def read(self, sample: Sample) -> Clips:
        """Clips of a sample, uint8 (N, T, H, W, 3), or as planes."""
        if self.planes:
            return read_plane_clips(self.reader, sample.clips)
        return torch.from_numpy(self.reader.read_all(sample.clips))


class SampleDataset(Dataset[Item]):
    """Samples by key, from one source for each stream.

    Args:
        sources: by stream.
        with_origins: labels of the stream TRAINING are rows, of the label and `origin_columns`.
    """

    def __init__(self, sources: dict[int, SampleSource], with_origins: bool = False) -> None:
        self.sources = sources
        self.with_origins = with_origins
        self.opened: dict[int, OpenSource] = {}

    def __getitem__(self, key: Key) -> Item:
        return self.item(key)

    def item(self, key: Key, on_video: Callable[[int], None] = lambda video: None) -> Item:
        """A sample; `on_video` is called with each video before it is read."""
        stream, number = key
        if stream not in self.opened:
            self.opened[stream] = self.sources[stream].open()
        source = self.opened[stream]
        source.reader.on_video = on_video
        sample = source.sample(stream, number)
        clips = source.read(sample)
        if self.with_origins and stream == TRAINING:
            return clips, (sample.label, *origin_columns(sample, source.task.segments))
        return clips, sample.label

    def path(self, stream: int, video: int) -> Path:
        """The file that a video of a stream is read from."""
        return self.sources[stream].proxy_paths()[video]


def possible_labels(task: PretextTask) -> list[int]:
    """Labels of which the task can draw a sample."""
    return [label for label, name in enumerate(task.classes) if task.possible[name]]
