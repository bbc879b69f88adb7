"""Where training runs: device, precision, threads and memory."""

import ctypes
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal

import torch
from accelerate import Accelerator

from eruv.utils.errors import EruvError

DEVICES = ("auto", "cpu", "cuda")
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4


def choose_device(device: str) -> str:
    """ "cpu" or "cuda".

    Raises:
        EruvError: for another name, or for "cuda" where there is none.
    """
    if device not in DEVICES:
        raise EruvError(f"device must be one of {', '.join(DEVICES)}; got {device}.")
    if device == "cuda" and not torch.cuda.is_available():
        raise EruvError(
            "device is cuda, but torch finds no CUDA device. Choose cpu, or run `eruv doctor`."
        )
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return device


def make_accelerator(device: str) -> Accelerator:
    """An Accelerator on "cpu" or "cuda"; on CPU with `keep_pages`.

    Precision is a run's own, see `autocast`: Accelerate fixes one for the whole process, and would
    read it from the environment where it is not passed.
    """
    on_cpu = device == "cpu"
    if on_cpu:
        keep_pages()
    return Accelerator(cpu=on_cpu, mixed_precision="no")


def resolve_precision(precision: str, device: str) -> Literal["fp32", "bf16"]:
    """The precision to train in on "cpu" or "cuda".

    Raises:
        EruvError: for bf16 on CPU, whose convolutions give non-finite gradients now and then.
    """
    if precision == "bf16" and device == "cpu":
        raise EruvError(
            "precision is bf16 and the device is cpu, where bf16 convolutions give gradients that "
            "are not finite now and then. Use precision fp32 or auto, or device cuda."
        )
    if precision == "fp32" or device == "cpu":
        return "fp32"
    return "bf16"


def autocast(device: torch.device, precision: str) -> AbstractContextManager[Any]:
    """The forward passes within are in bf16, if the precision is not fp32 and the device CUDA."""
    enabled = device.type == "cuda" and precision != "fp32"
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled)


def keep_pages() -> None:
    """Stop glibc from giving memory back after every step, only to fault it in again.

    For the rest of the process: glibc has no way back.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_MMAP_MAX, 0)
        libc.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)


@contextmanager
def torch_threads(number: int | None) -> Iterator[None]:
    """So many threads of torch within the block, the caller's after it; None changes nothing."""
    before = torch.get_num_threads()
    torch.set_num_threads(number or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def loader_workers(configured: int | None, device: str) -> int:
    """Processes that read clips: as many as configured; None takes what suits the device."""
    if configured is not None:
        return configured
    # On CPU one worker outruns the step many times; a GPU takes what it can get.
    return max(1, min(8, available_cores() - 1)) if device == "cuda" else 1


def versions() -> dict[str, str]:
    """What the bits of a training depend on besides its settings."""
    return {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
