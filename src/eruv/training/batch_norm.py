"""Batch-norm statistics that fit the weights they are used with."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


@torch.no_grad()
def recompute_batch_norm(model: nn.Module, batches: Iterable[Tensor]) -> None:
    """Replace running statistics by the plain mean over some batches.

    Running averages lag behind weights that move fast, and at small batches they swing: accuracy
    in evaluation then swings with them while training accuracy climbs steadily.

    Args:
        model: anything with batch norm; its mode is kept, its weights are not touched.
        batches: inputs of the model.
    """
    layers = [module for module in model.modules() if isinstance(module, _BatchNorm)]
    momenta = [layer.momentum for layer in layers]
    was_training = model.training
    model.train()
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # None makes torch average over all batches alike
    for batch in batches:
        model(batch)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    model.train(was_training)
