"""The optimizer of a training."""

import torch
from torch import nn

from eruv.training.base_config import OptimizerSettings


def make_optimizer(network: nn.Module, settings: OptimizerSettings) -> torch.optim.Optimizer:
    """The optimizer of a run, over all weights."""
    if settings.name == "adamw":
        return torch.optim.AdamW(
            network.parameters(),
            lr=settings.learning_rate,
            betas=(settings.momentum, 0.999),
            weight_decay=settings.weight_decay,
        )
    return torch.optim.SGD(
        network.parameters(),
        lr=settings.learning_rate,
        momentum=settings.momentum,
        weight_decay=settings.weight_decay,
    )
