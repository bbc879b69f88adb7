"""Augmentation: looks change, and by the pixels no label does."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from eruv.clips.spec import ClipSize, ClipSpec
from eruv.pretext import TASKS
from eruv.pretext.relation_settings import RelationSettings
from eruv.training.augmentation import (
    AugmentationSettings,
    augment,
    draw_looks,
    mix_in_background,
)
from segments_for_tests import segments_of

EVERYTHING = AugmentationSettings(photometric=0.5, flip=True, background=0.3)
SIZE = ClipSize(16, 16, 16)
FILMS = [[[96, 96], [96]], [[96]]]


def picture(video: int, frame: int) -> np.ndarray[Any, Any]:
    """A picture that names its video and frame: moderate colours, so that none is clipped."""
    generator = np.random.default_rng([video, frame])
    return generator.integers(100, 156, size=(16, 16, 3), dtype=np.uint8)


def render(clip: ClipSpec) -> Tensor:
    """Clip (T, H, W, 3) as a reader makes it."""
    frames = [picture(clip.video, number) for number in clip.frames]
    frames = [np.rot90(frame, clip.quarter_turns) for frame in frames]
    rows = [np.hsplit(row, 2) for frame in frames for row in np.vsplit(frame, 2)]
    tiles = [[*rows[2 * n], *rows[2 * n + 1]] for n in range(len(frames))]
    moved = [
        np.vstack([np.hstack([four[a], four[b]]), np.hstack([four[c], four[d]])])
        for four in tiles
        for a, b, c, d in [clip.tiles]
    ]
    return torch.from_numpy(np.stack(moved).copy())


def undo_looks(clip: Tensor, like: Tensor) -> float:
    """Largest error of the best colour change x A + b that turns one clip into another."""
    known = np.c_[like.reshape(-1, 3).double().numpy(), np.ones(like.numel() // 3)]
    target = clip.reshape(-1, 3).double().numpy()
    solution = np.linalg.lstsq(known, target, rcond=None)[0]
    return float(np.abs(known @ solution - target).max())


def shown(clip: Tensor, original: ClipSpec) -> ClipSpec:
    """Which of all ways to show the original's frames a clip is, up to one change of colours."""
    ways = [
        (mirrored, turns)
        for mirrored in (False, True)
        for turns in (range(4) if original.quarter_turns else (0,))
    ]
    errors = {}
    for mirrored, turns in ways:
        spec = ClipSpec(original.video, original.frames, original.offset, turns, original.tiles)
        frames = render(spec)
        if mirrored:
            frames = frames.flip(2)
        errors[turns] = min(errors.get(turns, np.inf), undo_looks(clip, frames))
    best = min(errors, key=lambda turns: errors[turns])
    assert errors[best] < 2.5, errors
    return ClipSpec(original.video, original.frames, original.offset, best, original.tiles)


@pytest.mark.parametrize(
    ("task", "name"), [(task, name) for task, kind in TASKS.items() for name in kind.text.classes]
)
@pytest.mark.parametrize("seed", range(4))
def test_each_label_is_still_true_by_the_pixels(task: str, name: str, seed: int) -> None:
    """Frames, their order and pace are found again in the pixels, and so is whether one is turned.

    A mirrored clip after k turns is the mirror image after -k turns, so that each of 90, 180 and
    270 degrees stays one of them; a clip that is not turned stays so.
    """
    kind = TASKS[task]
    settings: dict[str, Any] = {"settings": RelationSettings()} if kind.has_settings else {}
    drawn = kind(segments_of(FILMS), SIZE, **settings)
    label = drawn.classes.index(name)
    sample = drawn.sample(np.random.default_rng(seed), label)
    torch.manual_seed(seed)
    clips = torch.stack([render(clip) for clip in sample.clips])[None]
    looks = AugmentationSettings(photometric=0.5, flip=True)
    found = augment(clips, looks)[0]
    assert not torch.equal(found, clips[0])
    for clip, original in zip(found, sample.clips, strict=True):
        again = shown(clip, original)
        assert (again.quarter_turns != 0) == (original.quarter_turns != 0)


@given(seed=st.integers(0, 2**31))
def test_all_frames_of_a_clip_change_alike_and_clips_independently(seed: int) -> None:
    torch.manual_seed(seed)
    frame = torch.randint(90, 160, (8, 8, 3), dtype=torch.uint8)
    clips = frame.expand(2, 2, 16, 8, 8, 3).contiguous()
    found = augment(clips, EVERYTHING).flatten(0, 1)
    assert torch.equal(found, found[:, :1].expand_as(found))
    assert len({tuple(clip.flatten().tolist()) for clip in found}) > 1


def test_a_draw_is_a_function_of_the_seed_of_torch() -> None:
    clips = torch.randint(0, 256, (2, 2, 4, 8, 8, 3), dtype=torch.uint8)
    found = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        found.append(augment(clips, EVERYTHING))
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[2])


def test_what_is_off_changes_nothing() -> None:
    clips = torch.randint(0, 256, (2, 2, 4, 8, 8, 3), dtype=torch.uint8)
    before = clips.clone()
    assert torch.equal(augment(clips, AugmentationSettings()), before)
    augment(clips, EVERYTHING)
    assert torch.equal(clips, before)


def test_half_of_the_clips_are_mirrored_exactly() -> None:
    torch.manual_seed(0)
    clips = torch.randint(0, 256, (100, 2, 2, 8, 8, 3), dtype=torch.uint8)
    found = augment(clips, AugmentationSettings(flip=True)).flatten(0, 1)
    original = clips.flatten(0, 1)
    same = (found == original).flatten(1).all(1)
    mirrored = (found == original.flip(3)).flatten(1).all(1)
    assert torch.equal(same, ~mirrored)
    assert 70 < int(mirrored.sum()) < 130


def test_the_background_is_one_frame_of_the_clip_mixed_in_evenly() -> None:
    torch.manual_seed(0)
    pixels = torch.rand(20, 5, 7, 3)
    found = mix_in_background(pixels, 0.6)
    for before, after in zip(pixels, found, strict=True):
        # x' - (1 - p) x is the same in all frames, and p times one of them.
        shares = 1 - (after[1] - after[0]) / (before[1] - before[0])
        share = shares.median()
        torch.testing.assert_close(shares, share.expand_as(shares), atol=1e-2, rtol=0)
        assert -1e-5 <= share <= 0.6
        still = (after - (1 - share) * before)[0]
        errors = [(still - share * frame).abs().max() for frame in before]
        assert min(errors) < 1e-4


def test_grey_keeps_its_hue_and_brightness_is_that_of_the_clip() -> None:
    torch.manual_seed(0)
    grey = torch.rand(50, 4, 6, 1).expand(50, 4, 6, 3) * 255
    matrices, offsets = draw_looks(grey, 1.0)
    found = grey.flatten(1, 2) @ matrices + offsets
    torch.testing.assert_close(found[..., :1].expand_as(found), found, atol=1e-2, rtol=0)
    ratio = found.mean((1, 2)) / grey.mean((1, 2, 3))
    assert 0.6 <= ratio.min() < 0.7
    assert 1.3 < ratio.max() <= 1.4


@pytest.mark.parametrize(
    "wrong", [{"photometric": 1.1}, {"photometric": -0.1}, {"background": 1.0}]
)
def test_a_strength_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be a .* in .*; got"):
        AugmentationSettings(**wrong)
