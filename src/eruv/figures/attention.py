"""Where a network looks: attention maps after Zagoruyko and Komodakis (fact 4; Fig. 6)."""

from collections.abc import Collection

import torch
from torch import Tensor
from torch.nn import functional

from eruv.models.encoder import Encoder

# conv4 (4×14×14 of a 16×112×112 clip) and conv5 (2×7×7).
STAGES = (4, 5)


@torch.no_grad()
def attention_maps(
    encoder: Encoder,
    clips_BTHWC: Tensor,
    size: tuple[int, int],
    stages: Collection[int] = STAGES,
) -> dict[int, Tensor]:
    """Attention of each frame, as large as it is shown.

    The mean over channels of the squared activations of a stage; for each frame the nearest
    slice of time; bicubic in space; then stretched so that the least of a clip is 0 and the
    greatest 1. A map without any difference is 0.

    Args:
        encoder: in evaluation mode.
        clips_BTHWC: uint8 RGB clips (B, T, crop, crop, 3), on the encoder's device.
        size: (height, width) of the maps.
        stages: of the backbone, from 1 (conv1) to 5 (conv5).

    Returns:
        For each stage maps (B, T, height, width).
    """
    num_frames = clips_BTHWC.shape[1]
    found = {}
    for stage, maps_BCTHW in encoder.forward_stages(clips_BTHWC, stages).items():
        energy = maps_BCTHW.float().square().mean(dim=1)
        energy = energy[:, nearest_slices(num_frames, energy.shape[1])]
        energy = functional.interpolate(energy, size, mode="bicubic", align_corners=False)
        found[stage] = _stretched(energy)
    return found


def nearest_slices(num_frames: int, num_slices: int) -> list[int]:
    """The slice of time nearest to each frame; slices are spread evenly over the frames."""
    return [(2 * frame + 1) * num_slices // (2 * num_frames) for frame in range(num_frames)]


def _stretched(maps_BTHW: Tensor) -> Tensor:
    """Each clip's maps from 0 to 1, one scale for all of its frames."""
    low = maps_BTHW.amin(dim=(1, 2, 3), keepdim=True)
    span = maps_BTHW.amax(dim=(1, 2, 3), keepdim=True) - low
    return torch.where(span > 0, (maps_BTHW - low) / span.clamp(min=1e-30), 0.0).clamp(0, 1)
