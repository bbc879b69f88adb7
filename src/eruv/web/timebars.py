"""A video's shots as a bar, and the shots that stand for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from eruv.utils.axes import time_ticks
from eruv.web.shelf import VideoRow

WIDTH = 1000
NARROWEST = 0.4


@dataclass(frozen=True)
class Timebar:
    """Paths on a bar of `WIDTH` by 1, of every second shot; ticks at per mille, with seconds."""

    even: str
    odd: str
    ticks: list[tuple[float, float]]


def timebar(video: VideoRow) -> Timebar:
    """The bar of a video; shots alternate between two paths."""
    scale = WIDTH / max(video.seconds, 1e-6)
    boxes = [
        ((start - video.start_s) * scale, (end - video.start_s) * scale)
        for start, end in video.shots
    ]
    return Timebar(
        _path(boxes[::2]),
        _path(boxes[1::2]),
        [(tick * scale, video.start_s + tick) for tick in time_ticks(max(video.seconds, 1e-6))],
    )


def _path(boxes: Sequence[tuple[float, float]]) -> str:
    return "".join(
        f"M{first:.1f} 0H{max(last, first + NARROWEST):.1f}V1H{first:.1f}z" for first, last in boxes
    )


def key_shots(video: VideoRow, most: int) -> list[int]:
    """Numbers of at most so many shots, evenly spread."""
    count = len(video.shots)
    if count <= most:
        return list(range(count))
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]
