"""Windows of a library become vectors, here or as parts of the library on a Ray cluster."""

from bisect import bisect_right
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch

from eruv.clips.spec import ClipSize
from eruv.evaluation.feature_file import Features
from eruv.library.catalogue import Library
from eruv.media.proxy import ProxySettings
from eruv.models.clip_encoder import ClipEncoder
from eruv.moments.vectors import unit
from eruv.moments.window_clips import WindowClips
from eruv.moments.windows import Window
from eruv.training.device import keep_pages, loader_workers
from eruv.training.samples import ProxyPaths
from eruv.utils.errors import EruvError
from eruv.utils.on_ray import RayCluster

# Clips that go through the network together: more are no faster on a processor.
CLIPS_AT_ONCE = {"cpu": 16, "cuda": 128}
# Windows after which the videos that are complete are committed.
COMMIT_WINDOWS = 4000
# Windows of a task of Ray: a minute on a core, seconds on a GPU.
PART_WINDOWS = {"cpu": 512, "cuda": 8192}


@dataclass(frozen=True)
class VectorMaker:
    """What makes vectors of windows; it can be sent to other machines.

    Attributes:
        proxies: folder of the library's proxies.
        settings: how they were written.
        encoder: of clips.
        device: cpu or cuda.
        workers: processes that read clips; 0 reads in this one; None chooses.
    """

    proxies: Path
    settings: ProxySettings
    encoder: ClipEncoder
    device: str
    workers: int | None = None

    @torch.no_grad()
    def vectors(
        self, windows: Sequence[Window], sizes: Mapping[str, ClipSize]
    ) -> Iterator[Features]:
        """Vectors of unit length, looks and facts side by side (B, F + 111), batch after batch.

        Args:
            windows: in order of their videos.
            sizes: of the clips of each video.
        """
        if not windows:
            return
        if self.device == "cpu":
            keep_pages()
        encoder = self.encoder.ready(self.device)
        ids = sorted({window.video_id for window in windows})
        paths = ProxyPaths(self.proxies, ids)
        paths.refuse_missing()
        at_once = CLIPS_AT_ONCE[self.device]
        clips = WindowClips(paths, self.settings, [sizes[one] for one in ids], windows, at_once)
        workers = self.workers
        if workers is None:  # a GPU outruns this process
            workers = 0 if self.device == "cpu" else loader_workers(None, self.device)
        for clips_BTHWC, described in clips.batches(workers):
            yield np.concatenate([unit(encoder.vectors(clips_BTHWC)), described], axis=1)

    def rows(self, part: "WindowPart") -> Features:
        """The same of a part, in one piece."""
        return np.concatenate(list(self.vectors(part.windows, part.sizes)))


@dataclass(frozen=True)
class WindowPart:
    """Windows of whole videos, and the sizes of their clips."""

    windows: list[Window]
    sizes: dict[str, ClipSize]


EmbeddedWindows = Generator[tuple[list[Window], Features], None, None]


def local_vectors(
    maker: VectorMaker,
    library: Library,
    windows: Sequence[Window],
    on_windows: Callable[[int], None],
    stop: Callable[[], bool],
) -> EmbeddedWindows:
    """Windows of whole videos with their rows, thousands at a time, computed by this machine."""
    ends = [len(list(group)) for _, group in groupby(windows, lambda one: one.video_id)]
    ends = np.cumsum(ends).tolist()
    first, found = 0, []
    count = 0
    for vectors in maker.vectors(windows, _sizes(maker, library, windows)):
        found.append(vectors)
        count += len(vectors)
        on_windows(count)
        complete = bisect_right(ends, count)
        whole = ends[complete - 1] if complete else first
        if whole - first >= COMMIT_WINDOWS or count == len(windows) or stop():
            ready = np.concatenate(found)
            if whole > first:
                yield list(windows[first:whole]), ready[: whole - first]
            first, found = whole, [ready[whole - first :]]
        if stop():
            return


def ray_vectors(
    cluster: RayCluster,
    at_once: int | None,
    maker: VectorMaker,
    library: Library,
    windows: Sequence[Window],
    on_windows: Callable[[int], None],
    stop: Callable[[], bool],
) -> EmbeddedWindows:
    """The same, computed by a Ray cluster, in the order in which its tasks end."""
    parts, gpu = parts_of(maker, library, windows), maker.device == "cuda"
    found = cluster.map(
        maker.rows, lambda: next(parts, None), lost=_lost, at_once=at_once, gpu=gpu, stop=stop
    )
    ready: list[tuple[WindowPart, Features]] = []
    count = 0
    with closing(found):
        for one in found:
            ready.append(one)
            count += len(one[1])
            on_windows(count)
            if sum(len(rows) for _, rows in ready) >= COMMIT_WINDOWS:
                yield _joined(ready)
                ready = []
    if ready:
        yield _joined(ready)


def parts_of(
    maker: VectorMaker, library: Library, windows: Iterable[Window]
) -> Iterator[WindowPart]:
    """Videos in their order, as many as it takes for some hundred windows."""
    together: list[Window] = []
    for _, group in groupby(windows, lambda one: one.video_id):
        together += group
        if len(together) >= PART_WINDOWS[maker.device]:
            yield WindowPart(together, _sizes(maker, library, together))
            together = []
    if together:
        yield WindowPart(together, _sizes(maker, library, together))


def _joined(made: Sequence[tuple[WindowPart, Features]]) -> tuple[list[Window], Features]:
    windows = [window for part, _ in made for window in part.windows]
    return windows, np.concatenate([rows for _, rows in made])


def _lost(part: WindowPart) -> Features:
    raise EruvError(
        f"the workers of the Ray cluster that read the proxies of {part.windows[0].video_id} and "
        f"of videos after it were lost repeatedly. Check that its nodes have enough memory, "
        f"then run the same command again."
    )


def _sizes(maker: VectorMaker, library: Library, windows: Iterable[Window]) -> dict[str, ClipSize]:
    rows = library.rows_of(sorted({window.video_id for window in windows}))
    return {name: maker.encoder.size_for(row["width"], row["height"]) for name, row in rows.items()}
