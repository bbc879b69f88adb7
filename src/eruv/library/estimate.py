"""Estimate what ingesting will take, from a sample of the files' headers."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.media.video import UnreadableVideo, VideoSource
from eruv.utils.errors import EruvError

SAMPLED_FILES = 24
# Measured on two cores of 2023 at sizes from 320x240 to 1280x720; a first word, not a promise.
SECONDS_PER_FRAME = 1.0e-3
SECONDS_PER_PIXEL = 3.0e-9
PROXY_BYTES_PER_FRAME = 3000  # an upper bound: 1000 to 1500 were seen
SPARE_BYTES = 100_000_000
# Headers can state any duration; a frame of even the stillest film takes about this much.
LEAST_BYTES_PER_FRAME = 16


@dataclass(frozen=True)
class Estimate:
    """What a number of files will probably take."""

    files: int
    source_bytes: int
    frames: int
    seconds: float
    proxy_bytes: int

    @property
    def frames_per_byte(self) -> float:
        return self.frames / self.source_bytes if self.source_bytes else 0.0


def estimate_ingest(paths: Sequence[Path], sizes: Sequence[int], workers: int) -> Estimate:
    """Open some of the files and scale up by their size.

    Args:
        paths: the files to ingest.
        sizes: their sizes in bytes.
        workers: parallel processes.
    """
    step = max(1, len(paths) // SAMPLED_FILES)
    sampled_bytes = sampled_frames = 0
    sampled_seconds = 0.0
    for path, size in list(zip(paths, sizes, strict=True))[::step]:
        sampled_bytes += size
        try:
            with VideoSource(path) as source:
                stated = (source.stated_duration_s or 0.0) * float(source.rate)
                frames = min(max(0.0, stated), size / LEAST_BYTES_PER_FRAME)
                pixels = source.stream.width * source.stream.height
        except UnreadableVideo:
            continue
        sampled_frames += round(frames)
        sampled_seconds += frames * (SECONDS_PER_FRAME + SECONDS_PER_PIXEL * pixels)
    total_bytes = sum(sizes)
    scale = total_bytes / sampled_bytes if sampled_bytes else 0.0
    frames_in_all = round(sampled_frames * scale)
    return Estimate(
        files=len(paths),
        source_bytes=total_bytes,
        frames=frames_in_all,
        seconds=sampled_seconds * scale / workers,
        proxy_bytes=frames_in_all * PROXY_BYTES_PER_FRAME,
    )


def refuse_small_disk(estimate: Estimate, folder: Path) -> None:
    """Stop before anything is written where the proxies would not fit.

    Raises:
        EruvError: if the folder's disk has less room than the proxies may need.
    """
    needed = estimate.proxy_bytes + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise EruvError(
            f"the proxies of {estimate.files} videos (about {estimate.frames:,} frames) may need "
            f"{needed / 1e9:.1f} GB, but the disk of {folder} has {free / 1e9:.1f} GB free. "
            f"Make room, or name a folder on another disk as `to`."
        )
