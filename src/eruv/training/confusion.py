"""Measure a classifier of samples: loss, accuracy of each class, confusion matrix."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn import functional

from eruv.training.device import autocast
from eruv.training.loader import Batch


@dataclass(frozen=True)
class Confusion:
    """Counts of a classifier.

    Attributes:
        counts: (C, C), entry [t, p] is how often class t was taken for class p.
        loss: mean cross-entropy.
    """

    counts: Tensor
    loss: float

    @property
    def class_accuracy(self) -> list[float | None]:
        """Accuracy of each class; None where there was no sample of it."""
        totals = self.counts.sum(dim=1).tolist()
        right = self.counts.diagonal().tolist()
        return [hit / total if total else None for hit, total in zip(right, totals, strict=True)]

    @property
    def accuracy(self) -> float:
        """Share of all samples."""
        return int(self.counts.diagonal().sum()) / max(1, int(self.counts.sum()))

    @property
    def mean_accuracy(self) -> float:
        """Mean over the classes that have samples."""
        known = [value for value in self.class_accuracy if value is not None]
        return sum(known) / len(known)


@torch.no_grad()
def measure_confusion(
    model: nn.Module,
    batches: Iterable[Batch],
    num_classes: int,
    accelerator: Accelerator,
    precision: str = "auto",
) -> Confusion:
    """Run a model in evaluation mode over batches of clips and labels, which are on its device."""
    device = accelerator.device
    counts = torch.zeros(num_classes, num_classes, dtype=torch.int64, device=device)
    loss = torch.zeros((), dtype=torch.float64, device=device)
    model.eval()
    for clips, labels in batches:
        with autocast(device, precision):
            logits = model(clips).float()
        loss += functional.cross_entropy(logits, labels, reduction="sum").double()
        cells = labels * num_classes + logits.argmax(dim=1)
        counts += cells.bincount(minlength=num_classes**2).view(num_classes, num_classes)
    counts = accelerator.reduce(counts)
    loss = accelerator.reduce(loss)
    return Confusion(counts.cpu(), float(loss) / max(1, int(counts.sum())))
