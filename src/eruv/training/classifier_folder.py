"""A trained classifier on disk, that one line gives back."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_model

from eruv.models.classifier import Classifier
from eruv.training.finetune_config import FinetuneConfig
from eruv.utils.errors import EruvError

CARD = """---
library_name: eruv
license: apache-2.0
tags: [video-classification, eruv]
---
# {backbone} video classifier: {data}

{start}

```python
import eruv

classifier = eruv.load_classifier("this folder")  # a torch module in evaluation mode
logits = classifier(clips)            # uint8 RGB (B, 16, {crop}, {crop}, 3) -> (B, {num_classes})
eruv.predict("this folder", ["film.mp4"])
```

| | |
|---|---|
| backbone | {backbone}, width {width}, {parameters:,} parameters |
| input | 16 frames, scaled to {frame_height}x{frame_width}, crop {crop}x{crop} |
| classes | {classes} |
| trained on | {training:,} videos of {data}, {clips_seen:,} clips seen |
| {measured} | accuracy {accuracy:.3f}, loss {loss:.3f} |
| seed | {seed} |

`recognition.json`, where present, is the result on the test videos.
"""
SHOWN_CLASSES = 20


def empty_classifier(
    config: FinetuneConfig, classes: tuple[str, ...], details: dict[str, Any] | None = None
) -> Classifier:
    """A classifier of the configured kind, with random weights."""
    assert config.backbone is not None
    assert config.width is not None
    assert config.size is not None
    return Classifier(
        classes=list(classes),
        backbone=config.backbone,
        width=config.width,
        frame_height=config.size.height,
        frame_width=config.size.width,
        crop=config.size.crop,
        details=details,
    )


def save_classifier(
    folder: Path, network: Classifier, config: FinetuneConfig, details: dict[str, Any]
) -> None:
    """Write a classifier; each file is whole or the one before it.

    Args:
        folder: of the training.
        network: as trained.
        config: of the training, resolved.
        details: data, init, training, held_out, clips_seen, accuracy, loss; see `CARD`.
    """
    classifier = empty_classifier(config, network.classes, details)
    classifier.load_state_dict(network.state_dict())
    partial = folder / "classifier.part"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    (partial / "README.md").write_text(_card(classifier, config, details), encoding="utf-8")
    classifier.save_pretrained(partial)
    for file in partial.iterdir():
        os.replace(file, folder / file.name)
    partial.rmdir()


def _card(classifier: Classifier, config: FinetuneConfig, details: dict[str, Any]) -> str:
    shown = ", ".join(classifier.classes[:SHOWN_CLASSES])
    more = len(classifier.classes) - SHOWN_CLASSES
    init = details["init"]
    return CARD.format(
        backbone=config.backbone,
        width=config.width,
        parameters=sum(weights.numel() for weights in classifier.parameters()),
        num_classes=len(classifier.classes),
        classes=shown + (f" and {more} more" if more > 0 else ""),
        start=f"Fine-tuned from {Path(init).name}." if init else "Trained from scratch.",
        frame_height=classifier.size.height,
        frame_width=classifier.size.width,
        crop=classifier.size.crop,
        seed=config.seed,
        measured=(
            f"{details['held_out']:,} videos held out to choose the weights"
            if details["held_out"]
            else "training videos; none was held out, these are the last weights"
        ),
        **{name: value for name, value in details.items() if name in _ON_CARD},
    )


_ON_CARD = ("data", "training", "clips_seen", "accuracy", "loss")


def load_classifier(folder: Path | str) -> Classifier:
    """The classifier that `finetune` made, in evaluation mode.

    Args:
        folder: with config.json and model.safetensors.

    Raises:
        EruvError: if there is no classifier.
    """
    folder = Path(folder)
    if not (folder / "config.json").exists() or not (folder / "model.safetensors").exists():
        raise EruvError(
            f"{folder} holds no classifier (config.json and model.safetensors). Name the folder "
            f"of a training that has validated at least once; eruv finetune DATA --to MODEL makes "
            f"one."
        )
    try:
        classifier = Classifier(**json.loads((folder / "config.json").read_text()))
        load_model(classifier, str(folder / "model.safetensors"))
        return classifier.eval()
    except (ValueError, TypeError, KeyError, RuntimeError, SafetensorError) as error:
        raise EruvError(
            f"{folder} holds no classifier of eruv, or a damaged one: {error}. An encoder becomes "
            f"a classifier with: eruv finetune DATA --run {folder} --to MODEL"
        ) from error
