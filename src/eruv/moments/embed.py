"""`eruv.embed`: every segment of a library becomes vectors, window by window."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from eruv.library.catalogue import Library
from eruv.library.rows import ENCODERS
from eruv.models.clip_encoder import ClipEncoder, encoder_digest, open_encoder, seen_from
from eruv.moments.embedded_by import EmbeddedBy
from eruv.moments.index import refresh_index
from eruv.moments.looks import LENGTH
from eruv.moments.table import VectorTable
from eruv.moments.vector_maker import EmbeddedWindows, VectorMaker, local_vectors, ray_vectors
from eruv.moments.windows import COLUMNS, Window, groups_of_videos, windows_of, windows_of_videos
from eruv.training.device import choose_device
from eruv.utils.console import Progress
from eruv.utils.errors import EruvError, Interrupted
from eruv.utils.lock import folder_lock
from eruv.utils.on_ray import ray_cluster, refuse_other_engine
from eruv.utils.results import Result
from eruv.utils.signals import stop_requests

USUAL_SHAPE = (4, 3)
# Windows that are listed at a time: a library may have many millions.
WINDOWS_IN_MEMORY = 200_000
ORDER = ("video_id", "start")


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
    engine: str = "local",
    address: str | None = None,
) -> EmbedResult:
    """Make vectors of all segments of a library, for `search`; called again, it continues.

    A window of 16 frames begins every so many seconds. A video's vectors appear together, and
    videos that have them are skipped. Each encoder and distance has vectors of its own.

    Args:
        library: folder made by `ingest`.
        run: folder of the encoder; or hf:FOLDER or hf:ID, a model of `transformers` on this
            machine (extra `hf`).
        every_s: seconds from the start of one window to that of the next.
        device: auto, cpu or cuda.
        workers: processes that read clips; 0 reads in this one, while it computes; None chooses.
            With Ray, tasks at once.
        engine: local, or ray: the same work as tasks of a Ray cluster (extra `ray`), whose nodes
            see the library under the same path; device auto is cuda where a node has one.
        address: of the Ray cluster; see `eruv.utils.on_ray.ray_cluster`.

    Raises:
        EruvError: if there is no such library or encoder, or it is empty.
        Interrupted: after Ctrl-C, with all complete videos saved.
    """
    refuse_other_engine(engine, address)
    opened, encoder = Library(Path(library)), open_encoder(run)
    if not 0 < every_s < float("inf"):
        raise EruvError(f"`every_s` must be a number of seconds above 0; got {every_s}.")
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
    with ExitStack() as stack:
        stack.enter_context(folder_lock(place))
        if engine == "ray":
            cluster = stack.enter_context(ray_cluster(address, workers))
            maker = _maker(opened, encoder, cluster.device(device), None)
            return _embed(opened, made_by, maker, partial(ray_vectors, cluster, workers))
        maker = _maker(opened, encoder, choose_device(device), workers)
        return _embed(opened, made_by, maker, local_vectors)


def _maker(library: Library, encoder: ClipEncoder, device: str, workers: int | None) -> VectorMaker:
    proxies, settings = library.folder / "proxies", library.settings.proxy
    return VectorMaker(proxies, settings, encoder, device, workers)


EmbedFunction = Callable[
    [VectorMaker, Library, Sequence[Window], Callable[[int], None], Callable[[], bool]],
    EmbeddedWindows,
]


def _embed(
    library: Library, made_by: EmbeddedBy, maker: VectorMaker, embed_windows: EmbedFunction
) -> EmbedResult:
    started, table = time.monotonic(), VectorTable(library, made_by)
    named = library.paths()  # a file that was replaced leaves a video without a name
    counts = windows_of_videos(library.segment_batches(COLUMNS), made_by.every_s)
    there = counts.keys() & named.keys()
    if not there:
        raise EruvError(
            f"the library {library.folder} has no segments. Ingest videos with shots of at least "
            f"{library.settings.segments.minimum} frames first."
        )
    done = table.videos()
    gone = done - there
    table.remove(sorted(gone))
    new = {video_id: counts[video_id] for video_id in there - done}
    total, added = sum(new.values()), 0
    ends = [made_by.num_features, made_by.num_features + LENGTH]
    with Progress("embed", total) as progress, stop_requests() as stop:
        for group in groups_of_videos(new, WINDOWS_IN_MEMORY):
            segments = library.segments(group).sort_by([(name, "ascending") for name in ORDER])
            windows = windows_of(segments.to_pylist(), made_by.every_s)
            before = added

            def show(count: int, before: int = before) -> None:
                progress.update(before + count, f"{before + count:,} of {total:,} windows")

            with closing(embed_windows(maker, library, windows, show, lambda: bool(stop))) as made:
                for videos, rows in made:
                    table.add([asdict(window) for window in videos], *np.split(rows, ends, axis=1))
                    added += len(videos)
            if stop:
                break
    if added or gone:
        table.compact()
    if added < total:
        raise Interrupted(
            f"stopped after {added:,} of {total:,} windows; the videos that were complete "
            f"are saved. Run the same command again to continue."
        )
    refresh_index(table)
    table.save_made_by()
    return EmbedResult(
        library=str(library.folder),
        run=made_by.encoder_place(library),
        table=made_by.key,
        every_s=made_by.every_s,
        videos=len(there),
        windows=len(table),
        new_videos=len(new),
        new_windows=total,
        removed_videos=len(gone),
        seconds=time.monotonic() - started,
    )
