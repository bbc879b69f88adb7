"""What players and editors read of a file besides its pictures: start of the clock, and audio."""

from dataclasses import dataclass
from pathlib import Path

import av
import av.error

from eruv.detection.detect import ShotList
from eruv.media.opening import open_media


@dataclass(frozen=True)
class Playback:
    """How a file plays.

    Attributes:
        start_s: when it starts on its own clock, which players show as 0; None if not stated.
        audio_channels, audio_rate: of the first audio stream; 0 without one.
    """

    start_s: float | None = None
    audio_channels: int = 0
    audio_rate: int = 0


def playback_of(path: Path) -> Playback:
    """How a file plays; the defaults if it cannot be opened."""
    try:
        with open_media(path) as container:
            start = container.start_time
            start_s = None if start is None else start / av.time_base
            for stream in container.streams.audio:
                return Playback(start_s, stream.channels, stream.rate or 0)
            return Playback(start_s)
    except (av.error.FFmpegError, OSError, ValueError):
        return Playback()


def shown_start_s(shots: ShotList) -> float:
    """The time on the film's clock that players show as 0: no later than its first frame."""
    first_s = shots.times.start(0)
    start_s = playback_of(shots.path).start_s
    return first_s if start_s is None else min(first_s, start_s)
