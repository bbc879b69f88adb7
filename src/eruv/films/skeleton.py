"""Joint positions of the figure from its joint angles, in body heights, y upwards."""

import numpy as np
from numpy.typing import NDArray

from eruv.films.motion import Motion, View

Floats = NDArray[np.float64]
Joints = dict[str, Floats]

TORSO = 0.30
NECK = 0.115
UPPER_ARM = 0.17
FOREARM = 0.17
THIGH = 0.235
SHIN = 0.235
FOOT = 0.07
HEAD_RADIUS = 0.09
SOLE = 0.03

_SHOULDERS: dict[View, float] = {"side": 0.015, "front": 0.095}
_HIPS: dict[View, float] = {"side": 0.008, "front": 0.05}
_TOES: dict[View, float] = {"side": 88.0, "front": 48.0}


def place_joints(motion: Motion, view: View, facing: Floats) -> Joints:
    """Find the joints of F frames.

    Args:
        motion: joint angles, lift and roll of F frames.
        view: the side the figure is seen from.
        facing: (F,) in [-1, 1]; 1 looks right, -1 left, values between are a turn.

    Returns:
        (F, 2) positions by joint name, relative to the figure's spot on the ground.
    """
    lean, nod, *limbs = motion.angles.T
    up = -_hanging(-lean)
    across = np.stack([up[:, 1], -up[:, 0]], axis=1)
    pelvis = np.zeros_like(up)
    neck = pelvis + TORSO * up
    joints = {"pelvis": pelvis, "neck": neck, "head": neck - NECK * _hanging(-(lean + nod))}
    for index, side in enumerate(("near", "far")):
        arm, elbow, leg, knee = (limbs[joint + 2 * index] for joint in (0, 1, 4, 5))
        outwards = 1.0 if index == 0 else -1.0
        # Seen from the front the far side is a mirror image; from the side it is parallel.
        mirror = outwards if view == "front" else 1.0
        shoulder = neck - 0.02 * up + outwards * _SHOULDERS[view] * across
        hip = pelvis + outwards * _HIPS[view] * across
        arm_angle = arm - mirror * lean
        shin_angle = leg - knee
        joints[f"{side}_shoulder"] = shoulder
        joints[f"{side}_elbow"] = shoulder + UPPER_ARM * _hanging(arm_angle, mirror)
        joints[f"{side}_hand"] = joints[f"{side}_elbow"] + FOREARM * _hanging(
            arm_angle + elbow, mirror
        )
        joints[f"{side}_hip"] = hip
        joints[f"{side}_knee"] = hip + THIGH * _hanging(leg, mirror)
        joints[f"{side}_ankle"] = joints[f"{side}_knee"] + SHIN * _hanging(shin_angle, mirror)
        joints[f"{side}_toe"] = joints[f"{side}_ankle"] + FOOT * _hanging(
            shin_angle + _TOES[view], mirror
        )
    return _stand(joints, motion, facing)


def _hanging(angle: Floats, mirror: float = 1.0) -> Floats:
    """Unit vectors (F, 2) of limbs at angles in degrees from straight down."""
    radians = np.deg2rad(angle)
    return np.stack([mirror * np.sin(radians), -np.cos(radians)], axis=1)


def _stand(joints: Joints, motion: Motion, facing: Floats) -> Joints:
    """Roll the body about its pelvis, set its lowest point on the ground, lift and turn it."""
    roll = np.deg2rad(motion.roll)
    cosine, sine = np.cos(roll), np.sin(roll)
    rolled = {
        name: np.stack([x * cosine + y * sine, y * cosine - x * sine], axis=1)
        for name, (x, y) in ((name, joint.T) for name, joint in joints.items())
    }
    lowest = np.min([joint[:, 1] for joint in rolled.values()], axis=0) - SOLE
    for joint in rolled.values():
        joint[:, 0] *= facing
        joint[:, 1] += motion.lift - lowest
    return rolled
