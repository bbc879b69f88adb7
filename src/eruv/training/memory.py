"""What to say when a step does not fit into the memory of its device."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from eruv.utils.errors import EruvError

# Loss of a network, of clips, and of their labels; see `eruv.training.loop.LossFunction`.
Loss = Callable[[nn.Module, Tensor, Tensor], Any]


def too_large(loss: Loss, model: nn.Module, clips: Tensor, labels: Tensor, unit: str) -> EruvError:
    """The error for a step that ran out of memory, with a batch size that fits.

    Halves of the batch are tried, forwards and backwards. The network is of no use afterwards.

    Args:
        loss: as in the step.
        model: without what joins several processes.
        clips, labels: of the batch that did not fit.
        unit: what samples are called.
    """
    size = fitting = len(clips)
    while fitting > 1:
        fitting //= 2
        if _fits(loss, model, clips[:fitting], labels[:fitting]):
            return EruvError(
                f"a step of {size} {unit} does not fit into the memory of {clips.device}; "
                f"{fitting} fit. Train into another folder with `batch_size` {fitting}, or a "
                f"smaller `width`."
            )
    return EruvError(
        f"not even one of the {unit} fits into the memory of {clips.device}. Free it of other "
        f"programs (nvidia-smi lists them), or train with a smaller `width` or `size.crop`."
    )


def _fits(loss: Loss, model: nn.Module, clips: Tensor, labels: Tensor) -> bool:
    model.zero_grad(set_to_none=True)
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    try:
        loss(model, clips, labels).loss.backward()
    except torch.OutOfMemoryError:
        return False
    return True
