"""The nearest of many features, block by block: neither set need fit into memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

# Of 9,216 numbers each, both blocks are 113 MB, and with what is made of them about 240.
GALLERY_BLOCK, QUERY_BLOCK = 2048, 1024
_SIGN_KEPT = 0x7FFFFFFF
_LOW_WORD = 0xFFFFFFFF

Features = NDArray[np.float32]


@dataclass(frozen=True)
class Neighbours:
    """The k nearest of each query, nearest first.

    Attributes:
        positions: (Q, k) int64, rows of the gallery.
        similarity: (Q, k) float32, cosine of each with its query.
    """

    positions: NDArray[np.int64]
    similarity: Features


def nearest(
    queries: Features,
    gallery: Features,
    k: int,
    *,
    device: str = "cpu",
    on_share: Callable[[float], None] = lambda share: None,
) -> Neighbours:
    """The k of the gallery that are nearest to each query by cosine.

    Of equally near ones the first of the gallery is the nearest, however blocks fall.

    Args:
        queries: (Q, F).
        gallery: (G, F), G at least 1; fewer than k are all found.
        k: how many.
        device: where to compute.
        on_share: called with the share of the work that is done.
    """
    k = min(k, len(gallery))
    best = [
        torch.empty(last - first, 0, dtype=torch.int64)
        for first, last in _blocks(queries, QUERY_BLOCK)
    ]
    for start, end in _blocks(gallery, GALLERY_BLOCK):
        block = _unit(gallery[start:end], device)
        for number, (first, last) in enumerate(_blocks(queries, QUERY_BLOCK)):
            keys = _keys(_unit(queries[first:last], device) @ block.T, start)
            both = torch.cat([best[number].to(device), keys], dim=1)
            best[number] = both.topk(min(k, both.shape[1]), dim=1).values.cpu()
            on_share((start + (end - start) * last / len(queries)) / len(gallery))
    return _decoded(torch.cat(best))


def _blocks(features: Features, size: int) -> Iterator[tuple[int, int]]:
    for start in range(0, len(features), size):
        yield start, min(start + size, len(features))


def _unit(features: Features, device: str) -> Tensor:
    rows = torch.from_numpy(np.array(features)).to(device)
    return rows.div_(rows.norm(dim=1, keepdim=True).clamp_(min=1e-12))


def _keys(similarity: Tensor, first: int) -> Tensor:
    """Whole numbers that are greater for nearer ones; of equally near ones, for the first.

    The bits of a float, read as a whole number, are in its order (backwards below zero). They
    are the upper half of a key and the position is the lower, so that no two keys are equal.
    """
    bits = (similarity + 0.0).view(torch.int32).long()  # -0.0 becomes 0.0
    ordered = torch.where(bits < 0, bits ^ _SIGN_KEPT, bits)
    positions = torch.arange(first, first + similarity.shape[1], device=similarity.device)
    return (ordered << 32) - positions


def _decoded(keys: Tensor) -> Neighbours:
    positions = -keys & _LOW_WORD
    ordered = (keys + positions) >> 32
    bits = torch.where(ordered < 0, ordered ^ _SIGN_KEPT, ordered).int()
    return Neighbours(positions.numpy(), bits.view(torch.float32).numpy())
