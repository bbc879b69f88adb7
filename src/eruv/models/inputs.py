"""The input of every network: uint8 clips as floats, in the layout that pixels come in."""

from typing import Literal, TypeVar, get_args

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)
# What a network sees of a clip: its pictures, or how they change from one to the next.
InputKind = Literal["rgb", "residual"]
INPUT_KINDS: tuple[InputKind, ...] = get_args(InputKind)


def network_input(clips_BTHWC: Tensor, kind: InputKind = "rgb") -> Tensor:
    """uint8 RGB clips (B, T, H, W, 3) as what a network sees of them, float (B, 3, T, H, W).

    Either the pictures in [0, 1] (fact 2), a view with channels last: the layout that pixels come
    in. Or residual frames in [-2, 2], see `residual_frames`.

    Raises:
        TypeError: for clips that are not uint8, which may be scaled already.
    """
    if clips_BTHWC.dtype != torch.uint8:
        raise TypeError(f"clips must be uint8, from 0 to 255; got {clips_BTHWC.dtype}")
    pixels_BCTHW = clips_BTHWC.permute(0, 4, 1, 2, 3).float().div_(255)
    return pixels_BCTHW if kind == "rgb" else residual_frames(pixels_BCTHW)


def residual_frames(pixels_BCTHW: Tensor) -> Tensor:
    """Twice the change of each frame to the next, 2 (x[t + 1] - x[t]), of the same shape.

    The last change stands twice, so that a clip keeps its length. Still backgrounds vanish: what
    is left is motion (Tao et al., "Pretext-Contrastive Learning", 2020).
    """
    changes = pixels_BCTHW.diff(dim=2).mul_(2)
    return torch.cat([changes, changes[:, :, -1:]], dim=2)


def check_input_kind(kind: str | None) -> None:
    """Raise a ValueError for an input that there is not."""
    if kind is not None and kind not in INPUT_KINDS:
        raise ValueError(f"input must be one of {', '.join(INPUT_KINDS)}; got {kind!r}")


def with_channels_last(network: Network) -> Network:
    """The same network with weights laid out as its input is."""
    return network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
