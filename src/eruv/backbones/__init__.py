"""Name → backbone class, for every 3-D network that turns a clip into features.

Comes in: a name and a width. Goes out: a module with `forward` and `forward_features`.
"""

from eruv.backbones.base import Backbone
from eruv.backbones.c3d import C3D
from eruv.backbones.r2plus1d import R2Plus1D
from eruv.backbones.r3d import R3D

BACKBONES: dict[str, type[Backbone]] = {"c3d": C3D, "r3d": R3D, "r2plus1d": R2Plus1D}

__all__ = ["BACKBONES", "C3D", "R3D", "Backbone", "R2Plus1D"]
