"""Which windows of 16 frames stand for a video of a library."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eruv.clips.spec import CLIP_FRAMES, ClipSize, ClipSpec
from eruv.models.embedding import window_frames


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
        raise ValueError(f"every_s is a number of seconds above 0; got {every_s}")
    found = []
    for row in segments:
        first, length = row["start"], row["end"] - row["start"]
        frame_s = (row["end_s"] - row["start_s"]) / length
        step = max(1, round(every_s / frame_s)) if frame_s > 0 else length
        last = max(0, length - CLIP_FRAMES)
        for start in range(0, last + 1, step):
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
