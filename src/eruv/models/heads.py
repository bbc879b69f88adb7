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


class Comparison(nn.Module):
    """An MLP on how two clips differ and agree: |p_1 - p_2| and p_1 ∘ p_2, in either order.

    p is a projection of the normalised features.

    Args:
        num_features: of one clip.
        hidden: units of the MLP.
        outputs: of the MLP.
    """

    PROJECTED = 128

    def __init__(self, num_features: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(num_features, elementwise_affine=False)
        self.project = nn.Linear(num_features, self.PROJECTED)
        self.layers = nn.Sequential(
            nn.Linear(2 * self.PROJECTED, hidden), nn.ReLU(), nn.Linear(hidden, outputs)
        )

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        """Outputs (..., outputs) of features (..., F), which are broadcast to each other."""
        first, second = self.project(self.norm(one)), self.project(self.norm(other))
        return self.layers(torch.cat([(first - second).abs(), first * second], dim=-1))


class ComparisonHead(nn.Module):
    """Adds to what the second clip says alone what a comparison of both says.

    One linear layer on [f_i; f_j] adds a function of f_i to a function of f_j: no such sum tells
    whether two clips are alike. Here a `Comparison` sees both. Every class may use it: a reversed
    clip, too, is seen best beside one that is not.

    Args:
        num_features: of one clip.
        num_classes: of the task.
    """

    HIDDEN = 256

    def __init__(self, num_features: int, num_classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(num_features, num_classes)
        self.compare = Comparison(num_features, self.HIDDEN, num_classes)

    def forward(self, features_BNF: Tensor) -> Tensor:
        """Logits (B, num_classes) of features (B, 2, F)."""
        first, second = features_BNF.unbind(1)
        return self.linear(second) + self.compare(first, second)
