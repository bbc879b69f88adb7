"""What to say when a step does not fit into the memory of its device."""

from collections.abc import Callable

import torch
from torch import Tensor

from eruv.utils.errors import EruvError


def too_large(
    step: Callable[[Tensor, Tensor], object], clips: Tensor, labels: Tensor, unit: str
) -> EruvError:
    """The error for a step that ran out of memory, with a batch size that fits.

    Halves of the batch are tried. Weights and optimizer are of no use afterwards.

    Args:
        step: the run's own of clips and their labels, forwards, backwards and to new weights, which
            keeps no gradients and waits for no other process.
        clips, labels: of the batch that did not fit.
        unit: what samples are called.
    """
    size = fitting = len(clips)
    while fitting > 1:
        fitting //= 2
        if _fits(step, clips[:fitting], labels[:fitting]):
            return EruvError(
                f"a step of {size} {unit} does not fit into the memory of {clips.device}; "
                f"{fitting} fit. Train into another folder with `batch_size` {fitting}, or a "
                f"smaller `width`."
            )
    return EruvError(
        f"not even one of the {unit} fits into the memory of {clips.device}. Close other "
        f"programs that use it (nvidia-smi lists them), or train with a smaller `width` or "
        "`size.crop`."
    )


def _fits(step: Callable[[Tensor, Tensor], object], clips: Tensor, labels: Tensor) -> bool:
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    try:
        step(clips, labels)
    except torch.OutOfMemoryError:
        return False
    return True
