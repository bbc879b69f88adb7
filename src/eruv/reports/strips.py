"""One real sample of each class, as the network sees it."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from eruv.clips.reader import ClipReader
from eruv.clips.spec import ClipSize, ClipSpec
from eruv.library.catalogue import Library
from eruv.media.proxy import ProxySettings
from eruv.pretext.segment_arrays import SegmentTable
from eruv.pretext.task import EVALUATION
from eruv.reports.clock import VideoClock
from eruv.reports.ingested import Ingested
from eruv.reports.results import Results
from eruv.training.feasibility import sample_source
from eruv.training.run_folder import CONFIGURED
from eruv.training.samples import OpenSource
from eruv.utils.errors import EruvError
from eruv.utils.html import data_uri

# Every second of the 16 frames is drawn; more would be too small to see.
SHOWN_STEP = 2


@dataclass(frozen=True)
class Strip:
    """One clip: its index or label, where it is from, and frame numbers with pictures."""

    title: str
    source: str
    frames: list[tuple[int, str]]


@dataclass(frozen=True)
class Example:
    """A class with a sample of it.

    Attributes:
        symbol, name: of the class.
        explanation: of the class.
        difference: what is seen in this sample.
        strips: of its clips; none where there is no sample to show.
        reason: why there is none.
    """

    symbol: str
    name: str
    explanation: str
    difference: str
    strips: list[Strip]
    reason: str


def examples(results: Results, library: Library, ingested: Ingested) -> list[Example]:
    """The first sample of each class that evaluation draws from the held-out data."""
    source = _source(results, library)
    clips = ClipPictures(
        library,
        ingested,
        SegmentTable.load(results.folder.held_out_data).video_ids,
        results.config.size,
    )
    with closing(clips), closing(source.reader):
        return [_example(name, results, source, clips) for name in results.text.classes]


def _source(results: Results, library: Library) -> OpenSource:
    """What evaluation draws from, with the seed of the last one."""
    seed = results.relations["evaluation_seed"] if results.relations else 0
    return sample_source(results.folder.held_out_data, library, results.config, seed).open()


def _example(name: str, results: Results, source: OpenSource, clips: "ClipPictures") -> Example:
    reason = _missing(name, results, source)
    strips: list[Strip] = []
    words = ""
    if not reason:
        label = source.task.classes.index(name)
        specs = source.sample(EVALUATION, source.labels.index(label)).clips
        words = source.task.difference(name, specs, [clips.shot(spec) for spec in specs])
        try:
            strips = [clips.strip(*pair) for pair in zip(results.text.slots, specs, strict=True)]
        except (EruvError, OSError, IndexError):
            reason = "the proxy of its video cannot be read; ingest the video again"
    title = results.text.classes[name]
    return Example(name, title, results.text.sentences[name], words, strips, reason)


def _missing(name: str, results: Results, source: OpenSource) -> str:
    """Why there is no sample of a class; empty where there is one."""
    task = source.task
    if name not in task.classes:
        return task.absence(name, results.run[CONFIGURED].get("task", {}), results.config.trimmed)
    if task.classes.index(name) not in source.labels:
        return f"impossible here: it needs {task.text.needs[name]}, which the held-out data lacks"
    return ""


class ClipPictures:
    """Reads clips as the network's, but as sharp as the proxies are, and names their videos.

    Args:
        library: of the videos.
        ingested: its contents.
        video_ids: of the videos, in the order of their numbers in clips.
        size: of the clips that the network saw.
    """

    def __init__(
        self, library: Library, ingested: Ingested, video_ids: Sequence[str], size: ClipSize
    ) -> None:
        rows = library.rows_of(video_ids)
        self.clocks = [VideoClock(rows[name]) if name in rows else None for name in video_ids]
        self.names = [ingested.name(video_id) for video_id in video_ids]
        self.size = _sharp(size, library.settings.proxy)
        proxies = [library.proxy_path(video_id) for video_id in video_ids]
        self.reader = ClipReader(proxies, library.settings.proxy, self.size)

    def close(self) -> None:
        self.reader.close()

    def shot(self, spec: ClipSpec) -> int | None:
        """Number of the shot that a clip is from, if the library still knows its video."""
        clock = self.clocks[spec.video]
        return clock.shot_of(min(spec.frames)) if clock else None

    def strip(self, title: str, spec: ClipSpec) -> Strip:
        """Every second frame of a clip; evaluation crops in the middle, and so does this."""
        pictures = self.reader.read(replace(spec, offset=self.size.centre))
        frames = [
            (number, data_uri(picture))
            for number, picture in zip(spec.frames, pictures, strict=True)
        ]
        return Strip(title, self._words(spec), frames[::SHOWN_STEP])

    def _words(self, spec: ClipSpec) -> str:
        name, clock = self.names[spec.video], self.clocks[spec.video]
        if clock is None:
            return name
        first = min(spec.frames)
        return f"{name}, shot {clock.shot_of(first) + 1}, at {clock.seconds(first):.1f} s"


def _sharp(size: ClipSize, proxy: ProxySettings) -> ClipSize:
    """The network's crop, cut out of the proxy's own pictures where those are larger."""
    factor = proxy.height / size.height
    if factor <= 1:
        return size
    return ClipSize(proxy.height, proxy.width, min(round(size.crop * factor), proxy.width))
