"""The loop that many would write first: two forwards, contiguous, eager, nothing tuned.

It stays as it is: `steps.py` measures ours beside it.
"""

import time

import torch
from torch import nn
from torch.nn import functional

from eruv.models.backbones import make_backbone


class PlainNet(nn.Module):
    """A backbone for two clips, one after the other, and a linear layer on both features."""

    def __init__(self, backbone: str, width: float, classes: int = 7) -> None:
        super().__init__()
        self.backbone = make_backbone(backbone, width)
        self.head = nn.Linear(2 * self.backbone.num_features, classes)

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Logits (B, classes) of float clips (B, 3, T, H, W)."""
        features = [self.backbone(clips) for clips in (first, second)]
        return self.head(torch.cat(features, dim=1))


def pairs_per_second(
    backbone: str, width: float, batch: int, crop: int, steps: int, warm_up: int
) -> float:
    """Train on random pixels."""
    torch.manual_seed(0)
    network = PlainNet(backbone, width)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)
    pixels = torch.randint(0, 256, (batch, 2, 16, crop, crop, 3), dtype=torch.uint8)
    labels = torch.arange(batch) % 7
    begun = 0.0
    for step in range(warm_up + steps):
        if step == warm_up:
            begun = time.perf_counter()
        clips = [
            pixels[:, slot].permute(0, 4, 1, 2, 3).contiguous().float() / 255 for slot in (0, 1)
        ]
        loss = functional.cross_entropy(network(*clips), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return batch * steps / (time.perf_counter() - begun)
