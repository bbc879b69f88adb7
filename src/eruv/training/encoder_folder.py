"""The kept result of a run: an encoder that one line gives back, and its head."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_model, save_model

from eruv.models.encoder import Encoder
from eruv.models.siamese import SiameseNet
from eruv.pretext import TASKS
from eruv.training.config import PretrainConfig
from eruv.utils.errors import EruvError

CARD = """---
library_name: eruv
license: apache-2.0
tags: [video, self-supervised, eruv]
---
# {backbone} video encoder, pre-trained without labels

Trained by predicting {goal}.

```python
import eruv

encoder = eruv.load("this folder")   # a torch module in evaluation mode
features = encoder(clips)            # uint8 RGB (B, 16, {crop}, {crop}, 3) -> (B, {num_features})
```

| | |
|---|---|
| backbone | {backbone}, width {width}, {parameters:,} parameters |
| input | 16 frames, scaled to {frame_height}x{frame_width}, crop {crop}x{crop} |
| {kind}s | {classes} |
| trained on | {segments:,} segments of {videos:,} videos |
| {sample}s seen | {pairs_seen:,} |
| accuracy on held-out {sample}s | {accuracy:.3f} (chance {chance:.3f}) |
| batch norm, seed | {batch_norm}, {seed} |

{chosen_by} chose these weights among the validations of the run, so the accuracy is a little
optimistic; `relations.json`, where present, was measured on other {sample}s of the held-out videos.
"""
CHOSEN_BY = {"accuracy": "The highest accuracy", "loss": "The lowest loss"}


def empty_encoder(config: PretrainConfig, details: dict[str, Any] | None = None) -> Encoder:
    """An encoder of the configured kind, with random weights."""
    return Encoder(
        backbone=config.backbone,
        width=config.width,
        frame_height=config.size.height,
        frame_width=config.size.width,
        crop=config.size.crop,
        details=details,
    )


def save_encoder(
    folder: Path, network: SiameseNet, config: PretrainConfig, details: dict[str, Any]
) -> None:
    """Write the encoder and its head; each file is whole or the one before it.

    Args:
        folder: of the run.
        network: as trained.
        config: of the run.
        details: pretext, classes, segments, videos, pairs_seen, accuracy, chance; see `CARD`.
    """
    words = TASKS[config.pretext].words
    encoder = empty_encoder(config, details)
    encoder.backbone.load_state_dict(network.backbone.state_dict())
    partial = folder / "encoder.part"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    card = CARD.format(
        backbone=config.backbone,
        width=config.width,
        parameters=sum(weights.numel() for weights in encoder.parameters()),
        num_features=encoder.num_features,
        frame_height=config.size.height,
        frame_width=config.size.width,
        crop=config.size.crop,
        batch_norm=config.batch_norm,
        seed=config.seed,
        goal=words.goal,
        kind=words.kind,
        sample=words.sample,
        chosen_by=CHOSEN_BY[config.validation.keep],
        **details | {"classes": ", ".join(details["classes"])},
    )
    (partial / "README.md").write_text(card)
    encoder.save_pretrained(partial)
    save_model(network.head, str(partial / "head.safetensors"))
    for file in partial.iterdir():
        os.replace(file, folder / file.name)
    partial.rmdir()


def load(folder: Path | str) -> Encoder:
    """The encoder of a run, in evaluation mode.

    Args:
        folder: with config.json and model.safetensors.

    Raises:
        EruvError: if there is no encoder.
    """
    folder = Path(folder)
    if not (folder / "config.json").exists() or not (folder / "model.safetensors").exists():
        raise EruvError(
            f"{folder} holds no encoder (config.json and model.safetensors). Name the folder of a "
            f"run that has validated at least once; eruv pretrain LIBRARY --to RUN makes one."
        )
    try:
        # Not `from_pretrained`, which prints to stdout: that belongs to results.
        encoder = Encoder(**json.loads((folder / "config.json").read_text()))
        load_model(encoder, str(folder / "model.safetensors"))
        return encoder.eval()
    except (ValueError, TypeError, KeyError, RuntimeError, SafetensorError) as error:
        raise EruvError(f"{folder} holds no encoder of eruv, or a damaged one: {error}") from error


def load_head(folder: Path, network: SiameseNet) -> None:
    """Put the saved head of a run into a network."""
    load_model(network.head, str(folder / "head.safetensors"))


def weights_digest(folder: Path | str) -> str:
    """What tells one state of a saved network, encoder or classifier, from another."""
    with (Path(folder) / "model.safetensors").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
