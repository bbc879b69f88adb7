"""Estimate the frames of many files from a sample of their headers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eruv.media.damage import UnreadableVideo
from eruv.media.video import VideoSource
from eruv.utils.storage.errors import ObjectError

SAMPLED_FILES = 24
# Headers can state any duration; a frame of even the stillest film takes about this much.
LEAST_BYTES_PER_FRAME = 16


@dataclass(frozen=True)
class FrameEstimate:
    """Frames of a number of files, and their pixels in all."""

    frames: int
    pixels: float


def estimate_frames(paths: Sequence[Path], sizes: Sequence[int]) -> FrameEstimate:
    """Open some of the files and scale up by their size.

    Args:
        paths: of the files.
        sizes: in bytes.
    """
    step = max(1, len(paths) // SAMPLED_FILES)
    sampled_bytes = 0
    sampled_frames = sampled_pixels = 0.0
    for path, size in list(zip(paths, sizes, strict=True))[::step]:
        sampled_bytes += size
        try:
            with VideoSource(path) as source:
                stated = (source.stated_duration_s or 0.0) * float(source.rate)
                frames = min(max(0.0, stated), size / LEAST_BYTES_PER_FRAME)
                sampled_pixels += frames * source.stream.width * source.stream.height
        except (UnreadableVideo, ObjectError):
            continue
        sampled_frames += frames
    scale = sum(sizes) / sampled_bytes if sampled_bytes else 0.0
    return FrameEstimate(round(sampled_frames * scale), sampled_pixels * scale)
