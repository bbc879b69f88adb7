"""Movements as loops of key poses, unevenly spaced so that reversal shows."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
View = Literal["side", "front"]


class Pose(NamedTuple):
    """Joint angles in degrees; positive is forwards (seen from the side) or outwards (front).

    Arms are relative to the torso and legs to the vertical, both counted from hanging straight
    down; elbows and knees are relative to the limb above them.
    """

    lean: float = 0
    nod: float = 0
    near_arm: float = 6
    near_elbow: float = 12
    far_arm: float = 6
    far_elbow: float = 12
    near_leg: float = 3
    near_knee: float = 4
    far_leg: float = 3
    far_knee: float = 4

    def other_side(self) -> "Pose":
        """The pose with near and far limbs exchanged."""
        lean, nod, *limbs = self
        return Pose(lean, nod, *limbs[2:4], *limbs[:2], *limbs[6:8], *limbs[4:6])


@dataclass(frozen=True)
class Motion:
    """A figure's movement over F frames.

    Attributes:
        angles: (F, 10) degrees, columns as in `Pose`.
        lift: (F,) height of the lowest point above the ground, in body heights.
        roll: (F,) rotation of the whole body, degrees, positive towards the front.
    """

    angles: Floats
    lift: Floats
    roll: Floats


@dataclass(frozen=True)
class Action:
    """A repeating movement.

    Attributes:
        view: the side the figure is seen from.
        period: seconds of one cycle at speed 1.
        keys: (moment in [0, 1), pose) pairs in ascending order.
        flights: (take-off, landing, height) with moments in [0, 1] and height in body heights.
        turn: moments between which the whole body turns once around, if it does.
        stride: body heights travelled in one cycle.
    """

    view: View
    period: float
    keys: tuple[tuple[float, Pose], ...]
    flights: tuple[tuple[float, float, float], ...] = ()
    turn: tuple[float, float] | None = None
    stride: float = 0.0

    def __post_init__(self) -> None:
        moments = [moment for moment, _ in self.keys]
        if moments != sorted(set(moments)) or not 0 <= moments[0] <= moments[-1] < 1:
            raise ValueError(f"key moments must ascend within [0, 1), got {moments}")
        if self.period <= 0:
            raise ValueError(f"period must be positive, got {self.period}")

    def motion(self, cycles: Floats) -> Motion:
        """Evaluate the action at (F,) positions counted in cycles; the fraction is the phase."""
        phase = cycles % 1.0
        moments = np.array([moment for moment, _ in self.keys])
        poses = np.array([pose for _, pose in self.keys], dtype=np.float64)
        lift = np.zeros_like(phase)
        for take_off, landing, height in self.flights:
            progress = np.clip((phase - take_off) / (landing - take_off), 0, 1)
            lift += 4 * height * progress * (1 - progress)
        return Motion(_loop(moments, poses, phase), lift, self._roll(phase))

    def _roll(self, phase: Floats) -> Floats:
        if self.turn is None:
            return np.zeros_like(phase)
        start, end = self.turn
        progress = np.clip((phase - start) / (end - start), 0, 1)
        return 360 * progress**2 * (3 - 2 * progress)


def _loop(moments: Floats, poses: Floats, phase: Floats) -> Floats:
    """Interpolate key poses smoothly, without a jerk at the keys or a swing beyond them."""
    moments = np.concatenate([moments - 1, moments, moments + 1])
    poses = np.tile(poses, (3, 1))
    steps = np.diff(moments)[:, None]
    rates = np.diff(poses, axis=0) / steps
    before, after = rates[:-1], rates[1:]
    same_way = before * after > 0
    # The harmonic mean of Fritsch and Butland keeps every joint between its keys.
    slopes = np.zeros_like(poses)
    slopes[1:-1][same_way] = (2 * before * after)[same_way] / (before + after)[same_way]
    left = np.searchsorted(moments, phase, side="right") - 1
    step = steps[left]
    u = (phase - moments[left])[:, None] / step
    ease = u * u * (3 - 2 * u)
    return (
        poses[left] * (1 - ease)
        + poses[left + 1] * ease
        + step * u * (1 - u) * ((1 - u) * slopes[left] - u * slopes[left + 1])
    )
