"""Heads beside the head, which compare any two clips of a batch; they are not saved."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from eruv.models.heads import Comparison

PROJECTED = 128


class AllPairsHead(nn.Module):
    """Tells for every two clips whether they are of one shot, of one video or of two (HiCo).

    Args:
        num_features: of one clip.
    """

    HIDDEN, CLASSES = 128, 3

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.compare = Comparison(num_features, self.HIDDEN, self.CLASSES)

    def forward(self, features_MF: Tensor) -> Tensor:
        """Logits (M, M, 3), the same in either order."""
        return self.compare(features_MF[:, None], features_MF[None])


class ProjectionHead(nn.Module):
    """Projects features to unit vectors, compared by their cosine; keeps earlier ones (MoCo, PCL).

    Args:
        num_features: of one clip.
        queue: vectors of earlier steps that are kept, 0 or more.

    Attributes:
        kept: (queue, 128), the latest first; kept_video: (queue,), -1 where there is none yet.
    """

    kept: Tensor
    kept_video: Tensor

    def __init__(self, num_features: int, queue: int = 0) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(num_features, num_features),
            nn.ReLU(),
            nn.Linear(num_features, PROJECTED),
        )
        self.register_buffer("kept", torch.zeros(queue, PROJECTED))
        self.register_buffer("kept_video", torch.full((queue,), -1))

    def forward(self, features_MF: Tensor) -> Tensor:
        """Unit vectors (M, 128)."""
        return functional.normalize(self.layers(features_MF), dim=-1)

    @torch.no_grad()
    def keep(self, vectors_MD: Tensor, video_M: Tensor) -> None:
        """Put vectors into the queue, in the place of the oldest."""
        size = len(self.kept)
        if size:
            # New tensors: the backward pass still needs the old ones. A mere view of a longer one
            # could not be saved.
            self.kept = torch.cat([vectors_MD.to(self.kept), self.kept])[:size].clone()
            self.kept_video = torch.cat([video_M, self.kept_video])[:size].clone()
