"""Name → backbone class, for every 3-D network that turns a clip into features."""

from eruv.models.backbones.base import Backbone
from eruv.models.backbones.c3d import C3D
from eruv.models.backbones.r2plus1d import R2Plus1D
from eruv.models.backbones.r3d import R3D

BACKBONES: dict[str, type[Backbone]] = {"c3d": C3D, "r3d": R3D, "r2plus1d": R2Plus1D}

__all__ = ["BACKBONES", "C3D", "R3D", "Backbone", "R2Plus1D"]


def make_backbone(name: str, width: float = 1.0) -> Backbone:
    """A backbone with random weights.

    Raises:
        ValueError: for an unknown name or a width out of range.
    """
    if name not in BACKBONES:
        raise ValueError(f"a backbone must be one of {', '.join(BACKBONES)}; got {name!r}")
    return BACKBONES[name](width)


def name_of(backbone: Backbone) -> str:
    """The name of a backbone in `BACKBONES`."""
    return next(name for name, kind in BACKBONES.items() if type(backbone) is kind)
