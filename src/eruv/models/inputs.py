"""The input of every network: uint8 clips as floats, in the layout that pixels come in."""

from typing import TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)


def network_input(clips_BTHWC: Tensor) -> Tensor:
    """uint8 RGB clips (B, T, H, W, 3) as float (B, 3, T, H, W) in [0, 1] (fact 2).

    The result is a view with channels last: the layout that pixels come in.

    Raises:
        TypeError: for clips that are not uint8, which may be scaled already.
    """
    if clips_BTHWC.dtype != torch.uint8:
        raise TypeError(f"clips are uint8, from 0 to 255; got {clips_BTHWC.dtype}")
    return clips_BTHWC.permute(0, 4, 1, 2, 3).float().div_(255)


def with_channels_last(network: Network) -> Network:
    """The same network with weights laid out as its input is."""
    return network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
