"""One row of numbers for each video, from its ten clips (fact 4); saved as it is made."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from eruv.clips.spec import ClipSize
from eruv.datasets.labelled_videos import LabelledVideo, LabelledVideos
from eruv.evaluation.feature_files import FeatureFile
from eruv.evaluation.ten_clip_features import ten_clips
from eruv.models.inputs import with_channels_last
from eruv.pretext.task import EVALUATION
from eruv.training.device import choose_device, keep_pages, loader_workers
from eruv.training.loader import Loader
from eruv.training.samples import Key
from eruv.utils.console import Progress

ROWS_FOLDER = "rows"

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

    Raises:
        Interrupted: after Ctrl-C or SIGTERM; the rows so far are kept.
        EruvError: if a proxy is gone, or for a row that is not finite.
    """
    made_of = key | {"size": vars(size), "videos": data.fingerprint(videos)}
    digest = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
    rows = FeatureFile(folder / ROWS_FOLDER / f"{digest[:16]}.npy", len(videos), made_of)

    def rows_from(first: int) -> Iterator[Rows]:
        keys: list[list[Key]] = [[(EVALUATION, number)] for number in range(first, len(videos))]
        clips = ten_clips(data, videos, size)
        for clips_1NTHWC, _ in Loader(clips, keys, loader_workers(workers, choose_device(device))):
            yield describe(clips_1NTHWC[0]).numpy()

    total = len(videos)
    with Progress(title, total, rows.rows_done) as progress:
        found = rows.complete(
            rows_from, lambda done: progress.update(done, f"{done:,} of {total:,} videos")
        )
    return np.array(found)  # others may write into it
