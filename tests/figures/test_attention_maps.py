"""Attention maps against hooks and loops, and on a square that moves."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from eruv.figures.attention_maps import attention_maps, nearest_slices
from eruv.models.backbones import BACKBONES, Backbone
from eruv.models.encoder import Encoder

CROP = 112


def encoder_of(name: str) -> Encoder:
    torch.manual_seed(0)
    return Encoder(name, 0.03, 128, 171, CROP).eval()


def moving_square() -> Tensor:
    """A bright square of 24 pixels on grey, moving to the right by four pixels a frame."""
    clip = torch.full((1, 16, CROP, CROP, 3), 100, dtype=torch.uint8)
    for step in range(16):
        clip[0, step, 44:68, 4 * step + 8 : 4 * step + 32] = 240
    return clip


def stage_module(backbone: Backbone, stage: int) -> torch.nn.Module:
    """conv4 or conv5, found in the network by its own names."""
    first = 1 if hasattr(backbone, "stem") else 0
    return backbone.get_submodule(f"stages.{stage - 1 - first}")


@pytest.mark.parametrize("name", BACKBONES)
def test_maps_are_those_of_a_direct_computation_with_hooks(name: str) -> None:
    encoder = encoder_of(name)
    clip = moving_square()
    seen: dict[int, Tensor] = {}
    for stage in (4, 5):

        def keep(module: object, inputs: object, maps: Tensor, stage: int = stage) -> None:
            seen[stage] = maps[0].clone()

        stage_module(encoder.backbone, stage).register_forward_hook(keep)
    with torch.no_grad():
        encoder(clip)
    found = attention_maps(encoder, clip, (CROP, CROP))
    assert seen[4].shape[1:] == (4, 14, 14)
    assert seen[5].shape[1:] == (2, 7, 7)
    for stage, length in ((4, 4), (5, 8)):  # frames that share a slice of time
        frames = []
        for frame in range(16):
            energy = torch.zeros(seen[stage].shape[2:])
            for channel in seen[stage]:
                energy += channel[frame // length] ** 2
            energy /= len(seen[stage])
            frames.append(functional.interpolate(energy[None, None], (CROP, CROP), mode="bicubic"))
        whole = torch.cat(frames)[:, 0]
        expected = (whole - whole.min()) / (whole.max() - whole.min())
        assert found[stage].shape == (1, 16, CROP, CROP)
        torch.testing.assert_close(found[stage][0], expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", BACKBONES)
def test_a_clip_with_a_moving_square_lights_up_from_nought_to_one(name: str) -> None:
    found = attention_maps(encoder_of(name), moving_square(), (128, 96))
    for maps in found.values():
        assert maps.shape == (1, 16, 128, 96)
        assert (maps.min(), maps.max()) == (0, 1)
        assert len(maps[0].flatten(1).unique(dim=0)) == len(
            set(nearest_slices(16, 4 if maps is found[4] else 2))
        )


def test_the_scale_is_that_of_each_clip_by_itself() -> None:
    encoder = encoder_of("r3d")
    clips = torch.cat([moving_square(), moving_square() // 4])
    both = attention_maps(encoder, clips, (28, 28), [4])[4]
    for number in range(2):
        alone = attention_maps(encoder, clips[number : number + 1], (28, 28), [4])[4]
        torch.testing.assert_close(both[number], alone[0], atol=1e-4, rtol=0)
        assert (both[number].min(), both[number].max()) == (0, 1)


def test_where_all_is_equally_strong_nothing_lights_up_and_nothing_is_divided_by_zero() -> None:
    encoder = encoder_of("c3d")
    for weights in encoder.parameters():
        torch.nn.init.zeros_(weights)
    found = attention_maps(encoder, moving_square(), (32, 32))
    assert all((maps == 0).all() for maps in found.values())


def test_slices_of_time_are_the_nearest_to_each_frame() -> None:
    for frames, slices in ((16, 4), (16, 2), (16, 16), (16, 1), (16, 5), (7, 3)):
        centres = (np.arange(slices) + 0.5) / slices
        times = (np.arange(frames) + 0.5) / frames
        distances = np.abs(centres[None] - times[:, None])
        found = nearest_slices(frames, slices)
        chosen = np.take_along_axis(distances, np.array(found)[:, None], axis=1)[:, 0]
        np.testing.assert_allclose(chosen, distances.min(axis=1))
    assert nearest_slices(16, 4) == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4
