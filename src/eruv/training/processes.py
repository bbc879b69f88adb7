"""Several processes of one training: one of them writes, and they agree on when to stop."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast_object_list
from torch import nn

from eruv.utils.console import say
from eruv.utils.errors import EruvError
from eruv.utils.lock import folder_lock

T = TypeVar("T")
Network = TypeVar("Network", bound=nn.Module)


def on_main_process(accelerator: Accelerator, work: Callable[[], T]) -> T:
    """Run `work` in the main process, and return its result in all of them.

    Raises:
        EruvError: in all processes, if the first one raises it.
    """
    if accelerator.num_processes == 1:
        return work()
    answer: list[T | None] = [None]
    refusal: EruvError | None = None
    if accelerator.is_main_process:
        try:
            answer[0] = work()
        except EruvError as error:
            refusal = error
    received = broadcast_object_list([answer[0], str(refusal or "")], from_process=0)
    if refusal:
        raise refusal
    if received[1]:
        raise EruvError(received[1])
    return received[0]


def lock_for_all(stack: ExitStack, accelerator: Accelerator, folder: Path) -> None:
    """Let the first process hold the folder for all of them, as long as the stack lasts.

    Raises:
        EruvError: if a process of another run holds it.
    """
    on_main_process(accelerator, lambda: stack.enter_context(folder_lock(folder)))


def agreed(accelerator: Accelerator, *wishes: bool) -> list[bool]:
    """For each wish whether any process has it: a clock or a signal may reach one of them first."""
    if accelerator.num_processes == 1:
        return list(wishes)
    votes = torch.tensor(wishes, dtype=torch.float32, device=accelerator.device)
    return [bool(count > 0) for count in accelerator.reduce(votes)]


def synchronised(network: Network, accelerator: Accelerator) -> Network:
    """The network with batch norm over all processes where torch can do that, which is on CUDA."""
    if accelerator.num_processes == 1:
        return network
    if accelerator.device.type == "cuda":
        return nn.SyncBatchNorm.convert_sync_batchnorm(network)
    if accelerator.is_main_process:
        say("batch norm: every process normalises its own samples; the first one's are saved")
    return network
