"""Heads: features of the clips of a sample become logits."""

from itertools import combinations

import torch
from torch import Tensor, nn


class ConcatenationHead(nn.Module):
    """One linear layer on the features of all clips of a sample, concatenated (III-C)."""

    def __init__(self, in_features: int, num_classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, num_classes)

    def forward(self, features_BNF: Tensor) -> Tensor:
        """Logits (B, num_classes) of features (B, N, F)."""
        return self.linear(features_BNF.flatten(1))


class PairwiseHead(nn.Module):
    """VCOP's head: every two clips are compared by one and the same layer (fact 1).

    The features of two clips, concatenated, go through a linear layer and ReLU; what comes out for
    all pairs of slots (0, 1), (0, 2), (1, 2) ... is concatenated, and a last linear layer tells
    the class. The comparison has 512 numbers, whatever the width of the backbone.

    Args:
        num_features: of one clip.
        num_clips: of a sample.
        num_classes: of the task.
    """

    HIDDEN = 512
    DROPPED = 0.5

    def __init__(self, num_features: int, num_clips: int, num_classes: int) -> None:
        super().__init__()
        self.pairs = list(combinations(range(num_clips), 2))
        self.compare = nn.Linear(2 * num_features, self.HIDDEN)
        self.dropout = nn.Dropout(self.DROPPED)
        self.linear = nn.Linear(len(self.pairs) * self.HIDDEN, num_classes)

    def forward(self, features_BNF: Tensor) -> Tensor:
        """Logits (B, num_classes) of features (B, N, F)."""
        pairs_BPNF = torch.stack([features_BNF[:, pair] for pair in self.pairs], dim=1)
        compared_BPH = self.compare(pairs_BPNF.flatten(2)).relu()
        return self.linear(self.dropout(compared_BPH.flatten(1)))
