"""`eruv.embed`: every segment of a library becomes vectors, window by window."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch

from eruv.clips.spec import ClipSize
from eruv.evaluation.feature_file import Features
from eruv.library.catalogue import Library
from eruv.library.rows import ENCODERS
from eruv.models.clip_encoder import ClipEncoder, encoder_digest, open_encoder, seen_from
from eruv.moments.index import refresh_index
from eruv.moments.looks import LENGTH
from eruv.moments.table import EmbeddedBy, VectorTable
from eruv.moments.vectors import unit
from eruv.moments.window_clips import WindowClips
from eruv.moments.windows import Window, windows_of
from eruv.training.device import choose_device, keep_pages, loader_workers
from eruv.training.samples import ProxyPaths
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError, Interrupted
from eruv.utils.lock import folder_lock
from eruv.utils.results import Result
from eruv.utils.signals import stop_requests

# Clips that go through the network together: more are no faster on a processor.
CLIPS_AT_ONCE = {"cpu": 16, "cuda": 128}
# Windows after which the videos that are complete are committed.
COMMIT_WINDOWS = 4000
USUAL_SHAPE = (4, 3)


@dataclass(frozen=True)
class EmbedResult(Result):
    """What was embedded.

    Attributes:
        library, run: folders.
        table: key of the vectors in the library.
        every_s: seconds from window to window.
        videos, windows: in the table now.
        new_videos, new_windows: of them, made by this call.
        removed_videos: whose vectors were removed, since the library has them no more.
        seconds: of this call.
    """

    library: str
    run: str
    table: str
    every_s: float
    videos: int
    windows: int
    new_videos: int
    new_windows: int
    removed_videos: int
    seconds: float


def embed(
    library: Path | str,
    *,
    run: Path | str,
    every_s: float = 1.0,
    device: str = "auto",
    workers: int | None = None,
) -> EmbedResult:
    """Make vectors of all segments of a library, for `search`; called again, it goes on.

    A window of 16 frames begins every so many seconds. A video's vectors appear together, and
    videos that have them are skipped. Each encoder and distance has vectors of its own.

    Args:
        library: folder made by `ingest`.
        run: folder of the encoder; or hf:FOLDER or hf:ID, a model of `transformers` on this
            machine (extra `hf`).
        every_s: seconds from the start of one window to that of the next.
        device: auto, cpu or cuda.
        workers: processes that read clips; 0 reads in this one, while it computes; None chooses.

    Raises:
        EruvError: if there is no such library or encoder, or it is empty.
        Interrupted: after Ctrl-C, with all complete videos saved.
    """
    opened, encoder = Library(Path(library)), open_encoder(run)
    if not 0 < every_s < float("inf"):
        raise EruvError(f"`every_s` is a number of seconds above 0; got {every_s}.")
    size = encoder.size_for(*USUAL_SHAPE)
    made_by = EmbeddedBy(
        weights=encoder_digest(run),
        run=seen_from(run, opened.folder),
        num_features=encoder.num_features,
        every_s=every_s,
        size=(size.height, size.width, size.crop),
    )
    place = opened.folder / ENCODERS
    place.mkdir(exist_ok=True)
    with folder_lock(place):
        return _embed(opened, encoder, made_by, choose_device(device), workers)


def _embed(
    library: Library, encoder: ClipEncoder, made_by: EmbeddedBy, device: str, workers: int | None
) -> EmbedResult:
    started, table = time.monotonic(), VectorTable(library, made_by)
    found = library.segments().sort_by([("video_id", "ascending"), ("start", "ascending")])
    named = library.paths()  # a file that was replaced leaves a video without a name
    segments = [row for row in found.to_pylist() if row["video_id"] in named]
    if not segments:
        raise EruvError(
            f"the library {library.folder} has no segments. Ingest videos with shots of at least "
            f"{library.settings.segments.minimum} frames first."
        )
    there = {row["video_id"] for row in segments}
    done = table.videos()
    gone = done - there
    table.remove(sorted(gone))
    windows = windows_of([row for row in segments if row["video_id"] not in done], made_by.every_s)
    added = 0
    with Progress("embed", len(windows)) as progress, stop_requests() as stop:

        def show(count: int) -> None:
            progress.update(count, f"{count:,} of {len(windows):,} windows")

        source = _Vectors(library, encoder, device, workers)
        for videos, rows in source.complete_videos(windows, show, lambda: bool(stop)):
            ends = [encoder.num_features, encoder.num_features + LENGTH]
            table.add([asdict(window) for window in videos], *np.split(rows, ends, axis=1))
            added += len(videos)
    if added or gone:
        table.compact()
    if added < len(windows):
        raise Interrupted(
            f"stopped after {added:,} of {len(windows):,} windows; the videos that were complete "
            f"are saved. Run the same command again to go on."
        )
    refresh_index(table)
    table.note()
    return EmbedResult(
        library=str(library.folder),
        run=made_by.encoder_place(library),
        table=made_by.key,
        every_s=made_by.every_s,
        videos=len(there),
        windows=len(table),
        new_videos=len({window.video_id for window in windows}),
        new_windows=len(windows),
        removed_videos=len(gone),
        seconds=time.monotonic() - started,
    )


@dataclass(frozen=True)
class _Vectors:
    library: Library
    encoder: ClipEncoder
    device: str
    workers: int | None

    def complete_videos(
        self,
        windows: Sequence[Window],
        on_windows: Callable[[int], None],
        stop: Callable[[], bool],
    ) -> Iterator[tuple[list[Window], Features]]:
        """Windows of whole videos with their rows, thousands at a time; see `_vectors`."""
        ends = [len(list(group)) for _, group in groupby(windows, lambda one: one.video_id)]
        ends = np.cumsum(ends).tolist()
        first, found = 0, []
        count = 0
        for vectors in self._vectors(windows):
            found.append(vectors)
            count += len(vectors)
            on_windows(count)
            whole = max((end for end in ends if end <= count), default=first)
            if whole - first >= COMMIT_WINDOWS or count == len(windows) or stop():
                ready = np.concatenate(found)
                if whole > first:
                    yield list(windows[first:whole]), ready[: whole - first]
                first, found = whole, [ready[whole - first :]]
            if stop():
                return

    @torch.no_grad()
    def _vectors(self, windows: Sequence[Window]) -> Iterator[Features]:
        """Vectors of unit length, looks and facts side by side (B, F + 111), batch after batch."""
        if not windows:
            return
        if self.device == "cpu":
            keep_pages()
        encoder = self.encoder.ready(self.device)
        ids = sorted({window.video_id for window in windows})
        paths = ProxyPaths(self.library.folder / "proxies", ids)
        paths.refuse_missing()
        clips = WindowClips(
            paths,
            self.library.settings.proxy,
            self._sizes(ids),
            windows,
            CLIPS_AT_ONCE[self.device],
        )
        workers = self.workers
        if workers is None:  # a GPU outruns this process
            workers = 0 if self.device == "cpu" else loader_workers(None, self.device)
        for clips_BTHWC, described in clips.batches(workers):
            yield np.concatenate([unit(encoder.vectors(clips_BTHWC)), described], axis=1)

    def _sizes(self, ids: Sequence[str]) -> list[ClipSize]:
        rows = self.library.rows_of(ids)
        return [self.encoder.size_for(rows[one]["width"], rows[one]["height"]) for one in ids]
