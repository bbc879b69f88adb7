"""Heads: features of the clips of a sample become logits."""

from collections.abc import Sequence
from itertools import combinations

import torch
from torch import Tensor, nn
from torch.nn import functional


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


class ComparisonHead(nn.Module):
    """Tells apart how the second clip was altered, and, if it was not, how like the first it is.

    One linear layer on [f_i; f_j] adds a function of f_i to a function of f_j: no such sum tells
    whether two clips are alike. Here the classes of whole clips (same shot, same video ...) are
    told by a comparison of both, and the others (turned, reversed ...) by f_j alone, as
    p(altered so) = p_j(so) and p(alike so) = p_j(not altered) p_ij(so). What has to be compared
    and what has to be seen in one clip are then learned by parts of their own.

    Args:
        num_features: of one clip.
        compared: for each class, whether it is one of likeness.
    """

    PROJECTED, HIDDEN = 128, 256

    def __init__(self, num_features: int, compared: Sequence[bool]) -> None:
        super().__init__()
        self.alike = [number for number, yes in enumerate(compared) if yes]
        self.altered = [number for number, yes in enumerate(compared) if not yes]
        self.alteration = nn.Linear(num_features, 1 + len(self.altered))
        self.norm = nn.LayerNorm(num_features, elementwise_affine=False)
        if self.alike:  # layers without a gradient would stop training by several processes
            self.project = nn.Linear(num_features, self.PROJECTED)
            self.likeness = nn.Sequential(
                nn.Linear(2 * self.PROJECTED, self.HIDDEN),
                nn.ReLU(),
                nn.Linear(self.HIDDEN, len(self.alike)),
            )

    def forward(self, features_BNF: Tensor) -> Tensor:
        """Log-probabilities (B, classes) of features (B, 2, F)."""
        first, second = features_BNF.unbind(1)
        alteration = functional.log_softmax(self.alteration(second), dim=-1)
        if not self.alike:
            return alteration[:, 1:]
        likeness = functional.log_softmax(self.compare(first, second), dim=-1)
        logits = alteration.new_empty(len(features_BNF), len(self.alike) + len(self.altered))
        logits[:, self.altered] = alteration[:, 1:]
        logits[:, self.alike] = alteration[:, :1] + likeness
        return logits

    def compare(self, first_BF: Tensor, second_BF: Tensor) -> Tensor:
        """Logits (B, classes of likeness) of two clips each; the same in either order."""
        first, second = self.project(self.norm(first_BF)), self.project(self.norm(second_BF))
        return self.likeness(torch.cat([(first - second).abs(), first * second], dim=-1))
