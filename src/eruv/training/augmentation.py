"""Change how training clips look, and nothing that a pretext task asks about."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)
GREY_SHARE = 0.2
# At strength 1: brightness, contrast and saturation are multiplied by 1 - this to 1 + this.
JITTER = 0.4


@dataclass(frozen=True)
class AugmentationSettings:
    """What is varied, with one draw per clip, independent between the clips of a sample.

    One draw per clip keeps its frames comparable; independent draws keep colours from telling which
    clips are of one shot. All labels stay true: see `augment`.

    Attributes:
        photometric: strength, from 0 (off) to 1, of changes in brightness, contrast, saturation
            and hue; at 1 any hue, and every fifth clip is grey.
        flip: mirror every second clip.
        background: up to this share of every frame is one still frame of the clip ("background
            erasing", Wang et al. 2021), which takes from backgrounds what they say of it.
    """

    photometric: float = 0.0
    flip: bool = False
    background: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.photometric <= 1:
            raise ValueError(f"photometric must be a strength in [0, 1]; got {self.photometric}")
        if not 0 <= self.background < 1:
            raise ValueError(f"background must be a share in [0, 1); got {self.background}")

    @property
    def is_off(self) -> bool:
        """Whether clips stay as they are."""
        return not (self.photometric or self.flip or self.background)


def augment(clips_BNTHWC: Tensor, settings: AugmentationSettings) -> Tensor:
    """uint8 clips (B, N, T, H, W, 3), each with other looks, on the device that they are on.

    What is drawn comes from torch's generator of the CPU, so that devices agree. No label becomes
    false. All frames of a clip change alike, so that their order and pace are as they were. A clip
    that is mirrored after k quarter turns is the mirrored clip after -k of them, and both are
    turned; likewise moved tiles stay moved. Two clips of one shot are still of one shot.
    """
    if settings.is_off:
        return clips_BNTHWC
    clips = clips_BNTHWC.flatten(0, 1)  # (M, T, H, W, 3)
    if settings.flip:
        mirrored = _draw(len(clips), clips) < 0.5
        clips = torch.where(mirrored[:, None, None, None, None], clips.flip(3), clips)
    pixels = clips.flatten(2, 3).float()  # (M, T, H·W, 3)
    if settings.background:
        pixels = mix_in_background(pixels, settings.background)
    if settings.photometric:
        with torch.autocast(pixels.device.type, enabled=False):  # colours to the byte
            matrices, offsets = draw_looks(pixels, settings.photometric)
            pixels = torch.baddbmm(offsets, pixels.flatten(1, 2), matrices).view_as(pixels)
    bytes_ = pixels.round_().clamp_(0, 255).to(torch.uint8)
    return bytes_.view_as(clips_BNTHWC)


def mix_in_background(pixels_MTPC: Tensor, most: float) -> Tensor:
    """(1 - p) x + p x[r] for one frame r and one p in [0, most] a clip."""
    count, frames = pixels_MTPC.shape[:2]
    share = most * _draw(count, pixels_MTPC)[:, None, None, None]
    still = (frames * _draw(count, pixels_MTPC)).long()
    rows = torch.arange(count, device=pixels_MTPC.device)
    return torch.lerp(pixels_MTPC, pixels_MTPC[rows, still].unsqueeze(1), share)


def draw_looks(pixels_MTPC: Tensor, strength: float) -> tuple[Tensor, Tensor]:
    """Matrices (M, 3, 3) and offsets (M, 1, 3) that give each clip another look: x A + b.

    Hue is turned about the grey axis, saturation scales the distance to it, brightness everything,
    contrast the distance to the clip's mean brightness.
    """
    count, device = len(pixels_MTPC), pixels_MTPC.device
    brightness, contrast, saturation = (
        1 + JITTER * strength * (2 * _draw(count, pixels_MTPC) - 1) for _ in range(3)
    )
    angle = math.pi * strength * (2 * _draw(count, pixels_MTPC) - 1)
    is_grey = _draw(count, pixels_MTPC) < GREY_SHARE * strength
    saturation = saturation.masked_fill(is_grey, 0)
    luma = torch.tensor(LUMA, device=device)
    to_grey = luma[:, None].expand(3, 3)  # x @ to_grey: luma in all channels
    identity = torch.eye(3, device=device)
    colour = saturation[:, None, None] * identity + (1 - saturation)[:, None, None] * to_grey
    matrices = (brightness * contrast)[:, None, None] * (_hue_turns(angle) @ colour)
    means = (pixels_MTPC.mean(dim=(1, 2)) @ luma) * brightness
    offsets = ((1 - contrast) * means)[:, None, None].expand(-1, 1, 3)
    return matrices, offsets


def _hue_turns(angle_M: Tensor) -> Tensor:
    """Rotations (M, 3, 3) about the grey axis; a third of a turn permutes the channels."""
    cos, sin = angle_M.cos()[:, None, None], angle_M.sin()[:, None, None]
    third = torch.full((3, 3), 1 / 3, device=angle_M.device)
    cross = torch.tensor([[0.0, 1, -1], [-1, 0, 1], [1, -1, 0]], device=angle_M.device)
    identity = torch.eye(3, device=angle_M.device)
    return cos * identity + (1 - cos) * third + sin / math.sqrt(3) * cross


def _draw(count: int, like: Tensor) -> Tensor:
    return torch.rand(count).to(like.device)
