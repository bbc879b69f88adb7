"""Estimate the time and the disk space that an ingest will take."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.media.estimate import estimate_frames
from eruv.utils.errors import EruvError
from eruv.utils.storage.remote_path import is_remote

# Measured on two cores of 2023 at sizes from 320x240 to 1280x720.
SECONDS_PER_FRAME = 1.0e-3
SECONDS_PER_PIXEL = 3.0e-9
PROXY_BYTES_PER_FRAME = 3000  # an upper bound: 1000 to 1500 were seen
SPARE_BYTES = 100_000_000


@dataclass(frozen=True)
class Estimate:
    """What an ingest of a number of files will probably take."""

    files: int
    source_bytes: int
    frames: int
    seconds: float
    proxy_bytes: int

    @property
    def frames_per_byte(self) -> float:
        return self.frames / self.source_bytes if self.source_bytes else 0.0


def estimate_ingest(paths: Sequence[Path], sizes: Sequence[int], workers: int) -> Estimate:
    """The estimate for files of these sizes in bytes, with a number of parallel processes."""
    found = estimate_frames(paths, sizes)
    seconds = found.frames * SECONDS_PER_FRAME + found.pixels * SECONDS_PER_PIXEL
    return Estimate(
        files=len(paths),
        source_bytes=sum(sizes),
        frames=found.frames,
        seconds=seconds / workers,
        proxy_bytes=found.frames * PROXY_BYTES_PER_FRAME,
    )


def refuse_small_disk(estimate: Estimate, folder: Path) -> None:
    """Stop before anything is written if the proxies would not fit; a bucket has room.

    Raises:
        EruvError: if the folder's disk has less room than the proxies may need.
    """
    if is_remote(folder):
        return
    needed = estimate.proxy_bytes + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise EruvError(
            f"the proxies of {estimate.files} videos (about {estimate.frames:,} frames) may need "
            f"{needed / 1e9:.1f} GB, but the disk of {folder} has {free / 1e9:.1f} GB free. "
            f"Make room, or choose a folder on another disk as `to`."
        )
