"""Which windows of 16 frames stand for a video of a library."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from eruv.clips.spec import CLIP_FRAMES, ClipSize, ClipSpec
from eruv.models.embedding import window_frames

PLACES = ("start", "end", "start_s", "end_s")
COLUMNS = ("video_id", *PLACES)  # of segments, by which windows are counted
SUMMED = ("video_id", "windows_sum")


@dataclass(frozen=True)
class Window:
    """Frames [start, end) of a shot, from start_s to end_s by the file's clock."""

    video_id: str
    shot: int
    start: int
    end: int
    start_s: float
    end_s: float

    def spec(self, video: int, size: ClipSize) -> ClipSpec:
        """The clip, cropped in the middle."""
        return ClipSpec(video, window_frames((self.start, self.end)), size.centre)


def windows_of(segments: Sequence[dict[str, Any]], every_s: float) -> list[Window]:
    """The windows of segments, rows of the catalogue: one every so many seconds.

    A segment that is shorter than a window is one window. Seconds within a segment are those of
    frames evenly spaced between its ends.

    Raises:
        ValueError: if `every_s` is not positive.
    """
    if not 0 < every_s < float("inf"):
        raise ValueError(f"every_s must be a number of seconds above 0; got {every_s}")
    lengths = np.array([row["end"] - row["start"] for row in segments], np.int64)
    seconds = np.array([row["end_s"] - row["start_s"] for row in segments], np.float64)
    steps, counts = _steps_and_counts(lengths, seconds, every_s)
    found = []
    for row, length, step, count in zip(
        segments, lengths.tolist(), steps.tolist(), counts.tolist(), strict=True
    ):
        first, frame_s = row["start"], (row["end_s"] - row["start_s"]) / length
        for start in range(0, count * step, step):
            end = min(length, start + CLIP_FRAMES)
            found.append(
                Window(
                    row["video_id"],
                    row["shot"],
                    first + start,
                    first + end,
                    row["start_s"] + start * frame_s,
                    row["start_s"] + end * frame_s,
                )
            )
    return found


def _steps_and_counts(
    lengths: NDArray[np.int64], seconds: NDArray[np.float64], every_s: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Frames from window to window, and the number of windows, of each segment."""
    frame_s = seconds / lengths
    steps, timed = lengths.copy(), frame_s > 0
    steps[timed] = np.minimum(lengths[timed], np.maximum(1, np.round(every_s / frame_s[timed])))
    return steps, np.maximum(0, lengths - CLIP_FRAMES) // steps + 1


def windows_of_videos(segments: Iterable[pa.Table], every_s: float) -> dict[str, int]:
    """How many windows each video has, by its id; see `windows_of`.

    Args:
        segments: rows of the catalogue with `COLUMNS`, in pieces.
        every_s: seconds from the start of one window to that of the next.
    """
    counts: Counter[str] = Counter()
    for part in segments:
        start, end, start_s, end_s = (part[name].to_numpy() for name in PLACES)
        _, windows = _steps_and_counts(end - start, end_s - start_s, every_s)
        table = pa.table({"video_id": part["video_id"], "windows": windows})
        sums = table.group_by("video_id").aggregate([("windows", "sum")])
        counts.update(dict(zip(*(sums[name].to_pylist() for name in SUMMED), strict=True)))
    return counts


def groups_of_videos(counts: Mapping[str, int], most: int) -> Iterator[list[str]]:
    """Videos in the order of their ids, some at a time: of so many windows, or one video."""
    group: list[str] = []
    windows = 0
    for video_id in sorted(counts):
        if group and windows + counts[video_id] > most:
            yield group
            group, windows = [], 0
        group.append(video_id)
        windows += counts[video_id]
    if group:
        yield group
