"""A trained backbone, ready to be used: clips become features."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from numpy.typing import NDArray
from torch import Tensor, nn

from eruv.clips.spec import ClipSize
from eruv.media.proxy import ProxySettings
from eruv.models.backbones import Backbone, make_backbone, name_of
from eruv.models.embedding import Embeddings, embed_files, embed_pixels
from eruv.models.inputs import InputKind, check_input_kind, network_input, with_channels_last
from eruv.models.saving import load_network, save_network, size_arguments
from eruv.utils.paths import Paths

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
| input | 16 frames, scaled to {frame_height}x{frame_width}, crop {crop}x{crop}, seen as {input} |
| {kind}s | {class_names} |
| trained on | {segments:,} segments of {videos:,} videos |
| {sample}s seen | {pairs_seen:,} |
| accuracy on held-out {sample}s | {accuracy:.3f} (chance {chance:.3f}) |
| batch norm, seed | {batch_norm}, {seed} |

{choice}
`relations.json`, where present, was measured on other {sample}s of the held-out videos.
"""
CHOSEN = """The {best} chose these weights among the validations of the run, so the accuracy
is a little optimistic."""
CHOICES = {
    "accuracy": CHOSEN.format(best="highest accuracy"),
    "loss": CHOSEN.format(best="lowest loss"),
    "last": "These are the weights of the last validation.",
}


class Encoder(
    nn.Module,
    PyTorchModelHubMixin,
    library_name="eruv",
    license="apache-2.0",
    tags=["video", "self-supervised", "eruv"],
):
    """A trained backbone with all it needs to be used again; saved as a folder.

    Args:
        backbone: name in `BACKBONES`.
        width: factor on the channel counts; 1.0 is the paper's network.
        frame_height, frame_width: what frames are scaled to before the crop.
        crop: side of the square that the network sees.
        input: what it sees of a clip: its pictures (rgb), or how they change (residual).
        details: how it was trained, for the model card; any JSON.
    """

    def __init__(
        self,
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
        self.backbone = make_backbone(backbone, width)
        self.input: InputKind = input
        self.size = ClipSize(frame_height, frame_width, crop)
        self.details = details or {}

    @classmethod
    def of(
        cls,
        backbone: Backbone,
        size: ClipSize,
        input: InputKind,
        details: dict[str, Any] | None = None,
    ) -> "Encoder":
        """An encoder with a copy of the weights of a backbone."""
        encoder = cls(
            name_of(backbone),
            backbone.width,
            **size_arguments(size),
            input=input,
            details=details,
        )
        encoder.backbone.load_state_dict(backbone.state_dict())
        return encoder

    @property
    def num_features(self) -> int:
        return self.backbone.num_features

    @property
    def name(self) -> str:
        """Of its backbone."""
        return name_of(self.backbone)

    def size_for(self, width: int, height: int) -> ClipSize:
        """How pictures are scaled and cropped: those of all videos alike."""
        return self.size

    def ready(self, device: str) -> "Encoder":
        """The encoder on a device, with its weights laid out as its input is."""
        return with_channels_last(self).to(device).eval()

    def forward(self, clips_BTHWC: Tensor) -> Tensor:
        """Features (B, num_features) of uint8 RGB clips (B, 16, crop, crop, 3)."""
        return self.backbone(network_input(clips_BTHWC, self.input))

    @torch.no_grad()
    def features(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Features (B, num_features) of uint8 RGB clips (B, 16, crop, crop, 3), without torch."""
        return self.vectors(torch.from_numpy(np.ascontiguousarray(clips)))

    @torch.no_grad()
    def vectors(self, clips_BTHWC: Tensor) -> NDArray[np.float32]:
        """The same of a tensor."""
        found: NDArray[np.float32] = (
            self(clips_BTHWC.to(next(self.parameters()).device)).float().cpu().numpy()
        )
        return found

    def embed(
        self,
        video: Paths | NDArray[np.uint8],
        *,
        every_s: float | None = None,
        shots: bool = False,
        threads: int = 0,
    ) -> Embeddings:
        """Features of a whole video with their times: any file, no library needed.

        A window is 16 consecutive frames, cropped in the middle. Windows stand end to end from
        the first frame on; the last one reaches back so that it ends with the video. They cross
        cuts, unless `shots` starts them anew in each shot. A video or shot of under 16 frames is
        one window, in which it begins again (fact 4).

        Args:
            video: one or several files and folders; or pixels, uint8 RGB, (T, H, W, 3) for one
                clip or (N, 16, H, W, 3) for several, where H and W are the encoder's crop or its
                whole scaled picture.
            every_s: seconds from the start of one window to that of the next; None stands them
                end to end. Windows that would leave the video, or shot, are not made.
            shots: whether windows stay within shots; frames of gradual transitions are in none.
            threads: decoding threads; 0 takes one per core.

        Raises:
            EruvError: if no file gives a video; a single broken one among others does not stop.
            ValueError: for pixels of another type or shape, or `every_s` of 0 or less.
        """
        modes = {module: module.training for module in self.modules()}
        self.eval()
        try:
            if isinstance(video, np.ndarray):
                if every_s is not None or shots:
                    raise ValueError("every_s and shots are for files: pixels have no clock")
                return embed_pixels(video, self.features, self.size)
            return embed_files(
                video,
                self.features,
                self.size,
                ProxySettings(**self.details.get("proxy", {})),
                every_s=every_s,
                shots=shots,
                threads=threads,
            )
        finally:
            for module, training in modes.items():
                module.training = training

    def forward_features(self, clips_BTHWC: Tensor) -> Tensor:
        """Last feature maps (B, num_features, 2, crop/16, crop/16) of uint8 clips."""
        return self.backbone.forward_features(network_input(clips_BTHWC, self.input))

    def forward_stages(self, clips_BTHWC: Tensor, stages: Collection[int]) -> dict[int, Tensor]:
        """Feature maps of some stages of uint8 clips; see `Backbone.forward_stages`."""
        return self.backbone.forward_stages(network_input(clips_BTHWC, self.input), stages)


def save_encoder(
    folder: Path, encoder: Encoder, head: nn.Module, keep: str, facts: dict[str, Any]
) -> None:
    """Write an encoder, the head it was trained with, and its model card.

    Args:
        folder: of the run.
        encoder: whose details hold classes, segments, videos, pairs_seen, accuracy and chance.
        head: of the pretext task.
        keep: what chose the weights: accuracy, loss or last.
        facts: for the card, besides: goal, kind, sample, batch_norm, seed.
    """
    card = CARD.format(
        backbone=name_of(encoder.backbone),
        width=encoder.backbone.width,
        parameters=sum(weights.numel() for weights in encoder.parameters()),
        num_features=encoder.num_features,
        input=encoder.input,
        choice=CHOICES[keep],
        class_names=", ".join(encoder.details["classes"]),
        **size_arguments(encoder.size),
        **facts,
        **encoder.details,
    )
    save_network(folder, encoder, card, head)


def load(folder: Path | str) -> Encoder:
    """The encoder of a run, in evaluation mode.

    Args:
        folder: with config.json and model.safetensors.

    Raises:
        EruvError: if there is no encoder.
    """
    return load_network(Encoder, folder, "eruv pretrain LIBRARY --to RUN makes one.")
