"""Models of Hugging Face's `transformers` as encoders of clips, from this machine alone."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from eruv.clips.spec import CLIP_FRAMES, ClipSize
from eruv.utils.errors import EruvError

# Pictures as sharp as the proxies of a library are; the model's own processor scales them.
SIDE = 128
WEIGHTS = ("*.safetensors", "*.bin")
READ_BYTES = 1 << 20


@dataclass(frozen=True)
class ModelKind:
    """How one type of model is used.

    Attributes:
        frames: that it takes, by its configuration, evenly from the 16 of a window.
        inputs: pixels for it, of clips (each a list of pictures (H, W, 3)), by its processor.
        vectors: of the inputs, by the model.
        knows_words: whether words have vectors among those of clips.
    """

    frames: Callable[[Any], int]
    inputs: Callable[[Any, list[list[NDArray[np.uint8]]]], dict[str, Tensor]]
    vectors: Callable[[Any, dict[str, Tensor]], Tensor]
    knows_words: bool = False


class HfEncoder(nn.Module):
    """A model with its own processor, which makes its input: nothing of that is guessed.

    Args:
        place: a folder, or the id of a model in the cache of the hub.

    Attributes:
        name: as it was named.

    Raises:
        EruvError: if `transformers` is not installed, there is no such model here, or it is of a
            type that is not known.
    """

    def __init__(self, place: str) -> None:
        super().__init__()
        self.name = place
        folder = model_folder(place)
        transformers = require_transformers()
        try:
            config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
            if config.model_type not in KINDS:
                raise EruvError(
                    f"{place} is a model of type {config.model_type}; eruv takes "
                    f"{', '.join(KINDS)}."
                )
            self.kind = KINDS[config.model_type]
            self.model = transformers.AutoModel.from_pretrained(folder, local_files_only=True)
            self.processor = _processor(transformers, config.model_type, folder)
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise EruvError(f"cannot open the model {place}: {error}") from error
        self.frames = self.kind.frames(config)
        self.eval()
        blank = np.zeros((1, CLIP_FRAMES, SIDE, SIDE, 3), np.uint8)
        self.num_features = int(self.features(blank).shape[1])

    @property
    def knows_words(self) -> bool:
        """Whether words have vectors among those of clips."""
        return self.kind.knows_words

    def size_for(self, width: int, height: int) -> ClipSize:
        """A square out of the middle, with pixels as they are shown."""
        shorter = min(width, height)
        return ClipSize(
            max(SIDE, round(SIDE * height / shorter)),
            max(SIDE, round(SIDE * width / shorter)),
            SIDE,
        )

    @torch.no_grad()
    def features(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Vectors (B, num_features) of clips (B, 16, H, W, 3), uint8 RGB."""
        chosen = np.linspace(0, clips.shape[1] - 1, self.frames + 2 * (self.frames == 1))
        if self.frames == 1:
            chosen = chosen[1:2]
        pictures = [[clip[place] for place in chosen.round().astype(int)] for clip in clips]
        inputs = self.kind.inputs(self.processor, pictures)
        device = next(self.parameters()).device
        on_device = {name: values.to(device) for name, values in inputs.items()}
        found: NDArray[np.float32] = self.kind.vectors(self.model, on_device).float().cpu().numpy()
        return found

    def vectors(self, clips_BTHWC: Tensor) -> NDArray[np.float32]:
        """The same of a tensor."""
        return self.features(clips_BTHWC.cpu().numpy())

    def ready(self, device: str) -> "HfEncoder":
        """The encoder on a device."""
        return self.to(device)

    @torch.no_grad()
    def words(self, texts: list[str]) -> NDArray[np.float32]:
        """Vectors (N, num_features) of texts.

        Raises:
            EruvError: if the model knows pictures alone.
        """
        if not self.kind.knows_words:
            raise EruvError(
                f"the encoder {self.name} does not understand words. Embed with one that does, "
                f"such as CLIP, SigLIP or X-CLIP: eruv embed LIBRARY --run hf:FOLDER"
            )
        length = getattr(self.model.config.text_config, "max_position_embeddings", 64)
        inputs = self.processor.tokenizer(
            texts, padding="max_length", truncation=True, max_length=length, return_tensors="pt"
        ).to(next(self.parameters()).device)
        taken = {name: inputs[name] for name in ("input_ids", "attention_mask") if name in inputs}
        if "siglip" in self.model.config.model_type:
            taken.pop("attention_mask", None)  # it was trained on padding as words
        found: NDArray[np.float32] = _pooled(self.model.get_text_features(**taken)).cpu().numpy()
        return found


def require_transformers() -> Any:
    """The module `transformers`.

    Raises:
        EruvError: if the extra `hf` is not installed.
    """
    try:
        import transformers
    except ImportError as error:
        raise EruvError(
            "models of Hugging Face need transformers, which is not installed: "
            "pip install 'eruv[hf]'"
        ) from error
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return transformers


def model_folder(place: str) -> Path:
    """The folder of a model: itself, or the latest in the cache of the hub. Nothing is fetched.

    Raises:
        EruvError: if there is none.
    """
    if Path(place).is_dir():
        return Path(place)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(place, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError) as error:
        raise EruvError(
            f"{place} is neither a folder with a model nor one in the hub's cache on this machine. "
            f"Fetch it with: hf download {place}"
        ) from error


def model_digest(place: str) -> str:
    """SHA-256 of the weights of a model and of how its input is made.

    Raises:
        EruvError: if there is none.
    """
    folder = model_folder(place)
    paths = [path for pattern in WEIGHTS for path in sorted(folder.glob(pattern))]
    if not paths:
        raise EruvError(f"{folder} holds no weights ({' or '.join(WEIGHTS)}).")
    digest = hashlib.sha256()
    for path in [*paths, *sorted(folder.glob("*processor_config.json"))]:
        with path.open("rb") as file:
            while block := file.read(READ_BYTES):
                digest.update(block)
    return digest.hexdigest()


def _processor(transformers: Any, model_type: str, folder: Path) -> Any:
    if KINDS[model_type].knows_words:
        return transformers.AutoProcessor.from_pretrained(folder, local_files_only=True)
    if model_type == "vjepa2":
        return transformers.AutoVideoProcessor.from_pretrained(folder, local_files_only=True)
    return transformers.AutoImageProcessor.from_pretrained(folder, local_files_only=True)


def _pooled(found: Any) -> Tensor:
    """Features as a tensor; later versions give them with more."""
    pooled: Tensor = found if isinstance(found, Tensor) else found.pooler_output
    return pooled


def _of_clips(processor: Any, clips: list[list[NDArray[np.uint8]]]) -> dict[str, Tensor]:
    processor = getattr(processor, "image_processor", processor)
    return {"pixel_values": processor(clips, return_tensors="pt")["pixel_values"]}


def _of_videos(processor: Any, clips: list[list[NDArray[np.uint8]]]) -> dict[str, Tensor]:
    videos = [np.stack(clip) for clip in clips]
    return {"pixel_values_videos": processor(videos, return_tensors="pt")["pixel_values_videos"]}


def _of_pictures(processor: Any, clips: list[list[NDArray[np.uint8]]]) -> dict[str, Tensor]:
    found = processor.image_processor([clip[0] for clip in clips], return_tensors="pt")
    return dict(found)


def _mean_token(model: Any, inputs: dict[str, Tensor]) -> Tensor:
    found: Tensor = model(**inputs).last_hidden_state.mean(dim=1)
    return found


def _first_token(model: Any, inputs: dict[str, Tensor]) -> Tensor:
    found: Tensor = model(**inputs).last_hidden_state[:, 0]
    return found


def _seen(model: Any, inputs: dict[str, Tensor]) -> Tensor:
    found: Tensor = model.get_vision_features(**inputs).mean(dim=1)
    return found


def _of_images(model: Any, inputs: dict[str, Tensor]) -> Tensor:
    return _pooled(model.get_image_features(**inputs))


def _of_video(model: Any, inputs: dict[str, Tensor]) -> Tensor:
    return _pooled(model.get_video_features(**inputs))


# By the type in a model's configuration. A frame of CLIP and SigLIP is the middle one.
KINDS: dict[str, ModelKind] = {
    "videomae": ModelKind(lambda config: int(config.num_frames), _of_clips, _mean_token),
    "timesformer": ModelKind(lambda config: int(config.num_frames), _of_clips, _first_token),
    "vjepa2": ModelKind(lambda config: int(config.frames_per_clip), _of_videos, _seen),
    "xclip": ModelKind(
        lambda config: int(config.vision_config.num_frames), _of_clips, _of_video, True
    ),
    "clip": ModelKind(lambda config: 1, _of_pictures, _of_images, True),
    "siglip": ModelKind(lambda config: 1, _of_pictures, _of_images, True),
}
