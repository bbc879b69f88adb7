"""Read a part of a file without decoding what precedes it, where the file has an index."""

from collections.abc import Iterator
from pathlib import Path

import av.error

from eruv.media.damage import UnreadableVideo
from eruv.media.video import SourceFrame, VideoSource

# Frames after a key frame may need some before it (open GOP): begin this much earlier.
LEAD_S = 1.0
# Elsewhere an index is a guess, or times are counted from the start.
INDEXED = ("mov", "matroska")


def frames_from(path: Path, start_s: float | None, threads: int = 1) -> Iterator[SourceFrame]:
    """Frames in order of display, the first at or before `start_s`, or at the film's start.

    Args:
        path: of the file.
        start_s: by the file's clock; None is the film's start.
        threads: that decode where reading begins at the start; see `VideoSource`.

    Raises:
        UnreadableVideo: if the file gives no video.
    """
    with VideoSource(path) as source:  # several threads would start over
        if start_s is not None and _seek(source, start_s):
            frames = source.frames()
            try:
                first = next(frames, None)
            except UnreadableVideo:
                first = None
            if first is not None and first.time_s <= start_s:
                yield first
                yield from frames
                return
    with VideoSource(path, threads) as source:
        yield from source.frames()


def has_index(source: VideoSource) -> bool:
    """Whether a file says where its key frames are, and when they are shown."""
    return any(name in source.container.format.name for name in INDEXED)


def _seek(source: VideoSource, start_s: float) -> bool:
    base = source.stream.time_base
    if not base or not has_index(source):
        return False
    try:
        source.container.seek(round((start_s - LEAD_S) / base), stream=source.stream)
    except (av.error.FFmpegError, OverflowError):
        source.container.seek(0)
    return True
