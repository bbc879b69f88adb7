"""A network in a folder: config.json, model.safetensors and a model card."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any, TypeVar

from huggingface_hub import PyTorchModelHubMixin
from safetensors import SafetensorError
from safetensors.torch import load_model, save_model
from torch import nn

from eruv.clips.spec import ClipSize
from eruv.models.inputs import InputKind
from eruv.utils.errors import EruvError

Network = TypeVar("Network", bound=nn.Module)

CONFIG, WEIGHTS, HEAD = "config.json", "model.safetensors", "head.safetensors"


def size_arguments(size: ClipSize) -> dict[str, Any]:
    """A clip size as the arguments that networks and their config.json have."""
    return {"frame_height": size.height, "frame_width": size.width, "crop": size.crop}


def save_network(
    folder: Path, network: PyTorchModelHubMixin, card: str, head: nn.Module | None = None
) -> None:
    """Write a network; each file is whole or the one before it.

    Args:
        folder: of the run.
        network: an encoder or a classifier.
        card: text of README.md.
        head: of the pretext task, saved beside the network.
    """
    partial = folder / "network.part"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    (partial / "README.md").write_text(card, encoding="utf-8")
    network.save_pretrained(partial)
    if head is not None:
        save_model(head, str(partial / HEAD))
    for file in partial.iterdir():
        os.replace(file, folder / file.name)
    partial.rmdir()


def load_network(kind: type[Network], folder: Path | str, advice: str) -> Network:
    """A saved network in evaluation mode.

    Args:
        kind: Encoder or Classifier.
        folder: with config.json and model.safetensors.
        advice: what to do where the folder holds no such network.

    Raises:
        EruvError: if there is none, or a damaged one.
    """
    folder, name = Path(folder), kind.__name__.lower()
    refuse_without(folder, name, f"; {advice}")
    try:
        # Not `from_pretrained`, which prints to stdout: that belongs to results.
        network = kind(**json.loads((folder / CONFIG).read_text()))
        load_model(network, str(folder / WEIGHTS))
    except (ValueError, TypeError, KeyError, RuntimeError, SafetensorError) as error:
        raise EruvError(
            f"{folder} holds no {name} of eruv, or a damaged one: {error}. To make one: {advice}"
        ) from error
    return network.eval()


def refuse_without(folder: Path, name: str, advice: str = ".") -> None:
    """Raise an EruvError for a folder without a saved network.

    Args:
        folder: of a run.
        name: what it should hold: encoder or classifier.
        advice: the end of the sentence.
    """
    if not (folder / CONFIG).exists() or not (folder / WEIGHTS).exists():
        raise EruvError(
            f"{folder} holds no {name} ({CONFIG} and {WEIGHTS}). Pass the folder of a run that "
            f"has validated at least once{advice}"
        )


def load_head(folder: Path, head: nn.Module) -> None:
    """Put the saved weights of a pretext task's head into one of the same kind.

    Raises:
        EruvError: if the file is gone or damaged.
    """
    path = folder / HEAD
    try:
        load_model(head, str(path))
    except (OSError, RuntimeError, SafetensorError) as error:
        raise EruvError(
            f"{path}, the head of the pretext task, is damaged: {error}. Train into another folder."
        ) from error


def weights_digest(folder: Path | str, input: InputKind = "rgb") -> str:
    """SHA-256 of a saved network's weights, which identifies one state of it.

    An input other than rgb is appended: with it equal weights give other features.

    Raises:
        EruvError: if the folder has none.
    """
    path = Path(folder) / WEIGHTS
    if not path.exists():
        raise EruvError(
            f"{folder} has no {WEIGHTS}. Pass the folder of a run that has validated at least once."
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return digest if input == "rgb" else f"{digest}-{input}"
