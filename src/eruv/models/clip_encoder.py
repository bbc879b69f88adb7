"""What search asks of an encoder, and how one is opened: our own, or one of another library."""

import json
import os
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from eruv.clips.spec import ClipSize
from eruv.models.encoder import load
from eruv.models.saving import CONFIG, weights_digest
from eruv.utils.errors import EruvError
from eruv.utils.storage.remote_path import is_remote

# Before a folder or an id of a model of Hugging Face's `transformers`.
HF = "hf:"


class ClipEncoder(Protocol):
    """Turns clips into vectors.

    Attributes:
        name: of the network, for people.
        num_features: length of a vector.
    """

    @property
    def name(self) -> str: ...

    @property
    def num_features(self) -> int: ...

    def size_for(self, width: int, height: int) -> ClipSize:
        """How pictures of a video of this size are scaled and cropped."""

    def features(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Vectors (B, num_features) of clips (B, 16, crop, crop, 3), uint8 RGB."""

    def vectors(self, clips_BTHWC: Tensor) -> NDArray[np.float32]:
        """The same of a tensor."""

    def ready(self, device: str) -> Self:
        """The encoder on a device."""


@runtime_checkable
class TextEncoder(Protocol):
    """Puts texts among the vectors of clips, if `supports_text`."""

    @property
    def supports_text(self) -> bool: ...

    def text_features(self, texts: list[str]) -> NDArray[np.float32]:
        """Vectors (N, num_features) of texts."""


def open_encoder(run: Path | str) -> ClipEncoder:
    """The encoder of a run, or hf:FOLDER or hf:ID, a model of `transformers` on this machine.

    Raises:
        EruvError: if there is none, or the extra `hf` is missing.
    """
    if not is_hf(run):
        return load(run)
    from eruv.models.hf import HfEncoder

    return HfEncoder(str(run).removeprefix(HF))


def encoder_digest(run: Path | str) -> str:
    """Tells one state of an encoder from another.

    Raises:
        EruvError: if there is none.
    """
    if is_hf(run):
        from eruv.models.hf import model_digest

        return model_digest(str(run).removeprefix(HF))
    path = Path(run) / CONFIG
    if not path.exists():
        load(run)  # says what is missing
    try:
        kind = json.loads(path.read_text()).get("input", "rgb")
        return weights_digest(run, kind)
    except (ValueError, OSError, AttributeError) as error:
        raise EruvError(f"{run} holds no encoder of eruv, or a damaged one: {error}") from error


def is_hf(run: Path | str) -> bool:
    """Whether an encoder is one of `transformers`."""
    return str(run).startswith(HF)


def seen_from(run: Path | str, folder: Path) -> str:
    """Where an encoder is, seen from a folder; the id of a model stays what it is."""
    if not is_hf(run):
        if is_remote(folder):  # no way leads from a bucket to this machine
            return os.path.abspath(run)
        return os.path.relpath(Path(run).resolve(), folder.resolve())
    place = str(run).removeprefix(HF)
    return HF + seen_from(place, folder) if Path(place).exists() else str(run)


def seen_here(run: str, folder: Path) -> str:
    """The inverse of `seen_from`."""
    if not is_hf(run):
        return os.path.normpath(folder / run)
    place = seen_here(run.removeprefix(HF), folder)
    return HF + place if Path(place).exists() else run
