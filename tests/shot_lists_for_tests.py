"""Shot lists without a film behind them, for what only writes them down."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from eruv.detection.detect import Shot, ShotList
from eruv.detection.detectors import DetectorChoice
from eruv.detection.detectors.base import Detection, Transition
from eruv.media.damage import Damage
from eruv.media.frame_times import FrameTimes


def shot_list(
    transitions: Sequence[Transition],
    num_frames: int,
    *,
    rate: float = 25.0,
    times_s: Sequence[float] | None = None,
    path: Path = Path("film.mp4"),
) -> ShotList:
    """The shots between some transitions, in a film of a constant rate unless times are given."""
    times = FrameTimes(1 / rate)
    for frame in range(num_frames):
        times.add(frame / rate if times_s is None else times_s[frame])
    scores = np.zeros(num_frames, np.float32)
    for transition in transitions:
        scores[transition.start] = transition.score
    found = Detection(num_frames, tuple(transitions), scores, 0.5)
    return ShotList(
        path=path,
        detector=DetectorChoice("hog-fixed"),
        width=64,
        height=48,
        rate=Fraction(rate).limit_denominator(1001),
        times=times,
        shots=tuple(Shot(start, end, *times.range(start, end)) for start, end in found.shots),
        transitions=found.transitions,
        scores=scores,
        threshold=0.5,
        damage=Damage(),
    )


CUT_DISSOLVE_GAP = (
    Transition(30, 30, "cut", 0.9),
    Transition(50, 62, "dissolve", 0.7, 0.8),
    Transition(80, 80, "gap", 1.0),
)
