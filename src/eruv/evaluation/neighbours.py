"""The nearest of many features, block by block: neither set need fit into memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from eruv.evaluation.feature_file import Features

# Of 9,216 numbers each, both blocks are 113 MB, and with what is made of them about 240.
GALLERY_BLOCK, QUERY_BLOCK = 2048, 1024


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
    best = [
        (torch.empty(last - first, 0), torch.empty(last - first, 0, dtype=torch.int64))
        for first, last in _blocks(queries, QUERY_BLOCK)
    ]
    for start, end in _blocks(gallery, GALLERY_BLOCK):
        block = _unit(gallery[start:end], device)
        places = torch.arange(start, end)
        for number, (first, last) in enumerate(_blocks(queries, QUERY_BLOCK)):
            similarity, positions = best[number]
            found = _unit(queries[first:last], device) @ block.T
            # Those found before stand first, and a stable sort leaves equal ones in their order.
            both = torch.cat([similarity.to(device), found], dim=1)
            similarity, order = both.sort(dim=1, descending=True, stable=True)
            order = order[:, :k].cpu()
            positions = torch.cat([positions, places.expand(last - first, -1)], dim=1)
            best[number] = similarity[:, :k].clone().cpu(), positions.gather(1, order)
            on_share((start + (end - start) * last / len(queries)) / len(gallery))
    similarities, positions_found = zip(*best, strict=True)
    return Neighbours(torch.cat(positions_found).numpy(), torch.cat(similarities).numpy())


def _blocks(features: Features, size: int) -> Iterator[tuple[int, int]]:
    for start in range(0, len(features), size):
        yield start, min(start + size, len(features))


def _unit(features: Features, device: str) -> Tensor:
    rows = torch.from_numpy(np.array(features)).to(device)
    return rows.div_(rows.norm(dim=1, keepdim=True).clamp_(min=1e-12))
