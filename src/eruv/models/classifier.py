"""A backbone under one linear layer: clips become logits of named classes."""

from pathlib import Path
from typing import Any

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import Tensor, nn

from eruv.clips.spec import ClipSize
from eruv.models.backbones import make_backbone, name_of
from eruv.models.inputs import InputKind, check_input_kind, network_input
from eruv.models.saving import load_network, save_network, size_arguments

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
| input | 16 frames, scaled to {frame_height}x{frame_width}, crop {crop}x{crop}, seen as {input} |
| classes | {class_names} |
| trained on | {training:,} videos of {data}, {clips_seen:,} clips seen |
| {measured} | accuracy {accuracy:.3f}, loss {loss:.3f} |
| seed | {seed} |

`recognition.json`, where present, is the result on the test videos.
"""
SHOWN_CLASSES = 20


class Classifier(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="eruv",
    license="apache-2.0",
    tags=["video-classification", "eruv"],
):
    """A backbone under one linear layer, with the names of its classes; saved as a folder.

    Args:
        classes: names, in the order of the outputs.
        backbone, width, frame_height, frame_width, crop, input: as of an `Encoder`.
        details: how it was trained, for the model card; any JSON.
    """

    def __init__(
        self,
        classes: list[str],
        backbone: str = "c3d",
        width: float = 1.0,
        frame_height: int = 128,
        frame_width: int = 171,
        crop: int = 112,
        details: dict[str, Any] | None = None,
        input: InputKind = "rgb",
    ) -> None:
        super().__init__()
        check_input_kind(input)
        self.input: InputKind = input
        self.classes = tuple(classes)
        self.backbone = make_backbone(backbone, width)
        self.head = nn.Linear(self.backbone.num_features, len(classes))
        self.size = ClipSize(frame_height, frame_width, crop)
        self.details = details or {}

    def forward(self, clips_BTHWC: Tensor) -> Tensor:
        """Logits (B, classes) of uint8 RGB clips (B, 16, crop, crop, 3)."""
        return self.head(self.backbone(network_input(clips_BTHWC, self.input)))

    @torch.no_grad()
    def of_video(self, clips_NTHWC: Tensor) -> Tensor:
        """Logits (classes,) of a video: the mean over those of its clips (fact 4)."""
        return self(clips_NTHWC.to(self.head.weight.device)).mean(dim=0).cpu()


def save_classifier(folder: Path, network: Classifier, details: dict[str, Any], seed: int) -> None:
    """Write a classifier and its model card.

    Args:
        folder: of the training.
        network: as trained.
        details: data, init, training, held_out, clips_seen, accuracy, loss, and any others.
        seed: of the training.
    """
    backbone = network.backbone
    classifier = Classifier(
        list(network.classes),
        name_of(backbone),
        backbone.width,
        **size_arguments(network.size),
        input=network.input,
        details=details,
    )
    classifier.load_state_dict(network.state_dict())
    save_network(folder, classifier, _card(classifier, seed))


def _card(classifier: Classifier, seed: int) -> str:
    details = classifier.details
    shown = ", ".join(classifier.classes[:SHOWN_CLASSES])
    more = len(classifier.classes) - SHOWN_CLASSES
    init, held_out = details["init"], details["held_out"]
    return CARD.format(
        backbone=name_of(classifier.backbone),
        width=classifier.backbone.width,
        parameters=sum(weights.numel() for weights in classifier.parameters()),
        num_classes=len(classifier.classes),
        input=classifier.input,
        class_names=shown + (f" and {more} more" if more > 0 else ""),
        start=f"Fine-tuned from {Path(init).name}." if init else "Trained from scratch.",
        seed=seed,
        measured=(
            f"{held_out:,} videos held out to choose the weights"
            if held_out
            else "training videos; none was held out, these are the last weights"
        ),
        **size_arguments(classifier.size),
        **details,
    )


def load_classifier(folder: Path | str) -> Classifier:
    """The classifier that `finetune` made, in evaluation mode.

    Args:
        folder: with config.json and model.safetensors.

    Raises:
        EruvError: if there is no classifier.
    """
    advice = "eruv finetune DATA --init ENCODER --to MODEL makes one."
    return load_network(Classifier, folder, advice)
