"""What the demo figures do: the name of an action comes in, its movement goes out.

Strikes are fast and returns slow, falls obey gravity: most actions differ from their inversion.
"""

from __future__ import annotations

from eruv.films.motion import Action, Pose


def _both_sides(*half: tuple[float, Pose]) -> tuple[tuple[float, Pose], ...]:
    """Complete a half cycle by the same one with the limbs exchanged."""
    return half + tuple((moment + 0.5, pose.other_side()) for moment, pose in half)


_GUARD = Pose(8, 0, 45, 110, 35, 115, 20, 18, -20, 14)

ACTIONS: dict[str, Action] = {
    "walk": Action(
        "side",
        0.95,
        _both_sides(
            (0.0, Pose(4, 0, -32, 12, 30, 28, 30, 4, -26, 14)),
            (0.25, Pose(3, 0, 0, 16, 0, 20, 2, 3, 10, 58)),
        ),
        stride=0.5,
    ),
    "run": Action(
        "side",
        0.62,
        _both_sides(
            (0.0, Pose(16, -6, -55, 85, 50, 95, 42, 22, -28, 75)),
            (0.22, Pose(14, -6, 5, 90, 0, 90, -8, 8, 35, 110)),
        ),
        flights=((0.3, 0.5, 0.05), (0.8, 1.0, 0.05)),
        stride=0.55,
    ),
    "jump": Action(
        "side",
        1.1,
        (
            (0.0, Pose()),
            (0.3, Pose(42, -15, -35, 10, -35, 10, 72, 108, 66, 108)),
            (0.4, Pose(4, 0, 165, 8, 155, 8, -6, 0, -10, 0)),
            (0.55, Pose(14, 0, 130, 10, 120, 10, 48, 70, 36, 66)),
            (0.7, Pose(6, 0, 80, 20, 70, 20, 10, 8, 4, 8)),
            (0.77, Pose(30, 0, 40, 25, 35, 25, 50, 76, 46, 76)),
        ),
        flights=((0.38, 0.71, 0.28),),
    ),
    "wave": Action(
        "front",
        0.75,
        (
            (0.0, Pose(-5, -5, 122, 60, 8, 10, 7, 2, 7, 2)),
            (0.3, Pose(4, 4, 128, -45, 14, 10, 7, 2, 7, 2)),
        ),
    ),
    "jumping_jack": Action(
        "front",
        0.95,
        (
            (0.0, Pose(0, 0, 8, 4, 8, 4, 3, 0, 3, 0)),
            (0.08, Pose(0, 0, 14, 8, 14, 8, 10, 16, 10, 16)),
            (0.32, Pose(0, 0, 162, 4, 162, 4, 30, 0, 30, 0)),
            (0.5, Pose(0, 0, 168, 4, 168, 4, 30, 0, 30, 0)),
        ),
        flights=((0.08, 0.32, 0.08), (0.6, 0.9, 0.05)),
    ),
    "squat": Action(
        "side",
        1.15,
        (
            (0.0, Pose(2, 0, 6, 8, 2, 8, 4, 4, -2, 4)),
            (0.55, Pose(44, -20, 128, 4, 124, 4, 98, 132, 92, 132)),
            (0.66, Pose(45, -20, 130, 4, 126, 4, 100, 134, 94, 134)),
            (0.84, Pose(-3, 0, 6, 8, 2, 8, 0, 0, -5, 0)),
        ),
    ),
    "cartwheel": Action(
        "front",
        1.2,
        (
            (0.0, Pose(0, 0, 120, 10, 120, 10, 10, 2, 10, 2)),
            (0.2, Pose(0, 0, 150, 0, 150, 0, 34, 0, 30, 0)),
            (0.5, Pose(0, 0, 158, 0, 158, 0, 50, 0, 50, 0)),
            (0.8, Pose(0, 0, 140, 0, 140, 0, 28, 4, 28, 4)),
        ),
        turn=(0.08, 0.88),
        stride=0.6,
    ),
    "kick": Action(
        "side",
        0.95,
        (
            (0.0, _GUARD),
            (0.22, Pose(-4, 0, 40, 100, 50, 100, 72, 105, -6, 8)),
            (0.33, Pose(-26, 10, -25, 25, 50, 80, 100, 2, -10, 4)),
            (0.42, Pose(-24, 10, -20, 30, 48, 80, 96, 6, -10, 4)),
            (0.7, Pose(2, 0, 30, 90, 42, 100, 48, 72, -12, 10)),
        ),
    ),
    "punch": Action(
        "side",
        0.9,
        _both_sides(
            (0.0, _GUARD),
            (0.1, Pose(22, 0, 112, 0, 5, 120, 30, 26, -26, 6)),
            (0.17, Pose(20, 0, 110, 4, 8, 120, 30, 26, -26, 6)),
        ),
    ),
    "bow": Action(
        "side",
        1.2,
        (
            (0.0, Pose(-2, 0, 4, 6, 0, 6, 2, 2, -3, 2)),
            (0.24, Pose(84, 25, 70, 14, 64, 14, -8, 0, -12, 0)),
            (0.38, Pose(88, 30, 76, 14, 70, 14, -8, 0, -12, 0)),
            (0.9, Pose(0, 0, 4, 6, 0, 6, 2, 2, -3, 2)),
        ),
    ),
}
