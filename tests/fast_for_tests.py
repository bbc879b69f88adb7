"""The inner loop (`pytest --fast`): a test is skipped where it begins something slow.

No test is marked for it: what is slow here is to encode a video, to start a process, to train, and
to run TransNetV2; all of these pass through one of the functions that are replaced below.
"""

import multiprocessing.process
import subprocess
from collections.abc import Callable
from typing import Any

import av
import pytest
import torch

from eruv.detection.detectors.transnetv2 import TransNetV2


def leave_out_what_is_slow(patch: pytest.MonkeyPatch) -> None:
    """Skip a test at the moment when it begins something slow."""
    opened = av.open

    def open_to_read(file: Any, mode: Any = None, *words: Any, **more: Any) -> Any:
        if mode == "w":
            pytest.skip("encodes a video")
        return opened(file, mode, *words, **more)

    patch.setattr(av, "open", open_to_read)
    patch.setattr(subprocess, "Popen", _skipping("starts a process", subprocess.Popen))
    patch.setattr(multiprocessing.process.BaseProcess, "start", _skip("starts a process"))
    patch.setattr(torch.Tensor, "backward", _skip("trains"))
    patch.setattr(TransNetV2, "__init__", _skip("runs TransNetV2"))


def _skip(reason: str) -> Callable[..., None]:
    def skip(*words: Any, **more: Any) -> None:
        pytest.skip(reason)

    return skip


def _skipping(reason: str, base: type) -> type:
    """A class in the place of another, which libraries may inherit from."""
    return type(base.__name__, (base,), {"__init__": _skip(reason), "__del__": lambda self: None})
